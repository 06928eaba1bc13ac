"""What a verb is handed: an open transaction. Flows pass it from verb to verb and know nothing else about it."""

from sqlalchemy import Connection as Tx

__all__ = ["Tx"]
