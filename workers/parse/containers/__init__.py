"""Files that hold documents: archives, web archives, feeds, lists, envelopes."""
