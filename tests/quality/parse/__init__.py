"""Measure how well the parser reads: cases with a copy editor's marks, builders, a scorer, a report."""
