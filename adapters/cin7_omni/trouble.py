"""What Omni's errors mean: a plain string, or `{"Message": …}`; and in an answer of 200, what became of each record."""

import json
from datetime import datetime
from typing import Any

import httpx

from adapters.declined import declined
from adapters.http import silent, status_failure
from adapters.quota import UsedUp
from engine.model.failure import Failure, Misset, OutcomeUnknown, RateLimited, Refused, Unmapped

WHO = "Cin7 Omni"
USED_UP = (
    "Lengthen poll_seconds, quieten other integrations of the account and set calls_per_day to what is ours; TrueUp "
    "tries again by itself."
)
PAUSE, LONGEST_PAUSE = 15.0, 3600.0
"""Seconds to wait after a call too many, for which Omni gives no time: doubled each time it refuses again."""
DAY_GONE = 8
"""Refusals one after the other after which it is the day's calls that are gone, not the minute's."""


class Gone(Refused):
    """There is no such record, by Omni's own words."""


class Taken(Refused):
    """A record with this reference is there already."""


def failure_of(reply: httpx.Response, *, write: bool, now: datetime, refused: int) -> Failure | None:
    """The failure a reply stands for; None when it holds what was asked for. `refused`: refusals just before."""
    status = reply.status_code
    if reply.is_success:
        if reply.text.lstrip().startswith(("{", "[")):
            return None
        return silent(WHO, write=write, log=f"no data: {reply.text[:80]!r}", code="omni_not_json")
    said = said_in(reply.text)
    if status == 429:
        after = min(PAUSE * 2.0**refused, LONGEST_PAUSE)
        if refused >= DAY_GONE:
            return UsedUp(
                "The calls Cin7 Omni answers in a day are used up.",
                USED_UP,
                after=after,
                code="quota",
                log=said,
            )
        return RateLimited(
            "Cin7 Omni answers no more calls for a while: those of the minute or of the day are used up.",
            USED_UP,
            after=after,
            code="omni_limit",
            log=said,
        )
    if status == 401:
        return Misset(
            "Cin7 Omni does not accept our user name and API key.",
            "Compare both with Settings > Integrations & API, put a valid key into the secrets, and restart.",
            code="omni_key",
            log=said,
        )
    if status == 403:
        return Misset(
            f"Cin7 Omni does not let our key do this: {said or reply.request.url.path}",
            "Switch the endpoints on that docs/back-offices/cin7_omni.md lists, for this API connection, then restart.",
            code="omni_rights",
            log=said,
        )
    no = declined(reply, WHO, said, gone=Gone, code="omni")
    return no or status_failure(reply, WHO, write=write, now=now, said=said)


def said_in(text: str) -> str:
    """Omni's own words in an error body, short; empty when there are none for people."""
    text = text.strip()
    if text.startswith("<"):
        return ""
    try:
        body: Any = json.loads(text)
    except ValueError:
        return " ".join(text.split())[:500]
    if isinstance(body, dict):
        body = body.get("Message") or body.get("message") or ""
    return " ".join(str(body).split())[:500] if isinstance(body, str) else ""


def failed(result: object) -> Failure | None:
    """What became of one record of a batch; None when it was written.

    Omni answers 200 even when all of them failed. An answer that says nothing of a record proves nothing.
    """
    if not isinstance(result, dict) or "success" not in result:
        return OutcomeUnknown(
            "Cin7 Omni did not say what became of a record we sent.",
            "TrueUp looks whether the change arrived before it tries again",
            code="omni_no_result",
            log=repr(result)[:200],
        )
    if result["success"]:
        return None
    errors = result.get("errors")
    words = [str(each) for each in errors] if isinstance(errors, list) else [str(errors or "")]
    said = " ".join(" ".join(words).split())[:500]
    kind = Taken if "reference" in said.lower() and "exist" in said.lower() else Refused
    return kind(
        said or "Cin7 Omni declined the record without a reason.",
        "Correct the record in Cin7 Omni or in the shop, then retry.",
        code="omni_declined",
    )


def no_product(code: str, for_what: str) -> Unmapped:
    """Omni does not sell something we need a line for."""
    return Unmapped(
        f"Cin7 Omni has no product with code {code} ({for_what}).",
        "Create it there, or correct its code or the products table of this connection, and retry.",
        code="product_unknown",
    )
