"""An upgrade of many rows that is killed in the middle of its work, again and again, loses none of them."""

from pathlib import Path

import pytest

from tests.store.upgrade import upgraded


@pytest.mark.parametrize(("rows", "kills"), [(4_000, 8), pytest.param(200_000, 50, marks=pytest.mark.long)])
def test_an_upgrade_killed_in_the_middle_of_its_work_loses_no_row(
    tmp_path: Path, rows: int, kills: int
) -> None:
    seen = upgraded(tmp_path, rows, kills)
    assert (seen.rows, seen.kills) == (rows, kills)
