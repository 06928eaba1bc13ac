"""A migration may be killed at any of its statements: the next start makes it whole, and nothing of the rows is lost."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from engine.store.version import MIGRATIONS, newest

ROOT = Path(__file__).parents[2]
KILLED_AT_EACH_STATEMENT = """
import hashlib, json, os, shutil, sys
from alembic import command
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from engine.model.clock import SystemClock
from engine.store.examine import examine
from engine.store.migrate import alembic_config
from engine.store.session import Store
from engine.store.sqlite import prepare_file, sqlite_engine
from pathlib import Path

revision, folder = sys.argv[1], Path(sys.argv[2])
old, trial = folder / "old.db", folder / "trial.db"
prepare_file(old)
engine = sqlite_engine(old, writing=True)
with engine.begin() as tx:
    command.upgrade(alembic_config(tx), revision)
at = "'2026-03-01 12:00:00.000000'"
states = ("pending", "in_flight", "uncertain", "held", "succeeded", "retry_scheduled", "dead_lettered")
with engine.begin() as tx:
    for number in range(1, 50):
        tx.execute(text(
            "INSERT INTO work (id, connection, kind, key, lane, state, reason, attempt, crash_count, epoch, again, in_doubt,"
            f" version, cause, remedy, code, log, created_at, changed_at) VALUES ({number}, 'main', 'order', 'o{number}', 1,"
            f" '{states[number % 7]}', 'r', 0, 0, 1, 0, 0, 0, '', '', '', '', {at}, {at})"))
        tx.execute(text(
            "INSERT INTO effect (connection, work_id, remote, op, ext_ref, key, fingerprint, body, outcome, evidence, created_at)"
            f" VALUES ('main', {number}, 'back_office', 'create', 'o{number}', 'k', 'f', 'b', 'none', '', {at})"))
engine.dispose()

def rows(path):
    store = Store.open(f"sqlite:///{path}", clock=SystemClock())
    try:
        store.read_sync(examine)
        found = store.read_sync(lambda tx: [
            [tuple(map(str, row)) for row in tx.execute(text(f"SELECT * FROM {name} ORDER BY id"))] for name in ("work", "effect")
        ])
        names = store.read_sync(lambda tx: sorted(row[0] for row in tx.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))))
        return hashlib.sha256(json.dumps([found, names]).encode()).hexdigest()
    finally:
        store.close()

def again():
    for end in ("", "-wal", "-shm"):
        Path(f"{trial}{end}").unlink(missing_ok=True)
    shutil.copyfile(old, trial)

again()
wanted = rows(trial)
kills, statement = 0, 0
while True:
    statement += 1
    again()
    child = os.fork()
    if child == 0:
        seen = 0

        @event.listens_for(Engine, "after_cursor_execute")
        def die(*_):
            global seen
            seen += 1
            if seen == statement:
                os._exit(9)

        Store.open(f"sqlite:///{trial}", clock=SystemClock())
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) == 0:
        break
    kills += 1
    assert rows(trial) == wanted, statement
print(json.dumps({"kills": kills}))
"""


@pytest.mark.parametrize(
    "revision", ["0016", *(pytest.param(old, marks=pytest.mark.long) for old in ("0001", "0003"))]
)
def test_a_migration_killed_at_any_statement_is_made_whole_by_the_next_start(
    tmp_path: Path, revision: str
) -> None:
    said = subprocess.run(
        [sys.executable, "-c", KILLED_AT_EACH_STATEMENT, revision, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr[-2000:]
    assert json.loads(said.stdout)["kills"] > 10


def test_the_newest_version_is_told_by_the_names_of_the_files() -> None:
    """Which is all that a start looks at."""
    assert newest() == ScriptDirectory(str(MIGRATIONS)).get_current_head()
