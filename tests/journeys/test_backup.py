"""A backup is taken while orders come in; back at it, TrueUp finds by reference what was created since."""

import sqlite3
import subprocess
from pathlib import Path

import pytest

from console.world.world import World
from tests.journeys.daemon import TRUEUP, Daemon, to_stderr, until
from tests.journeys.test_killed_daemon import assert_zeros


def trueup(*words: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([TRUEUP, *map(str, words)], capture_output=True, text=True, check=False)


@pytest.mark.long
def test_orders_booked_after_the_backup_are_found_and_not_booked_again(tmp_path: Path) -> None:
    world, copy = (
        World.start(tmp_path, orders_per_minute=120.0, webhook_faults="none", skus=6),
        tmp_path / "b.db",
    )
    config = ("--config", world.config)

    def booked() -> set[str]:
        return {str(one["ref"]) for one in world.erp.state()["documents"] if one["ref"]}

    def created(store: Path) -> set[str]:
        with sqlite3.connect(store) as asked:
            return {row[0] for row in asked.execute("SELECT ext_ref FROM effect WHERE op = 'create'")}

    # while no engine runs both sides sell the same units: of these there is enough for both
    for shelf in world.erp.state()["shelves"]:
        more = {"sku": shelf["sku"], "warehouse": shelf["warehouse"], "quantity": 500}
        assert world.erp.ask("receipt", more) is not None
    try:
        to_stderr(world.config)
        with Daemon(world.config) as daemon:
            daemon.says("leading")
            until(lambda: len(booked()) > 3, "orders are booked")
            taken = trueup("backup", *config, copy)
            assert (taken.returncode, "whole" in taken.stdout) == (0, True), taken.stderr
            again = trueup("backup", *config, copy)
            assert (again.returncode, "exists already" in again.stderr) == (2, True)
            with sqlite3.connect(copy) as asked:
                known = {row[0] for row in asked.execute("SELECT ext_ref FROM xref WHERE kind = 'order'")}
            until(lambda: len(booked() - known) > 3, "more orders are booked")
            refused = trueup("restore", *config, copy)
            assert (refused.returncode, "An engine works" in refused.stderr) == (1, True)
            daemon.process.kill()
        since = booked() - known
        back = trueup("restore", *config, copy)
        assert (back.returncode, "is kept as" in back.stdout) == (0, True), back.stderr
        with Daemon(world.config) as daemon:
            world.stop_buyers()
            assert world.settle(90), world.report()
            assert daemon.stop() == 0
        assert_zeros(world.report())
        with sqlite3.connect(tmp_path / "trueup.db") as asked:
            linked = {row[0] for row in asked.execute("SELECT ext_ref FROM xref WHERE kind = 'order'")}
            conflicts = asked.execute("SELECT count(*) FROM stock WHERE pos > 0").fetchone()[0]
        # of those under way when the backup was taken, it says that they were to be created
        assert since and not since & (created(tmp_path / "trueup.db") - created(copy))
        assert since <= linked
        assert conflicts == 0
        assert trueup("audit", "verify", *config).returncode == 0
    finally:
        world.stop()


def test_a_damaged_backup_is_refused_and_the_store_stays(tmp_path: Path) -> None:
    world = World.start(tmp_path, orders_per_minute=0.0, webhook_faults="none", skus=6)
    world.stop()
    config, copy = ("--config", world.config), tmp_path / "b.db"
    nothing = trueup("backup", *config, copy)
    assert (nothing.returncode, "There is no store" in nothing.stderr) == (2, True)
    assert not (tmp_path / "trueup.db").exists()
    assert trueup("status", *config).returncode in (0, 1)
    assert trueup("backup", *config, copy).returncode == 0
    before = (tmp_path / "trueup.db").read_bytes()
    whole = bytearray(copy.read_bytes())
    for at in range(8 * 4096, len(whole), 4096):
        whole[at : at + 64] = b"\xa5" * 64
    copy.write_bytes(whole)
    said = trueup("restore", *config, copy)
    assert said.returncode != 0
    assert "damaged" in said.stderr
    assert (tmp_path / "trueup.db").read_bytes() == before
    assert trueup("restore", *config, tmp_path / "none.db").returncode == 2
    other = trueup("restore", *config, world.config)
    assert (other.returncode, "is not a SQLite database" in other.stderr) == (2, True)
    assert not list(tmp_path.glob("*.restoring*"))
