"""Pulse: is everything in agreement, and if not, where not."""

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.events import Resize
from textual.getters import query_one
from textual.widget import Widget

from screens.base import DeskScreen
from screens.cells import REMOTE_COLUMNS, remote_row
from screens.command import bindings
from screens.commands import PULSE
from screens.details import event_lines, tiles
from screens.safe import safe
from screens.tones import Part
from screens.widgets.line import Lines
from screens.widgets.record_table import RecordTable


class Pulse(DeskScreen):
    """Figures, the remotes and what happened lately."""

    CSS_PATH: ClassVar = ["base.tcss", "pulse.tcss"]
    COMMANDS_HERE = PULSE
    BINDINGS = bindings(PULSE)
    OVERVIEW = True
    CRUMB = "1 Pulse"

    tiles = query_one("#tiles", Lines)
    table = query_one("#remotes", RecordTable)
    events = query_one("#events", Lines)

    def compose_body(self) -> Iterable[Widget]:
        """Tiles over remotes over events."""
        yield Lines(id="tiles")
        yield RecordTable(REMOTE_COLUMNS, id="remotes")
        yield Lines(id="events")

    def on_resize(self, event: Resize) -> None:
        """Fit the tiles to the width."""
        self.show()

    async def read(self) -> None:
        """The overview was just read by the follow loop."""
        self.show()

    def show(self) -> None:
        """Paint the overview held by the session."""
        pulse = self.session.pulse
        if pulse is None:
            wait = "Reading for the first time. Keys work meanwhile."
            self.table.explain(self.session.trouble or wait)
            return
        self.table.explain("No shop is connected yet.", "trueup init writes a config; trueup check tests it.")
        remotes = [remote_row(remote, self.session.now()) for remote in pulse.remotes]
        height = 1 + max(2, min(len(remotes), self.size.height // 2 - 2))
        if self.table.styles.height is None or self.table.styles.height.value != height:
            self.table.styles.height = height
        self.table.put(0, remotes, len(remotes), anew=True)
        self.tiles.show(tiles(pulse, self.size.width))
        first: list[list[Part]] = [[(f" ALERT {safe(each)}", "bad")] for each in pulse.alerts]
        first += [[(f" {safe(each)}", "warn")] for each in pulse.remits]
        room = self.size.height - 10 - height - len(first)
        self.events.show([*first, *event_lines(pulse.events, room)])

    def crumb(self) -> list[Part]:
        """Where we are and who syncs."""
        pulse = self.session.pulse
        if pulse is None:
            return super().crumb()
        agree = f"{pulse.cells - pulse.cells_waiting:,} of {pulse.cells:,} cells agree, {pulse.orders_total:,} orders"
        expected, missed = (
            sum(getattr(row, name) for row in pulse.topics) for name in ("expected", "missed")
        )
        if expected and self.size.width >= 100:
            agree += f", webhooks told {expected - missed:,} of {expected:,}"
        return [*super().crumb(), (f"   engine {safe(pulse.engine)}   {agree}", "muted")]

    def hint(self) -> list[Part]:
        """What most wants a person's eyes."""
        pulse = self.session.pulse
        if pulse is not None and pulse.alerts:
            return [(" An alert stands that nobody looks after: A says that you do.", "bad")]
        if pulse is not None and pulse.failed:
            waiting = "One record waits" if pulse.failed == 1 else f"{pulse.failed:,} records wait"
            return [(f" {waiting} for a person: 4 shows why and what to do.", "warn")]
        if pulse is not None and pulse.engine == "stopped":
            return [(" No engine is running: start it with trueup run.", "bad")]
        if pulse is not None and pulse.conflicts:
            many = f"{pulse.conflicts:,} levels were" if pulse.conflicts > 1 else "One level was"
            return [(f" {many} changed by something else: C shows them.", "warn")]
        return [(" Nothing waits for a person.", "muted")] if pulse is not None else []

    def record(self) -> str:
        """The current remote."""
        row = self.table.current
        return "  ".join(text for text, _ in row.cells) if row else ""

    @work(group="act", exit_on_error=False)
    async def do_ack(self) -> None:
        """Somebody looks after every alert that stands."""
        desk = self.session.desk
        if desk is None:
            return
        with self.told_if_it_fails("alerts were not acknowledged", "Not acknowledged"):
            many = await desk.acknowledge(operator=self.session.operator)
            self.say(
                f"You look after {many:,} more alerts." if many else "Nothing stood that nobody looked after."
            )
            self.kick()

    def do_back(self) -> None:
        """From here, back is out."""
        self.do_quit()

    def cancel(self) -> bool:
        """There is nothing to step back from."""
        return True
