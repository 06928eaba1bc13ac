"""What Unleashed's errors mean.

The form of its error bodies is not confirmed, so they are read leniently: `{"Items": [{"Field", "ErrorCode",
"Description"}]}`, one object with a Description or Message, or plain text. It answers 403 for a key it does not know.
"""

import json
import re
from datetime import datetime
from typing import Any

import httpx

from adapters.declined import declined
from adapters.http import retry_after, silent, status_failure
from adapters.quota import UsedUp
from engine.model.failure import Failure, Misset, RateLimited, Refused, Unmapped

WHO = "Unleashed"
QUOTA = re.compile(r"\b(quota|monthly|api call(s)? (limit|allowance)|usage limit)\b", re.IGNORECASE)
KEY = re.compile(r"signature|api.?(id|key)|auth(entication|orized|orised)?\b|credential", re.IGNORECASE)
USED_UP = (
    "Raise the plan's API allowance in Unleashed, or lengthen poll_seconds and set calls_per_month to what is ours; "
    "TrueUp tries again by itself."
)
LATER = 3600.0
"""Seconds until a month's allowance that is used up is tried again."""
PAUSE = 60.0
"""Seconds to wait when a call too many is answered without saying for how long."""


class Gone(Refused):
    """There is no such record, by Unleashed's own words."""


def failure_of(reply: httpx.Response, *, write: bool, now: datetime) -> Failure | None:
    """The failure a reply stands for; None when it holds what was asked for."""
    status = reply.status_code
    if reply.is_success:
        if not reply.content or reply.text.lstrip().startswith(("{", "[")):
            return None
        return silent(
            WHO, write=write, log=f"a page instead of data: {reply.text[:80]!r}", code="unleashed_page"
        )
    said = said_in(reply.text)
    if status in (403, 429, 503) and QUOTA.search(said):
        return UsedUp(
            "The calls Unleashed answers in a month are used up.",
            USED_UP,
            after=LATER,
            code="quota",
            log=said,
        )
    if status == 429:
        return RateLimited(
            "Unleashed asks us to slow down.",
            "TrueUp waits and goes on; if it stays, lower calls_per_minute or quieten other integrations.",
            after=retry_after(reply, now) or PAUSE,
            code="unleashed_limit",
            log=said,
        )
    if status in (401, 403):
        return _not_allowed(said)
    no = declined(reply, WHO, said, gone=Gone, code="unleashed")
    return no or status_failure(reply, WHO, write=write, now=now, said=said)


def said_in(text: str) -> str:
    """Unleashed's own words in an error body, short; empty when there are none for people."""
    text = text.strip()
    if text.startswith("<"):
        return ""
    try:
        body: Any = json.loads(text)
    except ValueError:
        return " ".join(text.split())[:500]
    return " ".join(" ".join(_words(body)).split())[:500]


def _words(body: Any) -> list[str]:
    if isinstance(body, str):
        return [body]
    if isinstance(body, list):
        return [word for each in body for word in _words(each)]
    if not isinstance(body, dict):
        return []
    if isinstance(body.get("Items"), list):
        return _words(body["Items"])
    for name in ("Description", "Message", "message", "error"):
        if isinstance(body.get(name), str) and body[name]:
            field = body.get("Field")
            return [f"{field}: {body[name]}" if isinstance(field, str) and field else body[name]]
    return []


def _not_allowed(said: str) -> Misset:
    if KEY.search(said) or not said:
        return Misset(
            "Unleashed does not accept our API id and key.",
            "Compare both with Integrations > Unleashed API Access, put a valid key into the secrets, and restart.",
            code="unleashed_key",
            log=said,
        )
    return Misset(
        f"Unleashed does not let our key do this: {said}",
        "Give the key's user what docs/back-offices/unleashed.md lists, then restart.",
        code="unleashed_rights",
        log=said,
    )


def no_product(code: str, for_what: str) -> Unmapped:
    """Unleashed does not sell something we need a line for."""
    return Unmapped(
        f"Unleashed has no product {code} ({for_what}).",
        "Create it there, or correct its code or the products table of this connection, and retry.",
        code="product_unknown",
    )
