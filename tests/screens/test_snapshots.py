"""Pictures of the screens as they are meant to look."""

import pytest

from console.app import TrueUpConsole
from console.canned import CannedDesk, FrozenClock

SIZES = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])

KEYS = {
    "pulse": "1", "stock": "2", "sync": "3", "failed": "4", "causes": "4c", "edit": "4jje", "compare": ("5", "equals_sign"), "mapping": ("5", "equals_sign", "m"), "orders": "5", "risk": "6", "fields": "7", "logs": "8",
    "audit": "9", "conflicts": "C", "why": "2w", "plans": "0", "planned": ("0", "enter", "enter"),
}  # fmt: skip


async def worked(pilot) -> None:
    for _ in range(20):
        await pilot.pause()


@SIZES
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_the_screen_looks_as_drawn(snap_compare, tmp_path, key: str, size: tuple[int, int]) -> None:
    app = TrueUpConsole(CannedDesk(), read_write=False, operator="ana", clock=FrozenClock(), cache=tmp_path)

    async def there(pilot) -> None:
        await worked(pilot)
        for each in key:
            await pilot.press(each)
            await worked(pilot)

    assert snap_compare(app, terminal_size=size, run_before=there)
