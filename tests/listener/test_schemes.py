"""Each kind of back office declares how its webhooks are signed and read; the door knows none of them by name."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import orjson
import pytest

from adapters.doorbells import Signed, Unsigned
from adapters.intake import ConnectionSecrets, Forged, judge
from adapters.standard_webhooks import STANDARD
from console.back_offices import webhooks
from console.capabilities import _sample

NOW = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)


def proven(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> bool:
    return headers.get("x-proof") in secrets


OWN = Signed(
    proven,
    lambda headers, said: f"{headers['x-proof']}/{said['number']}",  # type: ignore[index]
    lambda headers: NOW,
    lambda said: {"type": "moved", "skus": [said["thing"]], "refs": []},  # type: ignore[index]
)
ROUTES = {"main": ConnectionSecrets((), ("sesame",), None, OWN), "other": ConnectionSecrets((), ("sesame",))}
BODY = orjson.dumps({"number": 7, "thing": "MUG", "stock": 999})


def test_a_kind_with_a_signature_of_its_own_is_judged_by_it_and_put_into_our_words() -> None:
    row = judge(ROUTES, "back_office", "main", {"x-proof": "sesame"}, BODY, NOW)
    assert (row.webhook_id, row.topic, row.triggered_at) == ("sesame/7", "moved", NOW)
    assert orjson.loads(row.body) == {"type": "moved", "skus": ["MUG"], "refs": []}


@pytest.mark.parametrize(
    ("connection", "proof"), [("main", "guessed"), ("other", "sesame"), ("no", "sesame")]
)
def test_its_signature_opens_no_other_door(connection: str, proof: str) -> None:
    with pytest.raises(Forged):
        judge(ROUTES, "back_office", connection, {"x-proof": proof}, BODY, NOW)


def test_kinds_declare_what_they_send() -> None:
    assert isinstance(webhooks(_sample("cin7_core")[1]), Unsigned)
    assert webhooks(_sample("sql")[1]) is STANDARD
