"""Paidan: which warehouse and which team fulfils each order, and why."""

__version__ = "0.1.0"
