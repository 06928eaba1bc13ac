"""A face lists plans with their rows by state, asks for one or for its run, and hears what came of it."""

from datetime import datetime, timedelta

from engine.desk import Came
from engine.flows.plan_commands import Done
from engine.front import Front
from engine.model.clock import SystemClock
from engine.model.ids import LocationId, Sku
from engine.model.plan import PlanRow
from engine.model.stock import CellKey
from engine.store.session import Store
from engine.store.verbs import command
from engine.store.verbs.plans import add_plan_rows, begin_plan, close_plan, complete_plan, settle_plan_rows

MINUTE = timedelta(minutes=1)


def drawn(store: Store, now: datetime) -> int:
    number = store.write_sync(begin_plan, "main", "stock", "ana", now)
    rows = [PlanRow(f"S{at}", "L", 1, 2, "missed event", "planned") for at in range(3)]
    rows.append(PlanRow("S9", "L", 4, None, "unmapped", "shown", "Add the location."))
    store.write_sync(add_plan_rows, number, rows, 40)
    return number


async def test_plans_are_listed_newest_first_with_their_rows_by_state(store: Store, now: datetime) -> None:
    front = Front(store, environment="test", clock=SystemClock())
    first = drawn(store, now)
    store.write_sync(complete_plan, first, now + MINUTE)
    outcome = {
        CellKey(Sku("S0"), LocationId("L")): ("applied", ""),
        CellKey(Sku("S1"), LocationId("L")): ("refused", "moved"),
    }
    store.write_sync(settle_plan_rows, first, outcome, "ben", now + 2 * MINUTE)
    store.write_sync(close_plan, first, "ben", now + 2 * MINUTE)
    second = drawn(store, now + 3 * MINUTE)
    newest, oldest = await front.plans()
    assert (newest.id, newest.ready_at, newest.planned, newest.shown) == (second, None, 3, 1)
    assert (oldest.id, oldest.planned, oldest.shown, oldest.applied, oldest.refused) == (first, 1, 1, 1, 1)
    assert (oldest.compared, oldest.made_by, oldest.applied_by) == (40, "ana", "ben")
    assert await front.plan(first + second) is None


async def test_what_came_of_a_wish_is_heard_once_the_engine_has_finished_it(
    store: Store, now: datetime
) -> None:
    front = Front(store, environment="test", clock=SystemClock())
    number = drawn(store, now)
    asked = await front.make_plan("main", "products", operator="ana")
    run = await front.run_plan(number, (("S0", "L"),), operator="ben")
    assert run is not None and await front.run_plan(number + 1, None, operator="ben") is None
    made, ran = store.read_sync(command.take, "main", 10, long=True)
    assert (made.verb, made.operator, ran.verb, ran.operator) == ("plan", "ana", "apply", "ben")
    assert ran.args_json == f'{{"plan":{number},"cells":[["S0","L"]]}}'
    assert made.args_json == '{"subject":"products"}'
    assert await front.came_of(asked) is None
    store.write_sync(command.finish, made.id, Done(7).text, now)
    store.write_sync(command.finish, ran.id, Done(None, "No.", "Do that.").text, now)
    assert (await front.came_of(asked), await front.came_of(run)) == (Came(7), Came(None, "No.", "Do that."))
