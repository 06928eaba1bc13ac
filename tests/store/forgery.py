"""What no verb does."""

from typing import Any

from sqlalchemy import text


def forge(tx: Any, statement: str) -> None:
    """Carry out a statement on the ledger; the triggers that forbid it are put aside as an attacker would."""
    if tx.dialect.name == "sqlite":
        for (name,) in tx.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger'")
        ).all():
            tx.execute(text(f"DROP TRIGGER {name}"))
    else:
        tx.execute(text("ALTER TABLE ledger DISABLE TRIGGER USER"))
    tx.execute(text(statement))
