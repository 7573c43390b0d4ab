"""Stages for facts: money, quantities, dates, events."""
