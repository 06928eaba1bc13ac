"""Tells faces how the remotes are, and keeps how they are treated: written when it changes, and now and then.

What one beat writes is written together: a commit wakes everybody who waits for a change.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from engine.flows.site import Site
from engine.ports import Rationed
from engine.store.queries.risk import risk_page
from engine.store.verbs.pace import keep_allowances, keep_lag, keep_pace, keep_risk, kept_pace
from engine.store.verbs.spending import keep_spending, kept_spending
from engine.store.verbs.watch import note_remote

Said = Callable[[], Awaitable[object]]
"""A write that is to be begun once all of a beat are known."""


class RemotePulse:
    """The health line of one connection's remotes."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._said: dict[str, tuple[str, str]] = {}
        self._at = site.now() - site.rhythm.pulse
        self._kept: object = None
        """How the remotes were treated when it was last written down."""

    async def take_up(self) -> None:
        """Treat the remotes as the engine before this one did."""
        site = self._site
        if isinstance(site.back_office, Rationed):
            site.back_office.recall(await site.store.read(kept_spending, site.name))
        breakers, site.budget = await site.store.read(kept_pace, site.name)
        for remote, gates in site.gates.items():
            for gate in (gates.read, gates.write):
                gate.breaker = breakers.get((remote, gate.breaker.kind), gate.breaker)

    async def beat(self) -> None:
        """Write down what changed since the last beat."""
        site, now = self._site, self._site.now()
        await self._keep()
        due = now - self._at >= site.rhythm.pulse
        said: list[Said] = []
        for remote, state in site.remotes.items():
            if state.last_ok is None and state.failing_since is None:
                continue
            word = "FAIL" if state.failing_since else "OK"
            if due or self._said.get(remote) != (word, state.detail):
                self._said[remote] = (word, state.detail)
                ok = state.failing_since is None
                write = site.store.write
                said.append(partial(write, note_remote, site.name, remote, word, state.detail, now, ok=ok))
        if due:
            self._at = now
            said += await self._reckoned()
        await asyncio.gather(*(write() for write in said))

    async def _reckoned(self) -> list[Said]:
        """How long changes travel, and how many cells are at risk by it: what is to be written of that."""
        site = self._site
        site.pace.pulse(answered=not any(state.failing_since for state in site.remotes.values()))
        left = {
            remote: int(100 * one.left / one.capacity)
            for remote, one in site.allowed().items()
            if one.capacity > 0
        }
        spent = site.back_office.spent() if isinstance(site.back_office, Rationed) else {}
        page = await site.store.read(risk_page, site.now(), site.name)
        now, write = site.now(), site.store.write
        reckoned: list[Said] = [partial(write, keep_lag, site.name, site.lag, now)]
        if left:
            reckoned.append(partial(write, keep_allowances, site.name, left, now))
        if spent:
            reckoned.append(partial(write, keep_spending, site.name, spent, now))
        return [*reckoned, partial(write, keep_risk, site.name, page.at_risk, page.over, now)]

    async def _keep(self) -> None:
        """Breakers as they are, the budget in whole retries: it grows with every success."""
        site = self._site
        breakers = {
            (remote, gate.breaker.kind): gate.breaker
            for remote, gates in site.gates.items()
            for gate in (gates.read, gates.write)
        }
        treated = (breakers, int(site.budget.tokens))
        if treated != self._kept:
            await site.store.write(keep_pace, site.name, breakers, site.budget, site.now())
            self._kept = treated
