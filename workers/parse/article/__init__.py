"""What a news text is, whatever it came in: head, dateline, byline, sections, captions, notices."""
