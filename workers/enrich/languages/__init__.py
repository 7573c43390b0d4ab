"""The languages that are read: models, word forms, word lists."""
