"""The SuiteScript tells our listener what a saved transaction moves, signed so that it and an independent one believe it."""

import base64
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Signature

import adapters.netsuite
from adapters.intake import ConnectionSecrets, Forged, judge

SCRIPT = Path(adapters.netsuite.__file__).parent / "suitescript" / "trueup_events.js"
STAGE = Path(__file__).parent / "suitescript_stage.js"
PAGE = Path(__file__).parents[2] / "docs" / "back-offices" / "netsuite.md"
KEY = base64.b64encode(os.urandom(32)).decode()
URL = "https://trueup.example.com/webhooks/back-office/main"
SETTINGS = {
    "custscript_trueup_url": URL, "custscript_trueup_secret": "custsecret_trueup", "custscript_trueup_prefix": "trueup-",
}  # fmt: skip
TABLES = {
    "item": {"411": "TEE-RED-M", "412": "BECHER-GRÜN ☕", "413": "Parent : CHILD"},
    "transaction": {"90210": "trueup-5551001", "90211": "celigo-7"},
}
FULFILMENT = {
    "id": 77, "type": "itemfulfillment", "createdfrom": "90210",
    "lines": {"item": [{"item": "411"}, {"item": 412}, {"item": "411"}]},
}  # fmt: skip
ADJUSTMENT = {"id": 78, "type": "inventoryadjustment", "lines": {"inventory": [{"item": "413"}]}}
Said = dict[str, Any]


def saved(*saves: Said, **more: Any) -> tuple[list[Said], list[Said]]:
    """(what it posted, what it logged) when these records are saved."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node to run a SuiteScript under: apt-get install nodejs")
    given = {"settings": SETTINGS, "secrets": {"custsecret_trueup": KEY}, "tables": TABLES, "answer": 200}
    asked = json.dumps({**given, **more, "saves": saves})
    ended = subprocess.run(
        [node, str(STAGE), str(SCRIPT)], input=asked, capture_output=True, text=True, timeout=30, check=True
    )
    told = json.loads(ended.stdout)
    return told["posted"], told["errors"]


def test_our_listener_and_an_independent_implementation_believe_what_it_signs() -> None:
    [posted], errors = saved({"new": FULFILMENT, "old": None})
    assert (posted["url"], errors) == (URL, [])
    headers, body = (
        {name.lower(): value for name, value in posted["headers"].items()},
        posted["body"].encode(),
    )
    said = Signature(f"whsec_{KEY}").verify(posted["body"], headers)
    assert said == {
        "type": "stock.changed", "skus": ["TEE-RED-M", "BECHER-GRÜN ☕"], "refs": ["gid://shopify/Order/5551001"],
    }  # fmt: skip
    routes = {"main": ConnectionSecrets((), (f"whsec_{KEY}",))}
    taken = judge(routes, "back_office", "main", headers, body, datetime.now(UTC))
    assert (taken.topic, json.loads(taken.body)) == ("stock.changed", said)
    with pytest.raises(Forged):
        judge(routes, "back_office", "main", headers, body + b" ", datetime.now(UTC))
    assert posted["body"].isascii(), "what is signed and what is sent cannot differ by an encoding"


def test_each_save_is_a_message_of_its_own_and_lines_taken_out_count() -> None:
    smaller = {**FULFILMENT, "lines": {"item": [{"item": "411"}]}}
    posted, errors = saved(
        {"new": ADJUSTMENT, "old": None},
        {"new": smaller, "old": FULFILMENT},
        {"new": None, "old": FULFILMENT},
    )
    told = [json.loads(each["body"])["skus"] for each in posted]
    assert told == [["Parent : CHILD"], ["TEE-RED-M", "BECHER-GRÜN ☕"], ["TEE-RED-M", "BECHER-GRÜN ☕"]]
    assert len({each["headers"]["webhook-id"] for each in posted}) == 3
    assert errors == []


def test_a_record_without_items_says_nothing_and_orders_of_others_are_not_named() -> None:
    bare = {"id": 1, "type": "salesorder", "lines": {}}
    assert saved({"new": bare, "old": None}) == ([], [])
    foreign = {**FULFILMENT, "createdfrom": "90211"}
    [posted], _ = saved({"new": foreign, "old": None})
    assert json.loads(posted["body"])["refs"] == []


def test_many_items_are_several_messages() -> None:
    items = {str(number): f"SKU-{number}" for number in range(1, 451)}
    many = {
        "id": 5,
        "type": "inventorytransfer",
        "lines": {"inventory": [{"item": number} for number in items]},
    }
    posted, _ = saved({"new": many, "old": None}, tables={"item": items, "transaction": {}})
    assert [len(json.loads(each["body"])["skus"]) for each in posted] == [200, 200, 50]
    assert len({each["headers"]["webhook-id"] for each in posted}) == 3


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"answer": "away"}, "SSS_CONNECTION_TIME_OUT"),
        ({"answer": 401}, "HTTP 401"),
        ({"secrets": {}}, "SECRET_NOT_FOUND"),
    ],
)
def test_trouble_never_keeps_a_transaction_from_being_saved(more: Said, words: str) -> None:
    _, [error] = saved({"new": FULFILMENT, "old": None}, **more)
    assert words in error["details"]
    assert KEY not in json.dumps(error)


def test_the_page_names_every_parameter_and_record_the_script_has() -> None:
    source, page = SCRIPT.read_text(encoding="utf-8"), PAGE.read_text(encoding="utf-8")
    names = set(re.findall(r"custscript_trueup_\w+", source)) - {"custscript_trueup_"}
    assert names == SETTINGS.keys()
    assert all(f"`{name}`" in page for name in names)
    assert f"adapters/netsuite/suitescript/{SCRIPT.name}" in page
