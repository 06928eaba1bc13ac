"""What trytond reports by name is told with what to do."""

import pytest

from adapters.tryton.trouble import named
from engine.model.failure import Failure, Misset, RateLimited, Refused, TryLater


@pytest.mark.parametrize(
    ("error", "kind", "cause", "remedy"),
    [
        (["RateLimitException"], RateLimited, "too many sign-ins", "Correct the password"),
        (["ConcurrencyException", ["sale.sale", 1, "Records have been modified"]], TryLater, "Someone changed", "again"),
        (["LoginException", ["password", "Password for trueup", "password"]], Misset, "another kind of login", "password alone"),
        (["UserError", ["The credit limit is exceeded.", ""]], Refused, "The credit limit is exceeded.", "then retry"),
        (["could not serialize access due to concurrent update"], TryLater, "database is busy", "comes back"),
    ],
)  # fmt: skip
def test_each_error_says_whose_turn_it_is(
    error: list[object], kind: type[Failure], cause: str, remedy: str
) -> None:
    failure = named(error)
    assert isinstance(failure, kind)
    assert cause in failure.cause
    assert remedy in failure.remedy
