"""What the table definitions share: one MetaData for both databases, and columns that are never NULL."""

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Text, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def partial(name: str, *columns: Column[object], where: str, unique: bool = False) -> Index:
    """An index over the rows that fulfil `where`."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def words(name: str, default: str | None = "") -> Column[str]:
    """A text column that is never NULL."""
    return Column(name, Text, nullable=False, server_default=default)


def count(name: str, default: str = "0") -> Column[int]:
    """A whole number that is never NULL."""
    return Column(name, Integer, nullable=False, server_default=default)


def flag(name: str) -> Column[bool]:
    """Yes or no, never NULL; no at first."""
    return Column(name, Boolean, nullable=False, server_default=text("false"))


def connection(**kw: bool) -> Column[str]:
    """The connection a row belongs to."""
    return Column("connection", Text, nullable=False, **kw)  # type: ignore[arg-type]
