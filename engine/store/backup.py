"""Backups of a SQLite store: taken while it is in use, proven before they are called one, put back whole or not at all."""

from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from engine.model.clock import Clock
from engine.store.examine import examine
from engine.store.faults import NOT_ONE, sqlite_fault
from engine.store.kept import SIDES, put_aside
from engine.store.session import Store
from engine.store.sqlite import driver, prepare_file
from engine.store.trouble import StoreTrouble
from engine.store.verbs.ledger import verify
from engine.store.verbs.restored import restored

OURS = "Name a file that trueup backup wrote."


def back_up(url: str, target: Path, clock: Clock) -> None:
    """Copy the store at this address into a new file and prove the copy.

    Raises StoreTrouble when there is no store, when the file exists, and when the copy does not hold.
    """
    draft, place = target.with_name(f"{target.name}.unfinished"), _place(url, "Use pg_dump.")
    if not place.exists():
        raise StoreTrouble(f"There is no store at {place}.", "Check store.url in the configuration.")
    if target.exists():
        raise StoreTrouble(f"{target} exists already.", "Name a new file.")
    _remove(draft)
    try:
        _copy(place, draft)
        proven(draft, clock)
        draft.rename(target)
    finally:
        _remove(draft)


def proven(file: Path, clock: Clock) -> None:
    """Raise StoreTrouble unless every page and every line of the ledger is in order."""
    copy = Store.open(f"sqlite:///{file}", clock=clock)
    try:
        copy.read_sync(examine)
        if copy.read_sync(verify) is not None:
            raise StoreTrouble(f"The ledger in {file} is not whole.", "Use another backup.")
    finally:
        copy.close()


def put_back(backup: Path, url: str, clock: Clock) -> Path | None:
    """Make a backup the store of this address; where the store that was there is kept, None when there was none.

    Nobody may use the store meanwhile: the caller holds the engine's lock.
    """
    place = _place(url, "Use pg_restore.")
    if not backup.is_file():
        raise StoreTrouble(f"There is no file {backup}.", OURS)
    now, draft = clock.now(), place.with_name(f"{place.name}.restoring")
    _remove(draft)
    try:
        try:
            _copy(backup, draft)
        except StoreTrouble as trouble:
            if trouble.cause == NOT_ONE[0]:
                raise StoreTrouble(f"{backup} is not a SQLite database.", OURS) from trouble
            raise
        proven(draft, clock)
        store = Store.open(f"sqlite:///{draft}", clock=clock)
        try:
            store.write_sync(restored, str(backup), now)
        finally:
            store.close()
        kept = put_aside(place, now)
        draft.rename(place)
    finally:
        _remove(draft)
    return kept


def _place(url: str, instead: str) -> Path:
    """The file of a store; StoreTrouble for one that lives on a server."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise StoreTrouble("A PostgreSQL store is not copied from here.", instead)
    return Path(str(parsed.database))


def _copy(source: Path, target: Path) -> None:
    """Copy a database while others use it; the source is only read. Raises StoreTrouble."""
    prepare_file(target)
    module = driver()
    try:
        with (
            closing(module.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as here,
            closing(module.connect(str(target))) as copy,
        ):
            here.backup(copy)
    except module.DatabaseError as error:
        raise sqlite_fault(error) or error from error


def _remove(file: Path) -> None:
    for side in SIDES:
        Path(f"{file}{side}").unlink(missing_ok=True)
