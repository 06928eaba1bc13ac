"""A listing of any length holds few pages and knows which to read."""

from screens.pages import KEPT, PAGE, Pages, Row


def page(offset: int) -> list[Row]:
    return [Row(str(offset + i), ()) for i in range(PAGE)]


def test_only_what_is_in_view_is_wanted() -> None:
    pages = Pages()
    assert pages.wanted(0, 20) == (0,)
    pages.put(0, page(0), 100_000)
    assert pages.wanted(0, 20) == ()
    assert pages.wanted(190, 210) == (200,)
    assert pages.wanted(99_990, 100_010) == (99_800,)


def test_old_pages_are_shown_but_wanted_again() -> None:
    pages = Pages()
    pages.put(0, page(0), 400)
    pages.grow_old()
    assert pages.at(3) == Row("3", ())
    assert pages.wanted(0, 20) == (0,)


def test_far_travel_forgets_the_oldest() -> None:
    pages = Pages()
    for number in range(KEPT + 5):
        pages.put(number * PAGE, page(number * PAGE), 100_000)
    assert len(pages) == KEPT * PAGE
    assert pages.at(0) is None
    assert pages.find(str(10 * PAGE + 7)) == 10 * PAGE + 7


def test_an_empty_listing_wants_nothing_once_read() -> None:
    pages = Pages()
    pages.put(0, [], 0)
    assert pages.wanted(0, 20) == ()
