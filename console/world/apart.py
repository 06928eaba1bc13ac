"""A world in a process of its own, so that its sandboxes and TrueUp do not share one interpreter."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import httpx

from console.world.files import CONFIG, read_world
from console.world.remotes import Json, Remote

COMMAND = (sys.executable, "-c", "from console.main import main; main()", "sandbox", "up", "--attached")
END_SECONDS = 20.0


class WorldTrouble(Exception):
    """The world's process has ended before its time; it has said why on standard error."""

    def __init__(self) -> None:
        super().__init__("The demo's world did not start or has stopped.")


class WorldApart:
    """`trueup sandbox up` as a child: it ends with us, however we end."""

    def __init__(self, directory: Path, child: "subprocess.Popen[str]") -> None:
        self.config = directory / CONFIG
        """The configuration TrueUp runs this world with."""
        self._directory, self._child = directory, child

    @classmethod
    def start(
        cls, directory: Path, *, back_office: str, seed: int, orders_per_minute: float, webhook_faults: str,
        opening: float = 0.0,
    ) -> Self:  # fmt: skip
        """Start the child and wait until both sides are there; WorldTrouble when it ends instead."""
        options = {
            "--dir": directory,
            "--seed": seed,
            "--back-office": back_office,
            "--orders-per-minute": orders_per_minute,
            "--webhook-faults": webhook_faults,
            "--opening": opening,
        }
        words = [str(word) for pair in options.items() for word in pair]
        # a session of its own: Ctrl-C on the terminal is for us, and we tell the child when it is time
        child = subprocess.Popen(  # noqa: S603 our own command
            [*COMMAND, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        world = cls(directory, child)
        try:
            assert child.stdout is not None
            if child.stdout.readline().strip() != "ready":
                raise WorldTrouble
        except BaseException:
            world.stop()
            raise
        return world

    def refuse_orders(self, count: int) -> None:
        """Let the back office refuse the next orders, so that there is a failure to clear."""
        body = {
            "mode": "refuse_orders",
            "match": "*",
            "message": "Customer is on credit hold",
            "count": count,
        }
        self.ask("back_office", "faults", body)

    def ask(self, side: str, verb: str, body: Json) -> None:
        """Do something to the `shop` or the `back_office`; WorldTrouble when it does not do it."""
        if Remote(self._facts()[side], stop=self.stop).ask(verb, body) is None:
            raise WorldTrouble

    def settle(self, seconds: float) -> Json:
        """Stop the people and wait until both sides agree: whether they did, the report, and its findings.

        Raises WorldTrouble when it does not answer.
        """
        try:
            return settled(self._facts()["control"], seconds)
        except httpx.HTTPError as error:
            raise WorldTrouble from error

    def give_up(self) -> None:
        """Whoever settles stops waiting; may be called from any thread."""
        with contextlib.suppress(httpx.HTTPError):  # it has ended: nobody settles there any more
            httpx.post(f"{self._facts()['control']}/give_up", timeout=5, trust_env=False)

    def stop(self) -> None:
        """End the child; returns when it is gone."""
        if self._child.stdin is not None:
            self._child.stdin.close()
        try:
            self._child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)  # a real back office among its children ends with it
            self._child.wait()

    def _facts(self) -> Json:
        facts = read_world(self._directory)
        if facts is None or self._child.poll() is not None:
            raise WorldTrouble
        return facts


def settled(control: str, seconds: float) -> dict[str, Any]:
    """Ask the world at this address to settle and report; httpx.HTTPError when it does not answer."""
    answer = httpx.post(
        f"{control}/settle", params={"seconds": seconds}, timeout=seconds + 120, trust_env=False
    )
    return dict(answer.raise_for_status().json())
