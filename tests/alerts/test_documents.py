"""The runbook has a page for each condition, and the remedies one for each kind of failure."""

from pathlib import Path

from engine.alerts.rule import LIMITS, Condition
from engine.model import failure

DOCS = Path(__file__).parents[2] / "docs"


def test_every_condition_is_in_the_runbook_with_its_limit() -> None:
    text = (DOCS / "alerts.md").read_text(encoding="utf-8")
    pages = {page.split("\n", 1)[0].strip(): page for page in text.split("\n### ")[1:]}
    assert set(pages) == {when.value for when in Condition}
    assert [when.value for when, limit in LIMITS.items() if f"{limit:g} " not in pages[when.value]] == []


def test_every_condition_is_fired_by_a_real_fault_in_a_journey() -> None:
    journeys = (DOCS.parent / "tests" / "journeys").glob("test_alerts*.py")
    told = "".join(path.read_text(encoding="utf-8") for path in journeys)
    assert [when.value for when in Condition if f'when = "{when.value}"' not in told] == []


def test_every_kind_of_failure_that_ends_an_attempt_has_its_remedy() -> None:
    text = (DOCS / "remedies.md").read_text(encoding="utf-8")
    kinds = {
        kind.outcome
        for kind in vars(failure).values()
        if isinstance(kind, type) and issubclass(kind, failure.Failure)
    } - {"failure", "not_applied"}
    assert [kind for kind in sorted(kinds | {"defect"}) if f"| `{kind}` |" not in text] == []
