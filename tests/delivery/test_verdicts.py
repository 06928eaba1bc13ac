"""What a failure proves, and what becomes of the record."""

from datetime import timedelta
from random import Random

import pytest

from engine.delivery.retry import MAX_ATTEMPTS
from engine.delivery.tiers import looks_needed, meaning, settle_time
from engine.delivery.verdicts import DeadLettered, Doubtful, Held, Postponed, Retry, Verdict, judge
from engine.model.failure import (
    Failure,
    Misset,
    NotNow,
    OutcomeUnknown,
    RateLimited,
    Refused,
    TryLater,
    Unmapped,
)
from engine.ports import Capabilities, Tier

LAST = MAX_ATTEMPTS - 1


def of(kind: type[Failure], *, tier: Tier = Tier.T2, attempt: int = 0, **other: float) -> Verdict:
    able = Capabilities("erp", tier, 300.0, events=False, max_concurrency=4)
    return judge(kind("It went wrong.", "Wait.", **other), attempt, able, Random(7))


@pytest.mark.parametrize("attempt", [0, LAST, 500])
@pytest.mark.parametrize("kind", [NotNow, RateLimited])
def test_being_asked_to_wait_costs_no_attempt_and_waits_as_long_as_asked(
    kind: type[Failure], attempt: int
) -> None:
    assert of(kind, attempt=attempt, after=42.0) == Postponed(timedelta(seconds=42))


def test_what_is_proven_not_applied_comes_back_until_it_was_tried_often_enough() -> None:
    assert isinstance(of(TryLater), Retry)
    assert of(TryLater, attempt=LAST) == DeadLettered()


@pytest.mark.parametrize("kind", [Refused, Unmapped])
def test_what_was_understood_and_declined_waits_for_a_person(kind: type[Failure]) -> None:
    assert of(kind) == Held()


def test_a_wrong_key_pauses_and_never_gives_up() -> None:
    assert isinstance(of(Misset, attempt=LAST), Retry)


def test_what_may_have_been_applied_is_never_looked_up_before_its_settling_time() -> None:
    for attempt in range(LAST):
        verdict = of(OutcomeUnknown, attempt=attempt)
        assert isinstance(verdict, Doubtful)
        assert verdict.after >= timedelta(seconds=300)
    assert of(OutcomeUnknown, attempt=LAST) == DeadLettered()


def test_without_a_look_up_a_person_decides() -> None:
    assert of(OutcomeUnknown, tier=Tier.T3) == Held(decided=True)


def test_only_a_back_office_that_cannot_refuse_a_double_is_waited_for_and_looked_at_twice() -> None:
    assert [looks_needed(tier) for tier in Tier] == [0, 0, 0, 2, 0]
    waits = [settle_time(Capabilities("erp", tier, 300.0, events=False, max_concurrency=1)) for tier in Tier]
    assert [wait.total_seconds() for wait in waits] == [0, 0, 0, 300, 300]


def test_every_tier_says_what_it_means() -> None:
    texts = {meaning(Capabilities("erp", tier, 300.0, events=False, max_concurrency=1)) for tier in Tier}
    assert len(texts) == len(Tier)
