"""A bill of materials (CycloneDX 1.6) of what is installed, and an audit of it; neither needs a network.

`python -m tests.supply.bill sbom FILE` writes the bill. `python -m tests.supply.bill audit [ADVISORIES]` fails when a
package is installed that the lock file does not name, in another version than it names, or without a hash there; with a
folder of advisories (OSV's export of the Python ecosystem, one JSON file each) also when one is about what is installed.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

LOCK = Path(__file__).parents[2] / "requirements.lock"
OWN = "trueup"
SEEDS = frozenset({"pip", "setuptools"})
"""What a virtual environment begins with; never imported by us."""
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", re.M)


@dataclass(frozen=True, slots=True)
class Locked:
    """One line of the lock file."""

    version: str
    hashes: tuple[str, ...]


def locked(text: str) -> dict[str, Locked]:
    """Packages of a lock file by their canonical names."""
    found: dict[str, Locked] = {}
    starts = list(PIN.finditer(text))
    for here, after in zip(starts, [*starts[1:], None], strict=True):
        part = text[here.start() : after.start() if after else len(text)]
        hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", part))
        found[canonicalize_name(here.group(1))] = Locked(here.group(2), hashes)
    return found


def installed() -> dict[str, Distribution]:
    """Packages of this environment but our own, by their canonical names."""
    named = {canonicalize_name(each.name): each for each in distributions() if each.name}
    return {name: each for name, each in sorted(named.items()) if name != OWN and name not in SEEDS}


def faults(present: Mapping[str, str], lock: Mapping[str, Locked]) -> Iterator[str]:
    """What differs between what is installed (versions by name) and the lock file, as sentences."""
    for name, found in present.items():
        wanted = lock.get(name)
        if wanted is None:
            yield f"{name} {found} is installed and not in requirements.lock."
        elif wanted.version != found:
            yield f"{name} {found} is installed, and requirements.lock says {wanted.version}."
    yield from (f"{name} has no hash in requirements.lock." for name, each in lock.items() if not each.hashes)


def advisories(folder: Path) -> Iterator[dict[str, Any]]:
    """Advisories in OSV's format."""
    for file in sorted(folder.rglob("*.json")):
        yield json.loads(file.read_text(encoding="utf-8"))


def concerns(advisory: Mapping[str, Any], name: str, found: str) -> bool:
    """Is it about this version of this package? One that was withdrawn is about nothing."""
    return not advisory.get("withdrawn") and any(
        canonicalize_name(each["package"]["name"]) == name and _within(each, found)
        for each in advisory.get("affected", ())
        if each.get("package", {}).get("ecosystem") == "PyPI"
    )


def _within(affected: Mapping[str, Any], found: str) -> bool:
    if found in affected.get("versions", ()):
        return True
    at = Version(found)
    for span in affected.get("ranges", ()):
        if span.get("type") != "ECOSYSTEM":
            continue
        inside = False
        for event in span["events"]:
            if "introduced" in event and (event["introduced"] == "0" or _after(at, event["introduced"])):
                inside = True
            if "fixed" in event and _after(at, event["fixed"]):
                inside = False
            if (
                "last_affected" in event
                and _after(at, event["last_affected"])
                and found != event["last_affected"]
            ):
                inside = False
        if inside:
            return True
    return False


def _after(at: Version, bound: str) -> bool:
    try:
        return at >= Version(bound)
    except InvalidVersion:
        return False


def bill(present: Mapping[str, Distribution], lock: Mapping[str, Locked]) -> dict[str, Any]:
    """The bill, the same for the same environment: no time and no serial number."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": OWN, "version": version(OWN), "bom-ref": OWN}
        },
        "components": [_component(name, each, lock.get(name)) for name, each in present.items()],
        "dependencies": [
            {"ref": name, "dependsOn": sorted(set(_needs(each)) & present.keys())}
            for name, each in present.items()
        ],
    }


def _component(name: str, each: Distribution, lock: Locked | None) -> dict[str, Any]:
    licence = each.metadata.get("License-Expression") or (each.metadata.get("License") or "").split("\n")[0]
    found: dict[str, Any] = {
        "type": "library", "bom-ref": name, "name": each.name, "version": each.version,
        "purl": f"pkg:pypi/{name}@{each.version}",
    }  # fmt: skip
    if licence:
        found["licenses"] = [{"license": {"name": licence}}]
    if lock is not None:
        # any of the files the lock file allows; which one was installed is not recorded
        found["properties"] = [{"name": "trueup:locked-sha256", "value": digest} for digest in lock.hashes]
    return found


def _needs(each: Distribution) -> Iterator[str]:
    for text in each.requires or ():
        wanted = Requirement(text)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            yield canonicalize_name(wanted.name)


def main(words: list[str]) -> int:
    """Do what was asked; 1 when the audit finds something."""
    present, lock = installed(), locked(LOCK.read_text(encoding="utf-8"))
    if words[:1] == ["sbom"] and len(words) == 2:
        Path(words[1]).write_text(json.dumps(bill(present, lock), indent=2) + "\n", encoding="utf-8")
        print(f"{words[1]}: {len(present)} components")  # noqa: T201 - a command of its own
        return 0
    if words[:1] != ["audit"]:
        print(__doc__)  # noqa: T201
        return 2
    found = list(faults({name: each.version for name, each in present.items()}, lock))
    for advisory in advisories(Path(words[1])) if len(words) > 1 else ():
        found += [
            f"{name} {each.version} is affected by {advisory['id']}."
            for name, each in present.items()
            if concerns(advisory, name, each.version)
        ]
    print("\n".join(found) or f"{len(present)} packages are as requirements.lock says.")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
