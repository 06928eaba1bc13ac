"""Secrets are told neither by a database that repeats a login nor on any screen, whatever a remote says back."""

import contextlib
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from adapters.sql.back_office import SqlBackOffice
from adapters.sql.sandbox.statements import STATEMENTS
from console.world.world import World
from engine.model import hidden
from engine.model.clock import SystemClock
from engine.model.failure import Failure
from engine.model.hidden import conceal
from tests.hostile.authority import DAY, NOW, Authority
from tests.hostile.database_doors import REFUSED, door
from tests.hostile.test_database_tls import shows, told
from tests.terminal import Terminal

CANARY = "canary-7f3e/Zq+81=x-y"
TRUEUP = str(Path(sys.executable).with_name("trueup"))
CRUMBS = {
    "1": "1 Pulse", "2": "2 Stock", "3": "3 Sync", "4": "4 Failed", "5": "5 Orders", "6": "6 Risk", "7": "7 Fields", "8": "8 Logs", "9": "9 Audit", "0": "0 Plans",
}  # fmt: skip


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hidden, "_lasting", set())
    monkeypatch.setattr(hidden, "_known", hidden._Known())


@pytest.mark.parametrize("concealed", [True, False])
@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
async def test_a_database_that_repeats_the_password_tells_nobody(
    kind: str, concealed: bool, forgotten: None, tmp_path: Path
) -> None:
    """Without concealing it would: the test can fail."""
    if concealed:
        conceal(CANARY)
    ours = Authority(tmp_path, "ours")
    driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[kind]
    with door(kind, shows(ours.certificate("localhost", NOW + DAY))) as server:
        server.says = f"{REFUSED} trueup by {CANARY}"
        url = f"{driver}://trueup:open@localhost:{server.port}/stock"
        office = SqlBackOffice(url, STATEMENTS, clock=SystemClock(), connect=told(kind, ours))
        try:
            with pytest.raises(Failure) as failed:
                await office.warehouses()
        finally:
            await office.aclose()
    said = f"{failed.value!r} {failed.value.cause} {failed.value.log}"
    assert REFUSED in said
    assert (CANARY in said) is not concealed
    if concealed:  # a traceback is hidden in the finished line of the log, not here
        assert CANARY in "".join(traceback.format_exception(failed.value))


class Repeats(BaseHTTPRequestHandler):
    """A shop that refuses everything and says back all that it was sent."""

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        said = json.dumps({"errors": f"no: {dict(self.headers)} {sent}"}).encode()
        self.send_response(401)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        pass  # nobody reads it


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Repeats)
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    running.start()
    yield server
    server.shutdown()
    server.server_close()


def test_no_screen_shows_a_secret_that_a_shop_repeats(
    tmp_path: Path, shop: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUEUP_SECRETS__MAIN__SHOP_ACCESS_TOKEN", CANARY)
    world = World.start(tmp_path, orders_per_minute=0.0, webhook_faults="none", skus=2)
    try:
        there = world.config.read_text(encoding="utf-8")
        nasty = there.replace(world.shop.control, f"http://127.0.0.1:{shop.server_port}")
        world.config.write_text(nasty, encoding="utf-8")
        console = Terminal(TRUEUP, "--config", str(world.config), "--rw")
        try:
            seen = console.until("not accept our key")
            for key, crumb in CRUMBS.items():
                console.press(key)
                seen += console.until(crumb)
            assert console.end() == 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(console.pid, signal.SIGKILL)
    finally:
        world.stop()
    assert "canary" not in seen
    kept = b"".join((tmp_path / name).read_bytes() for name in ("trueup.db", "trueup.log"))
    assert b"not accept our key" in kept
    assert b"canary" not in kept
