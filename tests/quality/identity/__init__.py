"""Measure how well the rules find who is who, on a marked set of people."""
