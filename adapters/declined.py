"""What an answer of 4xx says of a record: there is none, or the back office does not take it."""

import httpx

from engine.model.failure import Refused

NOT_FOR_GOOD = frozenset({408, 409, 412, 425})
"""Of these answers the same call may be taken a moment later."""


def declined(reply: httpx.Response, who: str, said: str, *, gone: type[Refused], code: str) -> Refused | None:
    """The refusal an answer stands for; None when it is none.

    `said`: the back office's own words; `gone`: what to raise for a record that is not there; `code`: what codes of
    this back office begin with.
    """
    status = reply.status_code
    if status == 404:
        return gone(
            f"{who} has no such record: {said or reply.request.url.path}",
            "If it was deleted there, resolve this record; otherwise correct the name and retry.",
            code=f"{code}_missing",
        )
    if 400 <= status < 500 and status not in NOT_FOR_GOOD:
        return Refused(
            said or f"{who} declined the change (HTTP {status}).",
            f"Correct the record in {who} or in the shop, then retry.",
            code=f"{code}_declined",
        )
    return None
