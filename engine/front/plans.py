"""Plans and their runs."""

import orjson

from engine.desk import Came, PlanLine
from engine.flows.plan_commands import Done
from engine.front.door import Door
from engine.model.plan import Plan
from engine.store.queries.plans import plan_lines, read_plan
from engine.store.verbs.command import outcome


class PlanFront(Door):
    """Implements `engine.desk.plans.PlanDesk`."""

    async def plans(self) -> tuple[PlanLine, ...]:
        """The newest plans, the newest first."""
        return tuple(await self._store.read(plan_lines))

    async def plan(self, number: int) -> Plan | None:
        """A plan with all its rows; None when there is none of that number."""
        return await self._store.read(read_plan, number)

    async def make_plan(self, connection: str, subject: str = "stock", *, operator: str) -> int:
        """Ask the engine for a plan of a connection's stock or products; the number to ask about it by."""
        args = orjson.dumps({} if subject == "stock" else {"subject": subject}).decode()
        return await self._put(connection, "plan", args, operator)

    async def run_plan(
        self, number: int, cells: tuple[tuple[str, str], ...] | None, *, operator: str
    ) -> int | None:
        """Ask the engine to run a plan, or of it only these cells; None when there is no such plan."""
        found = await self._store.read(read_plan, number)
        if found is None:
            return None
        args = orjson.dumps({"plan": number, "cells": cells}).decode()
        return await self._put(found.connection, "apply", args, operator)

    async def came_of(self, asked: int) -> Came | None:
        """What came of asking for a plan or its run; None while the engine has not finished it."""
        text = await self._store.read(outcome, asked)
        if text is None:
            return None
        done = Done.read(text)
        return Came(done.plan, done.cause, done.remedy)
