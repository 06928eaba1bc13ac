"""Trouble on request is really trouble: what arrives at a client, and what was done all the same."""

import threading
from collections.abc import Iterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.sandbox.books import Books
from adapters.sandbox.limits import Together, Window
from adapters.sandbox.serving import Served, as_json


@pytest.fixture
def made() -> list[str]:
    return []


@pytest.fixture
def served(made: list[str]) -> Iterator[Served]:
    def make(request: Request) -> Response:
        made.append(request.query_params["n"])
        return as_json({"made": "x" * 200})

    def busy(seconds: float) -> Response:
        return PlainTextResponse("slow down", 429, {"retry-after": f"{seconds:g} Seconds"})

    books = Books({"MUG": "Mug"}, ["A"], {("MUG", "A"): 5})
    server = Served("test", books, [Route("/make", make, methods=["POST"])], throttled=busy)
    server.run()
    yield server
    server.stop()


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=0.5, trust_env=False) as ready:
        yield ready


@pytest.mark.parametrize(
    ("mode", "error", "applied"),
    [
        ("outage", (httpx.RemoteProtocolError, httpx.ReadError), False),
        ("hang", (httpx.ReadTimeout,), False),
        ("cut", (httpx.RemoteProtocolError, httpx.ReadError), True),
        ("apply_then_timeout", (httpx.ReadTimeout,), True),
    ],
)
def test_a_call_that_goes_wrong(
    client: httpx.Client, made: list[str], mode: str, error: tuple[type[Exception], ...], applied: bool
) -> None:
    client.post("/_control/faults", json={"mode": mode, "count": 1, "seconds": 5}).raise_for_status()
    with pytest.raises(error):
        client.post("/make?n=1")
    assert made == (["1"] if applied else [])
    assert client.post("/make?n=2").is_success


def test_busy_and_broken_gateways_answer_in_their_own_words(client: httpx.Client, made: list[str]) -> None:
    client.post("/_control/faults", json={"mode": "429", "count": 1, "seconds": 60})
    assert client.post("/make?n=1").headers["retry-after"] == "60 Seconds"
    client.post("/_control/faults", json={"mode": "5xx", "count": 1})
    assert client.post("/make?n=2").status_code == 502
    assert made == []


def test_the_staff_are_reached_whatever_the_trouble(client: httpx.Client) -> None:
    client.post("/_control/faults", json={"mode": "outage"})
    assert client.post("/_control/receipt", json={"sku": "MUG", "warehouse": "A", "quantity": 2}).is_success
    assert (
        client.post("/_control/sale", json={"sku": "MUG", "warehouse": "A", "quantity": 9}).status_code == 409
    )
    assert client.post("/_control/sale", json={"sku": "MUG"}).status_code == 400
    assert client.get("/_control/state").json()["shelves"][0]["on_hand"] == 7


def test_a_window_counts_calls_and_says_how_long_to_wait() -> None:
    now = [0.0]
    window = Window(2, 60, lambda: now[0])
    assert [window.take(), window.take(), window.take()] == [0, 0, 60]
    now[0] = 45
    assert (window.wait(), window.left) == (15, 0)
    now[0] = 60
    assert window.take() == 0


def test_calls_at_the_same_time_are_counted_while_they_last() -> None:
    together = Together(1)
    with together as first, together as second:
        assert (first, second) == (False, True)
    with together as third:
        assert third is False


def test_the_books_are_shown_by_the_thread_that_changes_them(
    served: Served, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread of its own saw them half changed, and answered 500 while a thousand orders came in."""
    told: list[str] = []
    monkeypatch.setattr(served, "_shows", lambda: told.append(threading.current_thread().name) or {})
    assert client.get("/_control/state").is_success
    assert told == ["test-sandbox"]
