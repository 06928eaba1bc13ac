"""Errors of the database, named by what has to happen next.

SQLite: result codes, https://www.sqlite.org/rescode.html (the low byte is the primary code). PostgreSQL: SQLSTATE,
https://www.postgresql.org/docs/current/errcodes-appendix.html.
"""

from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from engine.store.trouble import StoreBroken, StoreBusy, StoreTrouble

ITSELF = "TrueUp goes on by itself as soon as it can."
LOCKED = ("Another program keeps the database locked.", f"End what holds it (a backup, a shell). {ITSELF}")
FULL = ("There is no room left where the database is.", f"Free disk space there. {ITSELF}")
READ_ONLY = (
    "The database cannot be written: it is read-only.",
    f"Make its disk or server writable again. {ITSELF}",
)
UNOPENED = ("The database file cannot be opened.", f"Check its folder and its permissions. {ITSELF}")
AWAY = ("The database server does not answer.", f"Start it, or mend the network to it. {ITSELF}")
FAILED_DISK = (
    "The disk under the database failed to read or write.",
    "Check the disk, then start TrueUp again: it looks the database over before it acts.",
)
DAMAGED = (
    "The database is damaged.",
    "Do not write to it; restore the newest backup (trueup restore) and start again.",
)
NOT_ONE = (
    "The file is not a SQLite database.",
    "Check store.url; if it was one, restore the newest backup (trueup restore).",
)

K = TypeVar("K", int, str)
Words = tuple[str, str]
_SQLITE_BUSY: dict[int, Words] = {5: LOCKED, 6: LOCKED, 8: READ_ONLY, 13: FULL, 14: UNOPENED}
_SQLITE_BROKEN: dict[int, Words] = {10: FAILED_DISK, 11: DAMAGED, 26: NOT_ONE}
_SQLITE_SAID = {
    "locked": 5,
    "readonly": 8,
    "disk I/O error": 10,
    "malformed": 11,
    "full": 13,
    "unable to open": 14,
    "not a database": 26,
}
"""For a driver that gives no code."""
_SERVER_BUSY: dict[str, Words] = {
    "40001": LOCKED, "40P01": LOCKED, "55P03": LOCKED, "57014": LOCKED, "53100": FULL, "25006": READ_ONLY,
    "53200": AWAY, "53300": AWAY, "57P01": AWAY, "57P02": AWAY, "57P03": AWAY, "57P05": AWAY, "25P03": AWAY,
}  # fmt: skip
_SERVER_BROKEN: dict[str, Words] = {"58030": FAILED_DISK, "XX001": DAMAGED, "XX002": DAMAGED}


def named(error: DBAPIError) -> StoreTrouble | None:
    """The failure behind an error of the database; None for one that is a defect of ours."""
    origin = error.orig
    state = getattr(origin, "sqlstate", None)
    if state is not None:
        return _named(str(state), _SERVER_BUSY, _SERVER_BROKEN) or _cut(str(state))
    if type(origin).__module__.startswith("psycopg"):
        lost = error.connection_invalidated or type(origin).__name__ == "OperationalError"
        return StoreBusy(*AWAY) if lost else None
    return None if origin is None else sqlite_fault(origin)


def wrote(error: DBAPIError) -> bool:
    """On a reader: the query tried to write, which is a defect of ours and no fault of the disk."""
    trouble = named(error)
    return trouble is not None and trouble.cause == READ_ONLY[0]


def waited(error: BaseException | None) -> bool:
    """It took as long as a lock or a server is waited for; whatever is tried next would wait as long."""
    trouble = named(error) if isinstance(error, DBAPIError) else None
    return trouble is not None and trouble.cause in (LOCKED[0], AWAY[0])


def sqlite_fault(origin: BaseException) -> StoreTrouble | None:
    """The failure behind an error of SQLite's own driver; None for a defect of ours."""
    code = getattr(origin, "sqlite_errorcode", None)
    if code is None:
        said = str(origin)
        code = next((code for words, code in _SQLITE_SAID.items() if words in said), 0)
    return _named(int(code) & 0xFF, _SQLITE_BUSY, _SQLITE_BROKEN)


def _named(code: K, busy: Mapping[K, Words], broken: Mapping[K, Words]) -> StoreTrouble | None:
    if code in broken:
        return StoreBroken(*broken[code])
    return StoreBusy(*busy[code]) if code in busy else None


def _cut(state: str) -> StoreTrouble | None:
    """Class 08 is the connection itself."""
    return StoreBusy(*AWAY) if state.startswith("08") else None
