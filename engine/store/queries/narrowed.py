"""The filter language and the sort order of lists, as SQL."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Numeric, Select, String, and_, cast, func, literal, not_, or_
from sqlalchemy.sql.elements import ColumnElement

from engine.model.wish import Term, moment, number, parse
from engine.store.columns import Amount, UtcTime

Fields = Mapping[str, ColumnElement[Any]]
NEVER = literal(1) == literal(0)


def narrowed(
    query: Select[Any], wish: str, fields: Fields, free: Collection[ColumnElement[Any]], now: datetime
) -> Select[Any]:
    """The query with every condition of the filter; free text is sought in `free`, whatever the case."""
    return query.where(*(condition(term, fields, free, now) for term in parse(wish, fields)))


def ordered(
    tx: Connection, query: Select[Any], fields: Fields, sort: str, *, descending: bool
) -> Select[Any]:
    """The query sorted by one of the fields; unchanged when it is none of them."""
    column = fields.get(sort)
    if column is None:
        return query
    if isinstance(column.type, Amount):
        column = _exact(column)
    elif isinstance(column.type, String):
        column = bytewise(tx, column)
    return query.order_by(column.desc().nulls_last() if descending else column.asc().nulls_last())


def bytewise(tx: Connection, column: ColumnElement[str]) -> ColumnElement[str]:
    """An order that is the same on both databases, whatever the collation of PostgreSQL."""
    return column.collate("C") if tx.dialect.name == "postgresql" else column


def condition(
    term: Term, fields: Fields, free: Collection[ColumnElement[Any]], now: datetime
) -> ColumnElement[bool]:
    """One condition of a filter; a row of which the field is unknown fulfils only its opposite."""
    if not term.field:
        found: ColumnElement[bool] = or_(*(_contains(column, term.value) for column in free))
    else:
        found = _of_field(term, fields[term.field], now)
    return not_(func.coalesce(found, NEVER)) if term.negated else found


def _of_field(term: Term, column: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    kind = column.type
    if isinstance(kind, UtcTime):
        at = moment(term.value, now)
        if at is None:
            return NEVER
        bound = literal(at, UtcTime())
        return column < bound if term.op == "<" else column > bound
    if isinstance(kind, String):
        return _contains(column, term.value)
    wanted = number(term.value)
    if wanted is None:
        return NEVER
    exact = _exact(column) if isinstance(kind, Amount) else column
    figure = cast(literal(format(wanted, "f"), String()), Numeric(24, 6))
    if term.op == ":":
        return exact == figure
    return exact < figure if term.op == "<" else exact > figure


def _contains(column: ColumnElement[Any], sought: str) -> ColumnElement[bool]:
    return and_(column.is_not(None), func.lower(column).contains(sought.lower(), autoescape=True))


def _exact(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """An amount kept as text, as a number to compare by."""
    return cast(cast(column, String()), Numeric(24, 6))
