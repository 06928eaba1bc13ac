"""Cross references: which record over there is this one."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from engine.store.tables import xref
from engine.store.upsert import insert
from engine.store.verbs.ledger import append

_FOUND = select(xref.c.ext_ref, xref.c.remote_id).where(
    xref.c.connection == bindparam("of_connection"),
    xref.c.kind == bindparam("of_kind"),
    xref.c.ext_ref.in_(bindparam("of_refs", expanding=True)),
)


def link(tx: Connection, connection: str, kind: str, ext_ref: str, remote_id: str, now: datetime) -> None:
    """Remember the remote's id of one of our records; a newer one replaces it."""
    known = find(tx, connection, kind, [ext_ref]).get(ext_ref)
    if known == remote_id:
        return
    statement = insert(tx, xref).values(
        connection=connection, kind=kind, ext_ref=ext_ref, remote_id=remote_id, linked_at=now
    )
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["connection", "kind", "ext_ref"], set_={"remote_id": remote_id, "linked_at": now}
        )
    )
    detail = f"{kind} {remote_id}" if known is None else f"{kind} {remote_id}, was {known}"
    append(tx, connection, "linked", ext_ref, now, detail=detail)


def find(tx: Connection, connection: str, kind: str, ext_refs: Collection[str]) -> dict[str, str]:
    """Remote ids by reference; what is not linked is left out."""
    rows = tx.execute(_FOUND, {"of_connection": connection, "of_kind": kind, "of_refs": list(ext_refs)})
    return {row.ext_ref: row.remote_id for row in rows}
