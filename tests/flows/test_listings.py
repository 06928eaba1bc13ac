"""When a listing of changed orders counts as read, so that what it does not show has not happened."""

from datetime import UTC, datetime, timedelta

from engine.flows.listings import Listings
from engine.model.ids import OrderId

ONE, TWO = OrderId("one"), OrderId("two")
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_a_listing_that_shows_nothing_counts_at_once() -> None:
    listings = Listings()
    listings.shown([], at(0), 0)
    assert listings.read_until == at(0)


def test_a_listing_counts_once_each_of_its_orders_has_been_read() -> None:
    listings = Listings()
    listings.shown([ONE, TWO], at(0), 0)
    listings.read(ONE, 1)
    assert listings.read_until is None
    listings.read(TWO, 1)
    assert listings.read_until == at(0)


def test_a_reading_that_began_before_the_listing_may_have_missed_what_it_shows() -> None:
    listings = Listings()
    listings.shown([ONE], at(10), 10)
    listings.read(ONE, 9.9)
    assert listings.read_until is None
    listings.read(ONE, 10)
    assert listings.read_until == at(10)


def test_an_order_that_no_listing_shows_any_more_is_owed_until_it_has_been_read() -> None:
    listings = Listings()
    listings.shown([ONE], at(0), 0)
    for later in range(15, 300, 15):
        listings.shown([], at(later), later)
        assert listings.read_until is None
    listings.read(ONE, 300)
    assert listings.read_until == at(285)
    listings.shown([], at(315), 315)
    assert listings.read_until == at(315)


def test_an_order_shown_while_another_was_owed_is_owed_too() -> None:
    listings = Listings()
    listings.shown([ONE], at(0), 0)
    listings.shown([TWO], at(15), 15)
    listings.shown([], at(30), 30)
    listings.read(ONE, 31)
    assert listings.read_until == at(0)
    listings.read(TWO, 14)
    assert listings.read_until == at(0)
    listings.read(TWO, 16)
    assert listings.read_until == at(30)


def test_an_order_that_changes_all_the_time_does_not_hold_the_listings_up() -> None:
    listings = Listings()
    listings.shown([ONE, TWO], at(0), 0)
    listings.shown([ONE], at(15), 15)
    listings.read(ONE, 1)
    listings.read(TWO, 1)
    assert listings.read_until == at(0)
    listings.read(ONE, 16)
    assert listings.read_until == at(15)


def test_what_an_earlier_engine_was_told_and_did_not_read_is_read_before_a_listing_counts() -> None:
    listings = Listings(unread={ONE: 0, TWO: 0})
    listings.read(ONE, 1)
    listings.shown([], at(15), 15)
    assert listings.read_until is None
    assert listings.owed == {TWO}
    listings.read(TWO, 2)
    assert listings.read_until == at(15)


def test_a_wall_clock_put_back_between_listing_and_reading_holds_nothing_up() -> None:
    listings = Listings()
    listings.shown([ONE], at(600), 0)
    listings.read(ONE, 20)
    assert listings.read_until == at(600)


def test_a_reading_brought_all_of_a_change_only_if_the_shop_was_past_its_second_before() -> None:
    listings = Listings()
    listings.brought(ONE, at(10), at(11))
    listings.brought(TWO, at(10), None)
    assert not listings.whole(ONE, at(10)), "it may have changed once more in that second"
    assert not listings.whole(TWO, at(10)), "a shop whose clock is withheld proves nothing"
    listings.brought(ONE, at(10), at(12))
    assert listings.whole(ONE, at(10))
    assert not listings.whole(ONE, at(11)), "a later change was not brought"


def test_what_no_listing_doubts_any_more_is_not_remembered() -> None:
    listings = Listings()
    listings.brought(ONE, at(10), at(20))
    listings.brought(TWO, at(15), at(20))
    listings.forget(at(15))
    assert not listings.whole(ONE, at(10))
    assert listings.whole(TWO, at(15))
