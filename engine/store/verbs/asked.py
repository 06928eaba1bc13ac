"""What an operator asked of records that wait for a person, done for one record after the other."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select

from engine.model.ids import WorkId
from engine.store.rows import Command
from engine.store.tables import work
from engine.store.verbs.aside import try_again
from engine.store.verbs.marks import assign, forget_marks, park, tag, unpark
from engine.store.verbs.person import resolve

Target = tuple[WorkId, int | None]
"""A record, and the version at which somebody saw it; None to act on whatever it is."""


def _retry(tx: Connection, work_id: WorkId, _: str, *, operator: str, now: datetime) -> bool:
    done = try_again(tx, work_id, operator=operator, now=now)
    if done:
        forget_marks(tx, work_id)
    return done


def _resolve(tx: Connection, work_id: WorkId, why: str, *, operator: str, now: datetime) -> bool:
    done = resolve(tx, work_id, operator=operator, note=why, now=now)
    if done:
        forget_marks(tx, work_id)
    return done


VERBS: dict[str, Callable[..., bool]] = {
    "retry": _retry,
    "resolve": _resolve,
    "park": park,
    "unpark": unpark,
    "assign": assign,
    "tag": tag,
}
DONE = {
    "retry": "tried again",
    "resolve": "resolved",
    "park": "parked",
    "unpark": "taken up again",
    "assign": "assigned",
    "tag": "tagged",
}


def args_of(targets: Sequence[Target], value: str) -> str:
    """The arguments of a command as they are stored."""
    return orjson.dumps(
        {"works": [[int(work_id), seen] for work_id, seen in targets], "value": value}
    ).decode()


def targets_of(command: Command) -> tuple[tuple[Target, ...], str]:
    """The records of a command and its value."""
    args: Any = orjson.loads(command.args_json)
    return tuple((WorkId(int(number)), seen) for number, seen in args["works"]), str(args["value"])


def do(
    tx: Connection, verb: str, targets: Sequence[Target], value: str, operator: str, now: datetime
) -> tuple[int, int]:
    """(done, left alone because it changed since it was seen or no longer waits).

    In the order of their numbers: two people who act on the same records wait for each other, and none gives way.
    """
    done = 0
    for work_id, seen in sorted(targets, key=lambda target: target[0]):
        if seen is not None:
            version = tx.execute(
                select(work.c.version).where(work.c.id == work_id).with_for_update()
            ).scalar()
            if version != seen:
                continue
        done += VERBS[verb](tx, work_id, value, operator=operator, now=now)
    return done, len(targets) - done
