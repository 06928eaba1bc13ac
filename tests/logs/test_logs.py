"""Log lines are JSON with what they are about, in a private file, and never hold a secret."""

import asyncio
import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.logs import configure, formatter
from console.settings import load
from engine.model import hidden
from engine.model.failure import Refused
from engine.model.hidden import HIDDEN, conceal, hide
from engine.model.trace import about

SMALL = """
secrets_file = "secrets.toml"
[log]
file = "trueup.log"
[[connections]]
name = "main"
[connections.shop]
kind = "shopify"
url = "https://brand.myshopify.com"
[connections.back_office]
kind = "sql"
url = "sqlite:///erp.db"
[connections.back_office.statements]
[connections.locations]
"gid://shopify/Location/1" = "WH1"
"""
TOKEN = 'shpat_0123456789/abc+def="quoted"'


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is concealed and how is logged stay as they were."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    monkeypatch.setattr(hidden, "_lasting", set())
    monkeypatch.setattr(hidden, "_known", hidden._Known())
    yield
    for handler in set(root.handlers) - set(before[0]):
        handler.close()
    root.handlers[:], root.level = before[0], before[1]
    logging.captureWarnings(False)


@pytest.fixture
def logged(tmp_path: Path) -> Path:
    """The log file of a configuration whose shop token is TOKEN."""
    (tmp_path / "config.toml").write_text(SMALL)
    secrets = tmp_path / "secrets.toml"
    secrets.touch(mode=0o600)
    secrets.write_text(f"[main]\nshop_access_token = {json.dumps(TOKEN)}\n")
    configure(load(tmp_path / "config.toml"))
    return tmp_path / "trueup.log"


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_line_says_when_how_grave_who_and_what(logged: Path) -> None:
    logging.getLogger("trueup.deliver").warning("record %s: %s", "o1", "later")
    [line] = lines(logged)
    assert (line["level"], line["logger"], line["event"]) == ("warning", "trueup.deliver", "record o1: later")
    assert line["at"].endswith("Z")
    assert stat.S_IMODE(logged.stat().st_mode) == 0o600


async def test_lines_name_the_record_they_are_about_in_every_task(logged: Path) -> None:
    log = logging.getLogger("trueup.deliver")

    async def one(key: str) -> None:
        with about(connection="main", record=key, correlation=f"{key}-1"):
            await asyncio.sleep(0)
            log.info("sent")

    await asyncio.gather(one("order:1"), one("order:2"))
    log.info("alone")
    said = [(line.get("record"), line.get("correlation"), line.get("connection")) for line in lines(logged)]
    assert sorted(said[:2]) == [("order:1", "order:1-1", "main"), ("order:2", "order:2-1", "main")]
    assert said[2] == (None, None, None)


def test_no_line_holds_a_secret_nor_does_a_traceback(logged: Path) -> None:
    log = logging.getLogger("trueup.shopify")
    log.error("the shop said %s", f"no such token: {TOKEN}")
    log.error(
        f"https://x.test/?token={TOKEN.replace('/', '%2F').replace('+', '%2B').replace('=', '%3D').replace(chr(34), '%22')}"
    )
    log.error("body %s", json.dumps({"token": TOKEN}))
    try:
        raise KeyError(TOKEN)
    except KeyError:
        log.exception("it broke")
    text = logged.read_text()
    assert "shpat_0123456789" not in text
    assert text.count(HIDDEN) == 4
    assert "Traceback" in lines(logged)[-1]["exception"]


def test_a_failure_never_holds_what_a_remote_repeats_of_ours() -> None:
    conceal(TOKEN)
    failure = Refused(f"The shop says: bad token {TOKEN}", f"Change {TOKEN}", log=repr({"x": TOKEN}))
    assert "shpat_0123456789" not in f"{failure}{failure.cause}{failure.remedy}{failure.args}"
    assert failure.cause == f"The shop says: bad token {HIDDEN}."


def test_a_private_key_is_hidden_line_by_line_and_a_short_word_is_left_alone() -> None:
    conceal("-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END KEY-----")
    conceal("abc")
    assert hide("found MIIEvQIBADANBgkqhkiG9w0BAQEFAASC in it, abc") == f"found {HIDDEN} in it, abc"


def test_what_was_cut_in_the_middle_of_a_secret_is_hidden_too() -> None:
    conceal(TOKEN)
    assert hide(f"the shop said {TOKEN[:20]}") == f"the shop said {HIDDEN}"
    assert hide(f"{TOKEN[:20]}… and more") == f"{HIDDEN}… and more"
    assert hide("shpat_ is how a token begins") == "shpat_ is how a token begins"


def test_renewed_tokens_do_not_pile_up() -> None:
    for number in range(2000):
        conceal(f"token-{number:06}", passing=True)
    assert hide("token-001999") == HIDDEN
    assert len(hidden._passing) == hidden._passing.maxlen


def test_text_is_one_line_and_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with about(record="order:1"):
        record = logging.LogRecord("trueup.engine", logging.WARNING, "f", 1, "leading, epoch %s", (3,), None)
        line = formatter("text").format(record)
    assert line.endswith(" WARNING trueup.engine leading, epoch 3 record=order:1")


def test_a_file_that_was_moved_away_is_begun_anew(logged: Path) -> None:
    log = logging.getLogger("trueup.engine")
    log.warning("before")
    logged.rename(logged.with_suffix(".1"))
    log.warning("after")
    assert [line["event"] for line in lines(logged)] == ["after"]
