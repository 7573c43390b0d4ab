"""The parts of a news text, whatever its format: head, dateline, byline, sections, captions, notices."""
