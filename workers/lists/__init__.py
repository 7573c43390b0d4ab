"""Watch lists: compare the names in documents with the names on lists."""
