"""Tryton 8.2 as a back office."""

from adapters.tryton.back_office import TrytonBackOffice

__all__ = ["TrytonBackOffice"]
