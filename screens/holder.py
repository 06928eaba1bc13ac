"""A list of cells, or of SKUs with one of their cells, in which units are held back from sale."""

from __future__ import annotations

from collections.abc import Sequence

from textual import work

from screens import holding
from screens.holding import Spot
from screens.listing import Listing


class Holder(Listing):
    """The acts that screens with cells share; a screen says which cells are meant."""

    chosen: tuple[Spot, ...] = ()
    """The cells that were asked about: the list may move on meanwhile."""

    def spots(self) -> list[Spot]:
        """The marked cells, or the current one."""
        raise NotImplementedError

    def spot(self) -> Spot | None:
        """The current cell."""
        raise NotImplementedError

    def do_buffer(self) -> None:
        """Hold units back in the marked cells or the current one; what helps is proposed."""
        self.ask_for("buffer", self.spots())

    def do_halt(self) -> None:
        """Stop selling the marked cells or the current one; go on where all of them are held back."""
        spots = self.spots()
        self.ask_for("go on" if spots and all(spot.hold for spot in spots) else "halt", spots)

    def do_stop(self) -> None:
        """Stop selling everything at the current cell's location, or go on."""
        spot = self.spot()
        self.ask_for("open" if spot is not None and spot.stopped else "stop", [] if spot is None else [spot])

    def ask_for(self, verb: str, spots: Sequence[Spot]) -> None:
        """Ask what is still missing, unless it was typed with the command."""
        if not spots:
            self.say("There is no cell to act on.", "warn")
            return
        self.chosen = tuple(spots)
        given = self.given()
        if given:
            self.answer(verb, given)
        else:
            self.entry.ask(verb, *holding.question(verb, spots))

    def entered(self, purpose: str, text: str) -> None:
        """How many, and for how long."""
        if purpose in holding.VERBS:
            self.answer(purpose, text)
        else:
            super().entered(purpose, text)

    def answer(self, verb: str, text: str) -> None:
        """Ask the engine, or say what was not understood."""
        wanted = holding.understood(verb, text, len(self.chosen))
        if isinstance(wanted, str):
            self.say(wanted, "warn")
        elif self.chosen:
            self.ask_engine(self.chosen, wanted)

    @work(group="act", exit_on_error=False)
    async def ask_engine(self, rows: tuple[Spot, ...], wanted: holding.Wanted) -> None:
        """Ask the engine for each cell, and say what was refused."""
        desk, who = self.session.desk, self.session.operator
        if desk is None:
            return
        refused: list[str] = []
        with self.told_if_it_fails(f"{wanted} was not taken"):
            for row in rows:
                of = row.connection, wanted.sku(row), row.location
                if wanted.ends:
                    no = await desk.let_go(*of, operator=who)
                else:
                    no = await desk.hold(*of, units=wanted.units, minutes=wanted.minutes, operator=who)
                refused += [no] if no else []
            if len(refused) == len(rows):
                self.say(f"Not asked: {refused[0]}", "warn")
            elif refused:
                said = f"Asked: {wanted.text(rows)}; {len(refused):,} refused: {refused[0]}"
                self.say(said, "warn")
            else:
                self.say(f"Asked: {wanted.text(rows)}.", "ok")
            if not wanted.everywhere:
                self.table.mark(())
            self._news = True
            self.table.pages.grow_old()
            self.kick()
