"""The ledger on two screens: Logs follows every line, Audit shows what people did and proves the whole."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work

from screens.asking import ask_why
from screens.command import bindings
from screens.commands import AUDIT, LOGS
from screens.compare import ask_compare
from screens.details import folded
from screens.listing import Listing
from screens.messages import GoTo
from screens.pages import Row
from screens.safe import safe
from screens.session import Cell
from screens.tones import Part
from screens.widgets.columns import Column
from screens.words import ago, moment

if TYPE_CHECKING:
    from engine.desk import Desk, Look, Page, TrailRow

log = logging.getLogger("screens")
UNDONE = 46
"""Signs of what would be undone that the question shows."""
GID = "gid://shopify/"
"""What every id of the shop begins with; left out of the list, whole in the detail."""
ORDER = f"{GID}Order/"
TONES = {
    "held": "bad", "dead_lettered": "bad", "quarantined": "bad", "cell failed": "bad", "alert": "bad",
    "remote FAIL": "bad", "uncertain": "warn", "retry_scheduled": "warn", "rescued": "warn", "healed": "warn",
    "gap": "warn", "succeeded": "ok", "published": "ok", "resolved": "ok", "command done": "ok",
}  # fmt: skip


def asked_for(detail: str) -> str:
    """What a line says, with the arguments of a command as words: `hold sku MUG, minutes 60`, without the empty ones."""
    verb, _, rest = detail.partition(" {")
    try:
        given = json.loads(f"{{{rest}") if rest else None
    except ValueError:
        return detail
    if not isinstance(given, dict):
        return detail
    words = (f"{name} {_plain(value)}" for name, value in given.items() if value not in ("", None, [], {}))
    return f"{verb} {', '.join(words)}".strip()


def _plain(value: object) -> str:
    match value:
        case dict():
            return " ".join(f"{name} {_plain(each)}" for name, each in value.items())
        case list():
            return " ".join(_plain(each) for each in value)
        case _:
            return str(value).replace(GID, "")


class Trail(Listing):
    """Lines of the ledger."""

    COLUMNS: ClassVar = (
        Column("SEQ", 8, right=True, from_width=100),
        Column("AT", 11),
        Column("CONN", 8, from_width=100),
        Column("WHO", 11),
        Column("WHAT", 13),
        Column("DETAIL", 0),
    )
    FIELDS: ClassVar = ("at", "actor", "action", "entity", "detail", "connection", "seq")
    SORTS: ClassVar = ("at", "actor", "action", "entity", "connection")
    NOUN = "lines"
    PEOPLE = False

    async def fetch(self, desk: Desk, look: Look) -> Page[Any]:
        """Lines as the operator wants them."""
        return await desk.trail(look, people=self.PEOPLE)

    def cells(self, row: TrailRow) -> Row:
        """One line."""
        said = f"{row.entity.replace(GID, '')} {asked_for(row.detail)}".strip()
        return Row(
            str(row.seq),
            (
                (str(row.seq), "muted"),
                (moment(row.at, self.session.now()), ""),
                (safe(row.connection), ""),
                (safe(row.actor.replace("_", " ")), "" if row.actor == "engine" else "strong"),
                (safe(row.action), TONES.get(row.action, "")),
                (safe(said), ""),
            ),
        )

    async def about(self, desk: Desk, row: TrailRow) -> list[list[Part]]:
        """The whole line, and its place in the chain."""
        width = self.detail_width - 12
        fields = (
            ("seq", str(row.seq)), ("at", row.at.isoformat()), ("connection", row.connection), ("who", row.actor),
            ("what", row.action), ("about", row.entity), ("detail", row.detail or "(nothing)"), ("hash", row.hash),
        )  # fmt: skip
        lines: list[list[Part]] = []
        for name, text in fields:
            for at, part in enumerate(folded(text, width)):
                lines.append([(f" {name if at == 0 else '':11}", "muted"), (part, "")])
        return lines

    def do_subject(self) -> None:
        """To what the line is about."""
        row: TrailRow | None = self.current
        entity = row.entity if row is not None else ""
        kind, _, name = ("", "", entity) if entity.startswith(GID) else entity.partition(":")
        plain = name.replace(chr(34), "")
        if row is None or not name:
            self.say("This line is about nothing that has a screen.", "warn")
            return
        match kind:
            case "order" | "money":
                self._order(row.connection, name)
            case "" if name.startswith(ORDER):
                self._order(row.connection, name)
            case "":
                self.say(
                    f"No screen shows one {safe(name.removeprefix(GID).partition('/')[0])} by itself.", "warn"
                )
            case "cell":
                sku, _, place = name.rpartition("|")
                ask_why(self, Cell(sku, place, row.connection))
            case "mapping":
                table, _, value = plain.partition(":")
                self.leave(GoTo("mapping", f'kind:{table} name:"{value}"'))
            case "command":
                self.leave(GoTo("audit", f'entity:"{kind}:{plain}"'))
            case "plan" if name.isdecimal():
                self.session.plan = int(name)
                self.leave(GoTo("planned", ""))
            case "cursor":
                self.leave(GoTo("sync", ""))
            case _:
                self.leave(GoTo("failed", f'"{plain}"'))

    def _order(self, connection: str, order: str) -> None:
        from engine.desk import Subject

        ask_compare(self, Subject(connection, "order", order))


class Logs(Trail):
    """Every line, the newest on top; the view stays with the newest while it follows."""

    COMMANDS_HERE = LOGS
    BINDINGS = bindings(LOGS)
    CRUMB = "8 Logs"
    NEXT = "The ledger is empty: no engine has worked on this store yet."

    following = True

    def _sort(self, by: int) -> None:
        """In another order nothing is followed: the newest line may be anywhere."""
        self.following = False
        super()._sort(by)

    def do_reverse(self) -> None:
        """Turned around, the newest line is the last."""
        self.following = False
        super().do_reverse()

    def show(self, page: Page[Any], *, anew: bool) -> None:
        """Take in a page; stay at the top while following."""
        super().show(page, anew=anew)
        if self.following and page.offset == 0 and self.table.cursor:
            self.table.action_edge(0)

    def on_record_table_moved(self) -> None:
        """Another row: whoever moves away reads, and does not want to be carried off."""
        if self.following and self.table.cursor and self.table.has_focus and not self._carried:
            self.following = False
            self.draw_lines()

    _carried = False

    async def read(self) -> None:
        """Read; moves of the cursor meanwhile are ours."""
        self._carried = True
        try:
            await super().read()
        finally:
            self.call_later(self._landed)

    def _landed(self) -> None:
        self._carried = False

    def do_follow(self) -> None:
        """Stay with the newest line, or stop that."""
        self.following = not self.following
        if self.following:
            self.sort_at, self.descending = 0, True
            self.table.action_edge(0)
            self.kick()
        self.draw_lines()

    def hint(self) -> list[Part]:
        """Whether it follows."""
        if self.following:
            return [(" Following: the newest line is on top. f or moving away stops that.", "ok")]
        return [(" Standing still: f follows the newest line again.", "warn")]


class Audit(Trail):
    """What people asked for and what came of it; V proves the ledger."""

    COMMANDS_HERE = AUDIT
    BINDINGS = bindings(AUDIT)
    CRUMB = "9 Audit"
    NEXT = "Nobody has acted yet: every action taken from a console or the command line appears here."
    PEOPLE = True

    checked: tuple[str, str] | None = None
    """What the last check of the chain said, and its tone."""
    undone: TrailRow | None = None
    """The line that is taken back once the word was typed."""

    def do_verify(self) -> None:
        """Follow the hash chain from the first line to the last."""
        if self.session.desk is not None:
            self.checked = ("Following the hash chain ...", "busy")
            self.draw_lines()
            self._verify(self.session.desk)

    @work(group="verify", exclusive=True, exit_on_error=False)
    async def _verify(self, desk: Desk) -> None:
        try:
            found = await desk.verify_trail()
        except Exception as error:  # said where the operator looks
            log.exception("the ledger cannot be followed")
            self.checked = (f"Not checked: {safe(str(error))}", "bad")
        else:
            when = ago(found.at, self.session.now())
            self.checked = (
                (
                    f"+ whole: each of {found.lines:,} lines follows from the one before it (checked {when})",
                    "ok",
                )
                if found.bad is None
                else (
                    f"x line {found.bad} does not follow from the one before it; restore a backup to compare.",
                    "bad",
                )
            )
        self.draw_lines()

    def do_undo(self) -> None:
        """Take back what the current line says."""
        row: TrailRow | None = self.current
        if row is None:
            self.say("There is no line to undo.", "warn")
        elif self.session.desk is not None:
            self._ask_undo(self.session.desk, row)

    @work(group="act", exclusive=True, exit_on_error=False)
    async def _ask_undo(self, desk: Desk, row: TrailRow) -> None:
        """Ask for the word, unless nothing can be taken back."""
        with self.told_if_it_fails(f"line {row.seq} cannot be undone"):
            why = await desk.undoable(row.seq)
            if why:
                self.say(f"Not undone. {safe(why)}", "warn")
                return
            what = f"{safe(row.action)} {safe(row.detail)}"[:UNDONE]
            self.undone = row
            self.entry.ask("undo", f"Undo {what}? Type undo: ")

    def entered(self, purpose: str, text: str) -> None:
        """The word."""
        row, self.undone = self.undone, None
        if purpose != "undo" or row is None:
            super().entered(purpose, text)
        elif text.strip().casefold() == "undo":
            self._undo(row)
        else:
            self.say("Nothing undone: the word undo was not typed.", "warn")

    @work(group="act", exclusive=True, exit_on_error=False)
    async def _undo(self, row: TrailRow) -> None:
        if self.session.desk is None:
            return
        with self.told_if_it_fails(f"line {row.seq} cannot be undone"):
            why = await self.session.desk.undo(row.seq, operator=self.session.operator)
            self.say(
                f"Not undone. {safe(why)}" if why else "Asked: the engine takes it back.",
                "warn" if why else "ok",
            )
            self._news = True
            self.kick()

    def hint(self) -> list[Part]:
        """What the last check said."""
        if self.checked is None:
            return [(" V proves the chain: was any line changed? Z takes back what a line says.", "muted")]
        return [(f" {self.checked[0]}", self.checked[1])]
