"""Who is told in journeys of alerts, what they heard, and the trouble that no sandbox makes by itself."""

import asyncio
import json
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from standardwebhooks.webhooks import Webhook as Signature

from console.toml_text import table
from console.world.remotes import Remote
from console.world.world import World
from engine.store.session import Store
from tests.alerts.receivers import Posted, Receiver

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def told_by(rules: Mapping[str, str], mail: Receiver, **hooks: Receiver) -> Callable[[World], None]:
    """Adds rules, a mailbox and signed webhooks by their names to a world's configuration."""
    channels = '[[channels]]\nname = "mail"\ninside = true\n'
    channels += "".join(f'[[channels]]\nname = "{name}"\nkind = "webhook"\ninside = true\n' for name in hooks)
    said = "".join(f'[[alerts]]\nname = "{name}"\ncalm_seconds = 1\n{rule}\n' for name, rule in rules.items())
    targets = f'[targets]\nmail = "mailto://127.0.0.1:{mail.port}?from=trueup@b.test&to=ops@b.test"\n'
    targets += "".join(f'{name} = "http://127.0.0.1:{hook.port}/in"\n' for name, hook in hooks.items())
    keys = "[target_keys]\n" + "".join(f'{name} = "{KEY}"\n' for name in hooks)

    def before(world: World) -> None:
        world.config.write_text(world.config.read_text() + channels + said)
        secrets = world.config.with_name(SECRETS)
        secrets.write_text(f"{secrets.read_text()}\n{targets}{keys}")

    return before


OUTLET, SECRETS = "outlet.toml", "secrets.toml"
"""Configuration of another engine, and the file of the first one's secrets."""


def beside(world: World, text: str | None = None) -> None:
    """An outlet of the same two sides that another engine serves in the shadow, by a configuration of its own."""
    text = world.config.read_text() if text is None else text
    outlet = world.config.with_name(OUTLET)
    outlet.touch(mode=0o600)
    own = text.replace(f'"{SECRETS}"', f'"outlet-{SECRETS}"').replace("trueup.log", "outlet.log")
    outlet.write_text(own.replace('name = "main"', 'name = "outlet"\nshadow = true'))
    secrets = outlet.with_name(f"outlet-{SECRETS}")
    secrets.touch(mode=0o600)
    secrets.write_text(table("outlet", {**world.shop.secrets, **world.erp.secrets}))


def told_beside(world: World) -> None:
    """The other engine tells by the rules that were added to the world's configuration."""
    for name, more, begins in (
        (OUTLET, world.config.name, "[[channels]]"),
        (f"outlet-{SECRETS}", SECRETS, "[targets]"),
    ):
        _, word, rest = world.config.with_name(more).read_text().partition(begins)
        file = world.config.with_name(name)
        file.write_text(f"{file.read_text()}\n{word}{rest}")


def said(posted: list[Posted], rule: str) -> list[tuple[str, dict[str, Any]]]:
    """(word, data) of what a rule said, each genuine."""
    found = []
    for one in posted:
        Signature(KEY).verify(one.body.decode(), one.headers)
        event = json.loads(one.body)
        if event["data"]["rule"] == rule:
            found.append((event["type"].rpartition(".")[2], event["data"]))
    return found


def courses(posted: list[Posted], rule: str) -> dict[str, list[str]]:
    """The words a rule said of each cause, in the order they came."""
    found: dict[str, list[str]] = defaultdict(list)
    for word, data in said(posted, rule):
        found[data["cause"]].append(word)
    return found


async def heard(receiver: Receiver, rule: str, word: str) -> None:
    """Wait until a receiver was told that word of a rule."""
    await receiver.until(lambda came: word in [one for one, _ in said(came, rule)])


SLOW = ("old", "late")
"""Rules with a limit of seconds, which a busy machine may reach once more without any fault of ours."""


async def over(receiver: Receiver, rule: str, first: str) -> None:
    """Wait until a rule's causes are all told to be over: of each came that word once, then that it is over, once."""
    await receiver.until(
        lambda came: (told := courses(came, rule)) and all(words[-1] == "resolved" for words in told.values())
    )
    for words in courses(receiver.came, rule).values():
        times = len(words) // 2 if rule in SLOW else 1
        assert words == [first, "resolved"] * times, rule


@dataclass
class Relay:
    """Speaks TLS before a server that does not; which one is said once it runs."""

    context: ssl.SSLContext
    port: int = 0
    behind: int = 0

    def certificate(self, file: Path) -> None:
        """Shown from the next connection on."""
        self.context.load_cert_chain(file)


@asynccontextmanager
async def relayed(certificate: Path) -> AsyncIterator[Relay]:
    """A relay on localhost with this certificate."""
    relay = Relay(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    relay.certificate(certificate)

    async def copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while some := await reader.read(65536):
                writer.write(some)
                await writer.drain()
        except (ConnectionError, ssl.SSLError):
            pass  # whoever hung up needs nothing more
        finally:
            writer.close()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", relay.behind)
        await asyncio.gather(copied(reader, back), copied(there, writer))

    async with await asyncio.start_server(served, "localhost", 0, ssl=relay.context) as server:
        relay.port = server.sockets[0].getsockname()[1]
        yield relay


GREED = "{" + " ".join(f"a{number}: shop {{ name }}" for number in range(900)) + "}"
"""Costs nine hundred points, and is paid in full."""


async def draw_on(shop: Remote, store: Store, stop: asyncio.Event) -> None:
    """Another app takes what the shop allows to be asked, as soon as it is there."""
    address = f"{shop.control}/admin/api/2026-10/graphql.json"
    headers = {"x-shopify-access-token": shop.secrets["shop_access_token"]}
    seen = -1
    async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=30) as app:
        while not stop.is_set():
            answer = (await app.post(address, json={"query": GREED})).json()
            left = answer["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"]
            if left < 900:
                seen = await store.changed_after(seen, 0.25)
