"""What Shopify's ways of saying no mean. Top-level errors may be a string, a list or an object; all are read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.http import silent
from engine.model.failure import Failure, Misset, OutcomeUnknown, Refused, TryLater

SHOP = "The shop"
SHOWN = 300

NEVER_RAN = frozenset(
    {
        "ACCESS_DENIED", "BAD_REQUEST", "INVALID_FIELD_ARGUMENTS", "INVALID_VARIABLE", "MAX_COST_EXCEEDED",
        "RESOURCE_NOT_FOUND", "SHOP_INACTIVE", "THROTTLED", "NOT_FOUND", "missingRequiredArguments",
    }
)  # fmt: skip
"""Codes of errors that Shopify raises before a mutation acts."""


@dataclass(frozen=True, slots=True)
class GraphqlError:
    """One top-level error."""

    message: str
    code: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UserError:
    """One complaint of a mutation about its input."""

    code: str
    field: tuple[str, ...]
    message: str


def plain(text: object) -> str:
    """Text without control characters, at most a line of it."""
    return "".join(sign for sign in str(text) if sign.isprintable())[:SHOWN]


def read_errors(errors: object) -> tuple[GraphqlError, ...]:
    """Top-level errors in whatever shape they came."""
    match errors:
        case None | "" | [] | {}:
            return ()
        case str():
            return (GraphqlError(plain(errors), "", ()),)
        case Mapping() if "message" in errors:
            return (_one(errors),)
        case Mapping():
            return tuple(GraphqlError(plain(f"{name}: {said}"), "", ()) for name, said in errors.items())
        case Sequence():
            return tuple(_one(error) for error in errors)
        case _:
            return (GraphqlError(plain(errors), "", ()),)


def _one(error: object) -> GraphqlError:
    if not isinstance(error, Mapping):
        return GraphqlError(plain(error), "", ())
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, Mapping) else None
    path = error.get("path")
    return GraphqlError(
        plain(error.get("message", "")),
        plain(code) if code else "",
        tuple(str(step) for step in path) if isinstance(path, list) else (),
    )


def spared(error: GraphqlError, optional: Collection[tuple[str, ...]]) -> bool:
    """True when the error only withholds a field that the caller can do without."""
    return error.code == "ACCESS_DENIED" and any(error.path[: len(path)] == path for path in optional)


def graphql_failure(errors: Sequence[GraphqlError], *, name: str, write: bool, has_data: bool) -> Failure:
    """The failure for the first of these errors; throttling is handled before."""
    error = errors[0]
    log = f"{name}: {error.code or 'no code'} {error.message}"
    code = error.code.lower() or "graphql"
    match error.code:
        case "ACCESS_DENIED":
            return Misset(
                f"The shop's key may not do this: {error.message}",
                "Grant the missing access scope",
                code=code,
                log=log,
            )
        case "SHOP_INACTIVE":
            return Misset("The shop is not active", "Reactivate the shop with Shopify", code=code, log=log)
        case "INTERNAL_SERVER_ERROR" | "TIMEOUT":
            return silent(SHOP, write=write, code=code, log=log)
    if write and has_data and error.code not in NEVER_RAN:
        return OutcomeUnknown(
            f"The shop reported an error while carrying out a change: {error.message}",
            "TrueUp looks whether the change arrived before it tries again",
            code=code,
            log=log,
        )
    return Refused(
        f"The shop declined the request: {error.message}",
        "Correct the record, then retry it",
        code=code,
        log=log,
    )


def read_user_errors(payload: Mapping[str, Any], key: str = "userErrors") -> tuple[UserError, ...]:
    """The complaints of a mutation payload."""
    return tuple(
        UserError(
            plain(error.get("code") or ""),
            tuple(str(step) for step in error.get("field") or ()),
            plain(error.get("message") or ""),
        )
        for error in payload.get(key) or ()
    )


def user_failure(errors: Sequence[UserError]) -> Failure:
    """The failure for the first of these complaints."""
    error = errors[0]
    log = f"{error.code} {'.'.join(error.field)} {error.message}".strip()
    if error.code == "IDEMPOTENCY_CONCURRENT_REQUEST":
        return OutcomeUnknown(
            "The shop is still working on the same change",
            "TrueUp looks again shortly",
            code=error.code.lower(),
            log=log,
        )
    if error.code == "SERVICE_UNAVAILABLE":
        return TryLater("The shop is busy", "TrueUp comes back by itself", code=error.code.lower(), log=log)
    return Refused(
        f"The shop declined: {error.message}",
        "Correct the record, then retry it",
        code=error.code.lower() or "user_error",
        log=log,
    )
