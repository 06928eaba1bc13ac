"""What was sent stands in no log and in no answer, whatever became of it."""

import logging

import httpx
import pytest

from adapters.listener import Busy

SAID = "tell-nobody@example.com"
BODY = f'{{"id": 7, "email": "{SAID}"}}'.encode()


@pytest.fixture
def listener_options() -> dict[str, float]:
    return {"body_limit": 1000}


async def outcomes(door) -> dict[str, httpx.Response]:
    """One webhook for every way in which one can end."""
    answers = {
        "stored": await door.ring(BODY),
        "duplicate": await door.ring(BODY),
        "forged": await door.ring(BODY, secret="guessed"),
        "unreadable": await door.ring(BODY[:-1]),
        "too big": await door.ring(b'"' + SAID.encode() * 100 + b'"'),
        "office": await door.ring_office(BODY),
    }
    for name, trouble in {"busy": Busy(), "broken": RuntimeError(SAID)}.items():
        door.sink.trouble = trouble
        answers[name] = await door.ring(BODY, x_shopify_webhook_id=name)
    return answers


async def test_nothing_of_a_body_is_logged_or_answered(door, caplog):
    with caplog.at_level(logging.DEBUG):
        answers = await outcomes(door)
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "stored": 200,
        "duplicate": 200,
        "forged": 401,
        "unreadable": 400,
        "too big": 413,
        "office": 200,
        "busy": 503,
        "broken": 503,
    }
    assert any("could not be stored" in record.getMessage() for record in caplog.records)
    assert SAID not in caplog.text
    assert not any(SAID in answer.text for answer in answers.values())
