"""What Cin7 Core's errors mean. It names them in a body `[{"ErrorCode": …, "Exception": …}]`, with any status, 200 too."""

import json
import re
from datetime import datetime
from typing import Any

import httpx

from adapters.http import LONGEST_WAIT, silent, status_failure
from engine.model.failure import Failure, Misset, RateLimited, Refused, Unmapped

WHO = "Cin7 Core"
LIMIT = re.compile(r"calls per \d+ ?(seconds|minute)|API limit", re.IGNORECASE)
PAUSE = 60.0
"""Seconds to wait when a call too many is answered without saying for how long: the window is a minute."""
WRONG_KEY = re.compile(r"incorrect credentials|application key|account ?id", re.IGNORECASE)


def failure_of(reply: httpx.Response, *, write: bool, now: datetime) -> Failure | None:
    """The failure a reply stands for; None when it holds what was asked for."""
    text = reply.text.strip()
    code, said = named(text)
    busy = reply.status_code == 429 or (
        not (reply.is_success and not code) and LIMIT.search(said or text[:300]) is not None
    )
    if busy:
        return RateLimited(
            "Cin7 Core's allowance of calls is used up.",
            "TrueUp waits and goes on; if it stays, lower calls_per_minute or quieten other integrations of the account.",
            after=wait_of(reply),
            code="cin7_core_limit",
            log=said or text[:200],
        )
    if reply.status_code in (401, 403) or code in (401, 403):
        return _not_allowed(said or text[:200])
    if code and code < 500 and not (reply.status_code >= 500 and code != 400):
        return _declined(code, said)
    if reply.status_code == 204:
        return None
    if reply.is_success and not code:
        if text.startswith(("{", "[")):
            return None
        return silent(WHO, write=write, log=f"a page instead of data: {text[:80]!r}", code="cin7_core_page")
    if reply.is_success:
        return silent(WHO, write=write, log=f"{code} {said}", code="cin7_core_soft")
    return status_failure(reply, WHO, write=write, now=now, said=said)


def named(text: str) -> tuple[int, str]:
    """(code, text) of an error body, bare or in a list; (0, "") when it is none."""
    if '"ErrorCode"' not in text and '"Exception"' not in text:
        return 0, ""
    try:
        body: Any = json.loads(text)
    except ValueError:
        return 0, ""
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict) or "ErrorCode" not in first:
        return 0, ""
    said = " ".join(str(first.get("Exception") or "").split())[:500]
    try:
        return int(first["ErrorCode"]), said
    except (TypeError, ValueError):
        return 400, said


def wait_of(reply: httpx.Response) -> float:
    """Seconds that Retry-After asks for: Cin7 Core writes `60 Seconds`."""
    found = re.match(r"\s*(\d+(?:\.\d+)?)", reply.headers.get("Retry-After", ""))
    return min(float(found[1]), LONGEST_WAIT) if found else PAUSE


def _not_allowed(said: str) -> Misset:
    if WRONG_KEY.search(said) or not said:
        return Misset(
            "Cin7 Core does not accept our account id and application key.",
            "Compare both with the API page of Cin7 Core's integrations, put a valid key into the secrets, and restart.",
            code="cin7_core_key",
            log=said,
        )
    return Misset(
        f"Cin7 Core does not let our key do this: {said}",
        "Give the API application what docs/back-offices/cin7_core.md lists, then restart.",
        code="cin7_core_rights",
        log=said,
    )


def _declined(code: int, said: str) -> Refused:
    if code == 404 or re.search(r"\bnot found\b|does not exist", said, re.IGNORECASE):
        return Gone(
            f"Cin7 Core has no such record: {said}",
            "If it was deleted there, resolve this record; otherwise correct the name and retry.",
            code="cin7_core_missing",
        )
    return Refused(
        said or "Cin7 Core declined the change.",
        "Correct the record in Cin7 Core or in the shop, then retry.",
        code="cin7_core_declined",
    )


class Gone(Refused):
    """There is no such record, by Cin7 Core's own words."""


def no_product(name: str, for_what: str) -> Unmapped:
    """Cin7 Core does not sell something we need a line for."""
    return Unmapped(
        f"Cin7 Core has no product {name} ({for_what}).",
        "Create it there, or correct its SKU or name or the products table of this connection, and retry.",
        code="product_unknown",
    )
