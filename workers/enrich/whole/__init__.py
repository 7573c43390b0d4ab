"""Stages for the whole document: language, keywords, summary, topics, terms, story."""
