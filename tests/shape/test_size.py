"""Files stay small enough to read in one go."""

from statistics import median

HARD_CAP = 450
MEDIAN = 120
APP = 180


def test_no_file_is_longer_than_the_cap(modules: dict[str, str]) -> None:
    long = {name: text.count("\n") for name, text in modules.items() if text.count("\n") > HARD_CAP}
    assert long == {}


def test_half_of_the_files_are_short(modules: dict[str, str]) -> None:
    assert median(text.count("\n") for text in modules.values() if text.strip()) <= MEDIAN


def test_the_app_stays_wiring(modules: dict[str, str]) -> None:
    assert modules.get("console/app.py", "").count("\n") <= APP
