"""A list from which plans are made and run: it asks the engine, and says what came of it when it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from screens import running
from screens.listing import Listing
from screens.running import Run

if TYPE_CHECKING:
    from engine.desk import Came, Desk, PlanLine
    from engine.model.plan import Plan


class HeldPlan:
    """The plan read last, read again only when something of it has changed: it may have many rows."""

    def __init__(self) -> None:
        self._line: PlanLine | None = None
        self._plan: Plan | None = None

    async def of(self, desk: Desk, number: int) -> Plan | None:
        """The plan of this number with its rows."""
        line = next((line for line in await desk.plans() if line.id == number), None)
        if self._plan is None or self._plan.id != number or line is None or line != self._line:
            self._plan, self._line = await desk.plan(number), line
        return self._plan


class Runner(Listing):
    """What the list of plans and the rows of one have in common."""

    pending: Run | None = None
    """What is to be run once its count was typed."""

    def on_mount(self) -> None:
        """Nothing is awaited."""
        self.held = HeldPlan()
        self.awaited: dict[int, Run | None] = {}
        """What was asked for and has not come yet: a run, or None for a new plan."""

    async def read(self) -> None:
        """Read the list, then hear what came of what was asked for."""
        await super().read()
        desk = self.session.desk
        for asked, run in list(self.awaited.items()) if desk is not None else ():
            came = await desk.came_of(asked) if desk is not None else None
            if came is not None and desk is not None:
                del self.awaited[asked]
                await self.tell(desk, came, run)

    async def tell(self, desk: Desk, came: Came, run: Run | None) -> None:
        """Say what came of it."""
        if came.plan is None:
            self.say(f"{came.cause} {came.remedy}".strip(), "bad")
        elif run is None:
            self.say(f"Plan {came.plan} is made: Enter shows its rows.", "ok")
        else:
            self.say(*running.told(run, await desk.plan(came.plan)))

    def begin(self, run: Run) -> None:
        """Ask for the count."""
        if run.rows:
            self.pending = run
            self.entry.ask("run", running.question(run))
        else:
            self.say(
                "Nothing of it is planned: it is applied, refused, or shown for a person to act.", "warn"
            )

    def entered(self, purpose: str, text: str) -> None:
        """The count."""
        if purpose != "run" or self.pending is None:
            super().entered(purpose, text)
            return
        run, self.pending = self.pending, None
        if running.confirmed(run, text):
            self.ask_run(run)
        else:
            self.say(f"Nothing written: {len(run.rows):,} levels, and that was not typed.", "warn")

    @work(group="act", exit_on_error=False)
    async def ask_run(self, run: Run) -> None:
        """Ask the engine to run it."""
        desk = self.session.desk
        if desk is None:
            return
        with self.told_if_it_fails(f"plan {run.plan} was not taken"):
            asked = await desk.run_plan(run.plan, run.cells, operator=self.session.operator)
            if asked is None:
                self.say(f"There is no plan {run.plan} any more.", "warn")
                return
            self.table.mark(())
            self.expect(asked, run, f"Asked to write {len(run.rows):,} of plan {run.plan}")

    def expect(self, asked: int, run: Run | None, said: str) -> None:
        """Wait for what comes of it."""
        self.awaited[asked] = run
        pulse = self.session.pulse
        idle = pulse is not None and pulse.engine == "stopped"
        self.say(
            f"{said}{'; no engine runs: it is done when one does' if idle else ''}.", "warn" if idle else ""
        )
        self._news = True
        self.table.pages.grow_old()
        self.kick()
