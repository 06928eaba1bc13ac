"""A channel of Apprise: one address such as mailto://…, slack://… or pagerduty://….

Apprise is loaded in a process of its own for each message: it costs the engine no memory, its blocking calls block
nothing, and its ways out are guarded there (`adapters.notify.carrier`). The address goes by stdin, never by the
command line, which others can see.
"""

import asyncio
import contextlib
import sys
from asyncio.subprocess import DEVNULL, PIPE

import orjson

from engine.model.failure import Failure, Misset, Refused, TryLater
from engine.ports import Message

WORDS = (sys.executable, "-P", "-m", "adapters.notify.carrier")
"""-P: nothing in the working directory can stand in for a module."""


class AppriseChannel:
    """Implements `engine.ports.Notifier`."""

    def __init__(self, url: str, *, inside: bool) -> None:
        """`inside` lets it reach our own network: a mail server beside us."""
        self._url, self._inside = url, inside

    async def tell(self, message: Message) -> None:
        """Deliver it by a process of its own."""
        order = {
            "url": self._url,
            "inside": self._inside,
            "title": message.title,
            "body": message.body,
            "word": message.word,
            "severity": message.severity,
        }
        carrier = await asyncio.create_subprocess_exec(
            *WORDS, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={"PYTHONUTF8": "1"}
        )
        try:
            said, _ = await carrier.communicate(orjson.dumps(order))
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                carrier.kill()
            await carrier.wait()
            raise
        try:
            answer = orjson.loads(said)
        except orjson.JSONDecodeError as odd:
            raise TryLater(
                f"The process that carries alerts ended with {carrier.returncode}",
                "Run trueup alerts test; if it stays so, report it with the log",
                code="channel_carrier",
            ) from odd
        if not answer["ok"]:
            raise _failure(answer["met"])


def _failure(met: list[str]) -> Failure:
    if "unknown" in met:
        return Misset(
            "Apprise knows no service by the address of this channel",
            "Correct it in the secrets; the Apprise documentation lists how each service is written",
            code="channel_target",
        )
    if "inside" in met:
        return Refused(
            "The target of this channel is inside the network",
            "Give a public address, or allow the channel to reach inside (inside = true)",
            code="channel_inside",
        )
    last = met[-1] if met else "no answer"
    if last.startswith("status 3"):
        return Refused(
            "The target of this channel answers with a redirect, which is not followed",
            "Give the address it should go to",
            code="channel_redirect",
        )
    return TryLater(
        f"The target of this channel did not take the message ({last})",
        "Look whether its address, its token and the service itself are in order",
        code="channel_status",
    )
