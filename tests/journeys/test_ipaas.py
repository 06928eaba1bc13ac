"""An iPaaS beside TrueUp: it hears of every change, signed, and what it sends in the same words is believed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from standardwebhooks.webhooks import Webhook as Signature

from console.settings import load
from console.world.world import World
from tests.alerts.receivers import Posted, Web, web

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CHANNEL = '[[channels]]\nname = "ipaas"\nkind = "webhook"\ninside = true\n'


def subscribed(site: Web) -> Callable[[World], None]:
    """Name the channel for events of the connection."""

    def before(world: World) -> None:
        told = world.config.read_text(encoding="utf-8")
        head, mark, rest = told.partition("[[connections]]\n")
        world.config.write_text(f'{head}{CHANNEL}\n{mark}events = ["ipaas"]\n{rest}', encoding="utf-8")
        secrets = world.config.parent / "secrets.toml"
        more = f'[targets]\nipaas = "http://127.0.0.1:{site.port}/in"\n[target_keys]\nipaas = "{KEY}"\n'
        secrets.write_text(f"{secrets.read_text(encoding='utf-8')}\n{more}", encoding="utf-8")

    return before


def heard(came: list[Posted]) -> list[dict[str, Any]]:
    """What came, each proven by an implementation that is not ours."""
    return [dict(Signature(KEY).verify(each.body.decode(), each.headers)) for each in came]


async def test_an_ipaas_receives_and_sends_the_same_events(
    staged: Callable[..., Any], tmp_path: Path
) -> None:
    async with web() as site, staged(tmp_path, before=subscribed(site)) as on:
        shop, _ = await on.states()
        level = max(shop["levels"], key=lambda each: each["available"])
        lines = [{"sku": level["sku"], "quantity": 1}]
        placed = await on.shop("checkout", {"location": level["location"], "lines": lines})
        await site.until(
            lambda came: (
                {placed["id"], level["sku"]}
                <= {name for each in heard(came) for name in (*each["skus"], *each["refs"])}
            )
        )
        assert {each["type"] for each in heard(site.came)} == {"stock.changed", "orders.changed"}
        assert {each["connection"] for each in heard(site.came)} == {"main"}
        assert len({each.headers["webhook-id"] for each in site.came}) == len(site.came), "each is told once"

        # the same message, sent on by the iPaaS with the key of what comes in
        message = next(each for each in site.came if level["sku"] in json.loads(each.body)["skus"])
        secret, now = on.world.erp.secrets["back_office_webhook_secret"], datetime.now(UTC)
        number = message.headers["webhook-id"]
        headers = {
            "webhook-id": number,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signature(secret).sign(number, now, message.body.decode()),
        }
        public = str(load(on.world.config).listener.public_url).rstrip("/")
        async with httpx.AsyncClient(trust_env=False) as ipaas:
            taken = await ipaas.post(
                f"{public}/webhooks/back-office/main", content=message.body, headers=headers
            )
        assert taken.status_code == 200
