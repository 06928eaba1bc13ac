"""A new version is started while webhooks arrive: the address stays open, and whoever calls meanwhile is answered."""

import base64
import hashlib
import hmac
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from console.assembly import open_store
from console.settings import load
from engine.model.clock import SystemClock
from tests.cli.test_command_line import CONFIG

SECRET = "only-this-signs"
PATIENCE = 60.0
HANDS_OVER = """
import os, sys
number, many, *words = sys.argv[1:]
os.dup2(int(number), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=many)
os.execv(words[0], words)
"""


@contextmanager
def version(config: Path, door: socket.socket, handed: str = "1") -> Iterator["subprocess.Popen[str]"]:
    """`trueup listen` as systemd starts it: the socket is number 3, and meant for this process alone."""
    program, number = str(Path(sys.executable).with_name("trueup")), door.fileno()
    words = [program, "listen", "--config", str(config)]
    running = subprocess.Popen(
        [sys.executable, "-c", HANDS_OVER, str(number), handed, *words],
        pass_fds=[number], cwd=config.parent, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def called(port: int, number: int) -> int:
    """The answer to a webhook of that number, however long it takes to come."""
    body = f'{{"id": {number}}}'.encode()
    digest = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    heads = {
        "X-Shopify-Hmac-Sha256": digest, "X-Shopify-Topic": "orders/create", "X-Shopify-Webhook-Id": f"w-{number}",
        "X-Shopify-Shop-Domain": "shop.test", "Content-Type": "application/json",
    }  # fmt: skip
    with httpx.Client(trust_env=False, timeout=PATIENCE) as shop:
        url = f"http://127.0.0.1:{port}/webhooks/shopify/main"
        return shop.post(url, content=body, headers=heads).status_code


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRUEUP_SECRETS__MAIN__SHOP_WEBHOOK_SECRET", SECRET)
    tmp_path.chmod(0o700)
    file = tmp_path / "config.toml"
    file.write_text(CONFIG, encoding="utf-8")
    file.chmod(0o600)
    return file


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """What the service manager keeps open."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        opened.listen(512)
        yield opened


def test_who_calls_between_two_versions_is_answered_by_the_second(config: Path, door: socket.socket) -> None:
    port = door.getsockname()[1]
    with ThreadPoolExecutor(1) as shop:
        with version(config, door) as old:
            assert called(port, 1) == 200
            old.send_signal(signal.SIGTERM)
            _, said = old.communicate(timeout=PATIENCE)
            assert old.returncode == 0, said
        between: Future[int] = shop.submit(called, port, 2)
        with version(config, door) as new:
            assert between.result(PATIENCE) == 200
            assert called(port, 3) == 200
            new.send_signal(signal.SIGTERM)
            assert new.wait(PATIENCE) == 0
    store = open_store(load(config), SystemClock())
    try:
        kept = store.read_sync(
            lambda tx: tx.exec_driver_sql("SELECT webhook_id FROM inbox ORDER BY id").all()
        )
    finally:
        store.close()
    assert [row.webhook_id for row in kept] == ["w-1", "w-2", "w-3"]


def test_several_sockets_are_refused_with_a_remedy(config: Path, door: socket.socket) -> None:
    with version(config, door, handed="2") as running:
        _, said = running.communicate(timeout=PATIENCE)
        assert (running.returncode, "hands over 2 sockets" in said, "Leave one ListenStream" in said) == (
            2,
            True,
            True,
        )
