"""From a failure to the first message about it, over a signed webhook, with the engine's usual rhythm of judging."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
from bed import Bed, bed, until
from figure import Figure, percentile
from measure_idle import AS_INSTALLED

TIMES = 6
RULES = """
[[channels]]
name = "hook"
kind = "webhook"
inside = true
[[alerts]]
name = "down"
when = "remote_down"
calm_seconds = 0
tell = ["hook"]
"""
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Hook(ThreadingHTTPServer):
    """Hears messages; when each came, by rule and word."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Heard)
        self.came: dict[tuple[str, str], list[float]] = {}

    def times(self, rule: str, word: str) -> list[float]:
        return self.came.get((rule, word), [])


class _Heard(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        said = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
        word = said["type"].rpartition(".")[2]
        self.server.came.setdefault((said["data"]["rule"], word), []).append(time.monotonic())
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass  # nobody reads it


@contextmanager
def told(place: Bed) -> Iterator[Hook]:
    """A receiver, to which this world's alerts go."""
    hook = Hook()
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    config = place.world.config
    config.write_text(config.read_text(encoding="utf-8") + RULES, encoding="utf-8")
    secrets = config.with_name("secrets.toml")
    more = f'[targets]\nhook = "http://127.0.0.1:{hook.server_port}/"\n[target_keys]\nhook = "{KEY}"\n'
    secrets.write_text(f"{secrets.read_text(encoding='utf-8')}\n{more}", encoding="utf-8")
    try:
        yield hook
    finally:
        hook.shutdown()
        hook.server_close()


def measured(hook: Hook, rule: str, fail: Callable[[], object], mend: Callable[[], object]) -> float:
    """Seconds until it was told; returns once it was told to be over."""
    fired, over = len(hook.times(rule, "fired")), len(hook.times(rule, "resolved"))
    began = time.monotonic()
    fail()
    until(lambda: len(hook.times(rule, "fired")) > fired, f"{rule} is told", every=0.02)
    took = hook.times(rule, "fired")[-1] - began
    mend()
    until(lambda: len(hook.times(rule, "resolved")) > over, f"{rule} is told to be over")
    return took


def measure() -> list[Figure]:
    with (
        bed(skus=4, locations=1, rhythm=AS_INSTALLED, back_office="odoo") as place,
        told(place) as hook,
        place.engine() as agreed,
    ):
        until(lambda: agreed() == 4, "every cell is agreed on at first")
        took = {
            side: [
                measured(
                    hook,
                    "down",
                    lambda remote=remote: remote.ask("faults", {"mode": "outage"}),
                    lambda remote=remote: remote.ask("faults", {"mode": "none"}),
                )
                for _ in range(TIMES)
            ]
            for side, remote in (("back office", place.world.erp), ("shop", place.world.shop))
        }
    office, shop = took["back office"], took["shop"]
    return [
        Figure(
            f"a back office that goes away until the first message, middle of {TIMES}",
            f"{percentile(office, 0.5):.1f} s",
            f"{max(office):.1f} s at most",
            target="< 10 s",
            met=max(office) < 10,
        ),
        Figure(
            "a shop that nobody needs, the same",
            f"{percentile(shop, 0.5):.1f} s",
            f"{max(shop):.1f} s at most; it is asked every {AS_INSTALLED['orders_poll_seconds']:.0f} s",
        ),
    ]
