"""How Shopify words a refusal: graphql-core's complaints in the Admin API's terms."""

import re
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

Json = dict[str, Any]


class Declined(GraphQLError):
    """A top-level error with a code; the root field that raises it answers null."""

    def __init__(self, message: str, code: str) -> None:
        """Keep the code where Shopify puts it."""
        super().__init__(message, extensions={"code": code})


def invalid_id(said: object) -> Declined:
    """An id that is no id at all."""
    return Declined(f"Invalid global id '{said}'", "argumentLiteralsIncompatible")


def listed(errors: Sequence[GraphQLError]) -> list[Json]:
    """Errors of execution, as answered."""
    found = []
    for error in errors:
        entry = error.formatted
        shaped: Json = {"message": entry["message"]}
        if "locations" in entry:
            shaped["locations"] = entry["locations"]
        if entry.get("path"):
            shaped["path"] = entry["path"]
        shaped["extensions"] = entry.get("extensions") or {"code": "INTERNAL_SERVER_ERROR"}
        found.append(shaped)
    return found


_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        r"Cannot query field '(\w+)' on type '(\w+)'",
        "Field '{0}' doesn't exist on type '{1}'",
        "undefinedField",
    ),
    (
        r"Unknown argument '(\w+)' on field '(\w+)\.(\w+)'",
        "Field '{2}' doesn't accept argument '{0}'",
        "argumentNotAccepted",
    ),
    (
        r"Field '(\w+)' argument '(\w+)' of type '([^']+)' is required",
        "Field '{0}' is missing required arguments: {1}",
        "missingRequiredArguments",
    ),
    (
        r"Directive '@(\w+)' argument '(\w+)' of type '([^']+)' is required",
        "Directive '{0}' is missing required arguments: {1}",
        "missingRequiredArguments",
    ),
    (
        r"Field '(\w+)' of type '([^']+)' must have a selection",
        "Field must have selections (field '{0}' returns {1} but has no selections. Did you mean '{0} {{ ... }}'?)",
        "selectionMismatch",
    ),
    (
        r"Field '(\w+)' must not have a selection since type '([^']+)'",
        "Selections can't be made on scalars (field '{0}' returns {1} but has selections)",
        "selectionMismatch",
    ),
    (
        r"Unknown type '([^']+)'",
        "{0} isn't a defined input type (on the variable)",
        "variableRequiresValidType",
    ),
    (r"Unknown directive '@(\w+)'", "Directive @{0} is not defined", "undefinedDirective"),
    (r"Unknown fragment '(\w+)'", "Fragment {0} was used, but not defined", "useAndDefineFragment"),
    (r"Fragment '(\w+)' is never used", "Fragment {0} was defined, but not used", "useAndDefineFragment"),
    (
        r"Variable '\$(\w+)' is not defined",
        "Variable ${0} is used but not declared",
        "variableNotDefined",
    ),
    (r"Variable '\$(\w+)' is never used", "Variable ${0} is declared but not used", "variableNotUsed"),
    (
        r"Variable '\$(\w+)' of type '([^']+)' used in position expecting type '([^']+)'",
        "Type mismatch on variable ${0} ({1} / {2})",
        "variableMismatch",
    ),
    (
        r"Fragment (?:'(\w+)' )?cannot be spread here",
        "Fragment on a type that can't be here",
        "cannotSpreadFragment",
    ),
)


def invalid(errors: Sequence[GraphQLError]) -> list[Json]:
    """Errors of validation, as answered before anything runs."""
    return [_worded(error) for error in errors]


def _worded(error: GraphQLError) -> Json:
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    for pattern, words, code in _WORDS:
        found = re.match(pattern, error.message)
        if found:
            parts = [part or "" for part in found.groups()]
            return {"message": words.format(*parts), "locations": places, "extensions": {"code": code}}
    code = "parseError" if "Syntax Error" in error.message else "argumentLiteralsIncompatible"
    return {"message": error.message, "locations": places, "extensions": {"code": code}}


def bad_variables(errors: Sequence[GraphQLError]) -> list[Json]:
    """Variables that do not fit their declared types."""
    found = []
    for error in errors:
        name = re.match(r"Variable '\$(\w+)'(?: of required type '([^']+)')?", error.message)
        unknown = re.search(r"Field '(\w+)' is not defined by type '(\w+)'", error.message)
        missing = re.search(r"Field '(\w+)' of required type '([^']+)' was not provided", error.message)
        detail = error.message
        if unknown:
            detail = f"{unknown[1]} (Field is not defined on {unknown[2]})"
        elif missing:
            detail = f"{missing[1]} (Expected value to not be null)"
        head = f"Variable ${name[1]} was provided invalid value for " if name else ""
        found.append(
            {
                "message": head + detail,
                "locations": [{"line": p.line, "column": p.column} for p in error.locations or ()],
                "extensions": {"code": "INVALID_VARIABLE"},
            }
        )
    return found
