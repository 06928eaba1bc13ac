"""Translates what databases raise into what has to happen next. The only place that reads database errors."""

from typing import Final

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.model.failure import Failure, Misset, OutcomeUnknown, Refused, TryLater

_BY_STATE: Final[tuple[tuple[str, type[Failure]], ...]] = (
    ("40003", OutcomeUnknown),
    ("40", TryLater),
    ("53", TryLater),
    ("55", TryLater),
    ("57014", TryLater),
    ("22", Refused),
    ("23", Refused),
    ("44", Refused),
    ("P0", Refused),
    ("45", Refused),
    ("28", Misset),
    ("3D", Misset),
    ("3F", Misset),
    ("42", Misset),
)
"""SQLSTATE prefixes, longest first where they overlap."""

_BY_TEXT: Final[tuple[tuple[str, type[Failure]], ...]] = (
    ("locked", TryLater),
    ("busy", TryLater),
    ("disk is full", TryLater),
    ("no such", Misset),
    ("has no column", Misset),
    ("syntax error", Misset),
    ("unable to open", Misset),
    ("readonly", Misset),
    ("query only", Misset),
    ("not a database", Misset),
    ("authentication failed", Misset),
    ("does not exist", Misset),
)
"""For drivers that give no SQLSTATE."""

_BY_NUMBER: Final[dict[int, type[Failure]]] = {
    **dict.fromkeys((1205, 1213, 1040, 1203, 1317, 3024, 1020, 1021, 1969), TryLater),
    **dict.fromkeys((1022, 1048, 1062, 1216, 1217, 1364, 1451, 1452, 1586, 3819, 4025, 1264, 1366, 1406, 1644), Refused),
    **dict.fromkeys((1044, 1045, 1049, 1054, 1064, 1142, 1143, 1146, 1227, 1290, 1305, 1356, 1370, 1698), Misset),
}  # fmt: skip
"""Error numbers of MariaDB and MySQL, whose drivers give no SQLSTATE: locks, deadlocks, too many connections, a query
cut short, a full disk · keys, constraints, values and a trigger's SIGNAL · rights, names and syntax."""

_NOBODY: Final = (
    "connection refused", "connection failed", "can't connect", "could not connect", "unable to connect",
    "resolve host", "translate host", "name or service not known", "timeout expired", "no route to host",
)  # fmt: skip
"""How drivers say that nobody answered (psycopg, mysqlclient and PyMySQL, pyodbc)."""

_FULL: Final = ("too many connections", "max_user_connections", "remaining connection slots")
"""How PostgreSQL, MariaDB and MySQL say that there is no connection left."""

_REMEDY: Final[dict[type[Failure], str]] = {
    TryLater: "Nothing to do: it is tried again by itself.",
    Refused: "Change the order or what the database refuses, then retry.",
    Misset: "Correct the back office settings of this connection, then run trueup check.",
    OutcomeUnknown: "Nothing to do: it is looked up before it is tried again.",
}
_CODE: Final[dict[type[Failure], str]] = {
    TryLater: "sql.busy",
    Refused: "sql.refused",
    Misset: "sql.misset",
    OutcomeUnknown: "sql.unknown",
}


def translate(error: SQLAlchemyError, *, committing: bool = False) -> Failure:
    """The failure an error stands for; `committing` says that the commit had been sent."""
    text = said(error)
    kind = _kind(error, text.lower(), committing=committing)
    if kind is TryLater and _untrusted(text.lower()):
        return Misset(
            f"The certificate of the back office database is not trusted: {text}",
            "Name the authority that signed it to the driver (sslrootcert, ssl_ca), or correct the server's name in the "
            "address; see docs/install.md.",
            code="sql.certificate",
            log=f"{type(error).__name__}: {text}",
        )
    if kind is TryLater and not _full(text) and _unreachable(error, text.lower()):
        return TryLater(
            f"The back office database cannot be reached: {text}",
            "Start it, or correct its address under [connections.back_office]; it is tried again by itself.",
            code="sql.away",
            log=f"{type(error).__name__}: {text}",
        )
    if kind is TryLater and _full(text):
        return TryLater(
            f"The back office database has no connection left for TrueUp: {text}",
            "Raise the limit of the server or of TrueUp's user there: TrueUp opens six connections. It is tried again "
            "by itself.",
            code="sql.full",
            log=f"{type(error).__name__}: {text}",
        )
    cause = text if kind is Refused else f"{_LEAD[kind]}: {text}"
    return kind(cause, _REMEDY[kind], code=_CODE[kind], log=f"{type(error).__name__}: {text}")


_LEAD: Final[dict[type[Failure], str]] = {
    TryLater: "The back office database is busy or away",
    Misset: "The back office database does not accept these settings",
    OutcomeUnknown: "The connection was lost while the back office database was committing",
}


def _full(text: str) -> bool:
    return any(word in text.lower() for word in _FULL)


def _untrusted(text: str) -> bool:
    """The driver did not take the server's certificate (psycopg says so after libpq, PyMySQL after OpenSSL)."""
    refused = "certificate" in text and ("verify" in text or "match" in text)
    return refused or "signature failure" in text  # an authority of the same name signed it


def _unreachable(error: SQLAlchemyError, text: str) -> bool:
    """Nobody answered at all: it is not running, or the address is wrong. Only drivers without SQLSTATE say so."""
    state = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None)
    return not state and any(word in text for word in _NOBODY)


def said(error: SQLAlchemyError) -> str:
    """The database's own words, first line, without our statement and its values."""
    origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(origin).strip().splitlines()
    return (lines[0] if lines else type(origin).__name__)[:300]


def _kind(error: SQLAlchemyError, text: str, *, committing: bool) -> type[Failure]:
    if isinstance(error, PoolTimeout):
        return TryLater
    if not isinstance(error, DBAPIError):
        return Misset
    state = str(getattr(error.orig, "sqlstate", None) or "")
    lost = error.connection_invalidated or state.startswith(("08", "57P"))
    if lost:
        return OutcomeUnknown if committing else TryLater
    number = next(iter(getattr(error.orig, "args", ())), None)
    if not state and type(number) is int and number in _BY_NUMBER:
        return _BY_NUMBER[number]
    for prefix, kind in _BY_STATE:
        if state.startswith(prefix):
            return kind
    if isinstance(error, IntegrityError | DataError):
        return Refused
    for word, kind in _BY_TEXT:
        if word in text:
            return kind
    if isinstance(error, ProgrammingError):
        return Misset
    return OutcomeUnknown if committing else TryLater
