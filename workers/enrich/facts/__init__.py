"""Figures and deeds: money, quantities, dates, events."""
