"""Stages for speech: quotes, statements, credits."""
