"""What is installed is what the lock file says, the bill names all of it, and an advisory about it is found."""

from typing import Any

import pytest

from tests.supply.bill import LOCK, Locked, bill, concerns, faults, installed, locked

DIGEST = "a" * 64


def test_this_environment_is_as_locked() -> None:
    lock = locked(LOCK.read_text(encoding="utf-8"))
    assert len(lock) > 50
    assert list(faults({name: each.version for name, each in installed().items()}, lock)) == []


def test_the_bill_names_every_package_with_what_it_needs() -> None:
    present, lock = installed(), locked(LOCK.read_text(encoding="utf-8"))
    made = bill(present, lock)
    assert [each["bom-ref"] for each in made["components"]] == list(present)
    assert all(each["properties"] for each in made["components"])
    needs = {each["ref"]: each["dependsOn"] for each in made["dependencies"]}
    assert "httpcore" in needs["httpx"]


@pytest.mark.parametrize(
    ("present", "lock", "said"),
    [
        ({"a": "1"}, {"a": Locked("1", (DIGEST,))}, []),
        ({"a": "2"}, {"a": Locked("1", (DIGEST,))}, ["a 2 is installed, and requirements.lock says 1."]),
        ({"b": "1"}, {}, ["b 1 is installed and not in requirements.lock."]),
        ({}, {"c": Locked("1", ())}, ["c has no hash in requirements.lock."]),
    ],
)
def test_what_is_not_as_locked_is_said(
    present: dict[str, str], lock: dict[str, Locked], said: list[str]
) -> None:
    assert list(faults(present, lock)) == said


def advisory(**more: Any) -> dict[str, Any]:
    span = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "0.16.0"}]}
    return {
        "id": "PYSEC-1",
        "affected": [{"package": {"ecosystem": "PyPI", "name": "H11"}, "ranges": [span], "versions": []}],
        **more,
    }


@pytest.mark.parametrize(
    ("name", "version", "more", "hit"),
    [
        ("h11", "0.14.0", {}, True),
        ("h11", "0.16.0", {}, False),
        ("h12", "0.14.0", {}, False),
        ("h11", "0.14.0", {"withdrawn": "2026-01-01T00:00:00Z"}, False),
    ],
)
def test_an_advisory_is_about_the_versions_it_names(
    name: str, version: str, more: dict[str, Any], hit: bool
) -> None:
    assert concerns(advisory(**more), name, version) is hit
