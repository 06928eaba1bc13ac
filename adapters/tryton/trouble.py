"""What trytond's errors mean. An error it reports by name proves that its transaction was rolled back."""

from typing import Any

from engine.model.failure import Failure, Misset, RateLimited, Refused, TryLater, Unmapped

WHO = "Tryton"
BUSY = ("database is locked", "could not serialize", "deadlock detected", "timeout", "could not obtain lock")


class Warned(Refused):
    """Tryton asks for a confirmation before it goes on."""

    def __init__(self, said: list[Any]) -> None:
        super().__init__(
            _text([said[1:]]) or "Tryton asks for a confirmation",
            "Do this step in Tryton and answer its warning there, then retry",
            code="tryton_warning",
        )
        self.name = str(said[0]) if said else ""
        """The name under which the confirmation is given."""


def named(error: Any) -> Failure:
    """The failure for the `error` member of a JSON-RPC reply."""
    name, rest = str(error[0]), list(error[1:])
    text = _text(rest)
    match name:
        case "UserError":
            return Refused(
                text or "Tryton declined the change",
                "Correct the record in Tryton or in the shop, then retry",
                code="tryton_user_error",
            )
        case "UserWarning":
            return Warned(rest[0] if rest and isinstance(rest[0], list) else [])
        case "ConcurrencyException":
            return TryLater(
                "Someone changed the same record in Tryton",
                "TrueUp reads it again and comes back",
                code="tryton_concurrency",
                log=text,
            )
        case "LoginException":
            return Misset(
                "Tryton asks for another kind of login",
                "Give TrueUp a user that signs in with a password alone",
                code="tryton_login",
            )
        case "RateLimitException":
            return RateLimited(
                "Tryton lets nobody in for a while: too many sign-ins of TrueUp's user, or from its address, failed",
                "Correct the password wherever an old one is used; TrueUp waits and goes on",
                after=5.0,
                code="tryton_sign_ins",
            )
    if any(sign in name.lower() for sign in BUSY):
        return TryLater(
            "Tryton's database is busy", "TrueUp comes back by itself", code="tryton_busy", log=name[:500]
        )
    return TryLater(
        "Tryton could not carry out the request because of an error inside it",
        "TrueUp tries again; if it stays, look into trytond's log",
        code="tryton_error",
        log=f"{name[:500]} {text[-1500:]}",
    )


def is_duplicate(failure: Failure) -> bool:
    """True when the unique web id was what Tryton objected to."""
    return isinstance(failure, Refused) and "web id" in failure.cause.lower()


def may_be_one(failure: Failure) -> bool:
    """True when Tryton may object to one record of a call for many; nothing of the call was applied then."""
    return isinstance(failure, Refused | Unmapped) or failure.code == "tryton_error"


def _text(rest: list[Any]) -> str:
    """The readable part of an error, in one line."""
    flat = rest[0] if rest else ""
    if isinstance(flat, list):
        flat = " ".join(str(part) for part in flat[:2] if part)
    return " ".join(str(flat).split())[:1000]
