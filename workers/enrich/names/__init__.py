"""Stages for names: entities, their roles, places."""
