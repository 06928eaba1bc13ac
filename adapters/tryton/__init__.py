"""Tryton 8.2 as a back office."""
