"""Times as Odoo spells them, and when a record was made and changed."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=10_000)
def text(at: float) -> str:
    """A time as Odoo spells it: UTC, to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def stamps(created: float, written: float) -> dict[str, str]:
    """The fields that say when a record was made and changed last."""
    return {"create_date": text(created), "write_date": text(written)}
