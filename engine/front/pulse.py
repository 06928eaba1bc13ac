"""How things stand."""

from engine.desk import Pulse
from engine.flows.reconcile import FULL
from engine.front.door import Door
from engine.model.comparison import Proof
from engine.store.queries.compared import proof
from engine.store.queries.pulse import pulse
from engine.store.verbs.notices import acknowledge_all


class PulseFront(Door):
    """Implements `engine.desk.pulse.PulseDesk`."""

    async def pulse(self) -> Pulse:
        """The overview."""
        return await self._store.read(pulse, me=self._me, now=self._clock.now())

    async def proof(self) -> Proof:
        """Whether every cell was compared within the hours that were set."""
        return await self._store.read(proof, FULL, self._proof_hours, self._clock.now())

    async def acknowledge(self, *, operator: str) -> int:
        """Say that this person looks after every alert that stands; of how many nobody did before."""
        await self._allow("", "acknowledge", operator)
        return await self._store.write(acknowledge_all, operator, self._clock.now())
