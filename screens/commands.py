"""Every command once: its key, label, tip, help line, palette entry, `:` words and the reason it is off."""

from collections.abc import Callable
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from screens.session import Session

Refusal = Callable[[Session], str | None]


@dataclass(frozen=True, slots=True)
class Command:
    """One thing an operator can do on a screen."""

    id: str
    keys: str
    """Comma-separated Textual keys; the first is the one shown."""
    shown: str
    """How the key is written for people."""
    label: str
    tip: str
    action: str = ""
    """A Textual action to run instead of the screen's own `do_<id>`."""
    goes: str = ""
    """Name of the screen it leads to, for commands that do only that."""
    words: tuple[str, ...] = ()
    """What may be typed after `:` besides the id."""
    writes: bool = False
    in_key_line: bool = False
    refuse: Refusal | None = None

    def why_off(self, session: Session) -> str | None:
        """The reason this command is off right now, in words; None when it may run."""
        if self.writes and not session.writable:
            return (
                f"RO: {self.label.lower()} is off. Start with --rw, or :rw and type the "
                f"environment name ({session.environment})."
            )
        return self.refuse(session) if self.refuse else None

    def binding(self) -> BindingType:
        """The same declaration as Textual wants it."""
        return Binding(
            self.keys,
            self.action or f"run('{self.id}')",
            self.label,
            tooltip=self.tip,
            show=False,
            id=self.id,
        )


def _no_desk(session: Session) -> str | None:
    return None if session.desk else "There is no data to work on yet: the engine has not answered."


def _runs_here(session: Session) -> str | None:
    pulse = session.pulse
    if pulse is None or pulse.engine != "running here":
        return None
    return "The engine runs in this console and would stand still: open another terminal, or use trueup run."


EVERYWHERE = (
    Command("help", "question_mark", "?", "Help", "Keys and commands of this screen", in_key_line=True),
    Command(
        "command",
        "colon",
        ":",
        "Cmd",
        "Type a command; :q quits, Up brings earlier ones back",
        in_key_line=True,
    ),
    Command("pulse", "1", "1", "Pulse", "Overview: is everything in agreement?", goes="pulse"),
    Command("stock", "2", "2", "Stock", "Every SKU at every location", goes="stock"),
    Command("sync", "3", "3", "Sync", "Each connection, step by step: last act, backlog, lease", goes="sync"),
    Command("failed", "4", "4", "Failed", "Records that wait for a person", goes="failed"),
    Command("orders", "5", "5", "Orders", "Orders: what was sold, sent, shipped and proven", goes="orders"),
    Command("risk", "6", "6", "Risk", "Cells about to sell what is not there", goes="risk"),
    Command("fields", "7", "7", "Fields", "What has no counterpart on the other side", goes="fields"),
    Command("logs", "8", "8", "Logs", "Every line of the ledger as it is written", goes="logs"),
    Command("audit", "9", "9", "Audit", "Who did what, and whether the ledger is whole", goes="audit"),
    Command(
        "plans",
        "0",
        "0",
        "Plans",
        "What would be written and why: make a plan, read it, run it",
        goes="plans",
    ),
    Command(
        "conflicts", "C", "C", "Conflicts", "Levels that something else changed in Shopify", goes="conflicts"
    ),
    Command("earlier", "left_square_bracket", "[", "Earlier", "The screen before this one"),
    Command("later", "right_square_bracket", "]", "Later", "The screen after this one, after going back"),
    Command("cancel", "escape", "Esc", "Esc", "Leave the input, clear the filter, clear marks, go back"),
    Command("back", "q", "q", "Back", "One step back; on Pulse: quit", in_key_line=True),
    Command("refresh", "r,ctrl+r", "r", "Refresh", "Read again now", words=("reload",)),
    Command("copy", "y", "y", "Copy", "Send the current record to the terminal's clipboard and a file"),
    Command("palette", "ctrl+p", "^p", "Palette", "Search all commands", action="app.command_palette"),
    Command(
        "suspend",
        "ctrl+z",
        "^z",
        "Suspend",
        "Back to the shell for a while; fg there comes back",
        action="app.suspend_process",
        refuse=_runs_here,
    ),
    Command("quit", "ctrl+q,ctrl+c", "^q", "Quit", "Leave TrueUp's console", words=("q", "exit")),
    Command("theme", "", ":theme", "Theme", "Colours: dark, light, ansi or contrast"),
    Command("rw", "", ":rw", "Allow writes", "Allow actions, after the environment's name is typed"),
    Command("ro", "", ":ro", "Read only", "Look without being able to change anything"),
)

MOVES = (
    Command("down", "j,down", "j", "Down", "Next row", action="step(1)"),
    Command("up", "k,up", "k", "Up", "Previous row", action="step(-1)"),
    Command("page_down", "pagedown,ctrl+f", "PgDn", "Page down", "One page on", action="leaf(1)"),
    Command("page_up", "pageup,ctrl+u", "PgUp", "Page up", "One page back", action="leaf(-1)"),
    Command("top", "g,home", "g", "Top", "First row", action="edge(0)"),
    Command("bottom", "G,end", "G", "Bottom", "Last row", action="edge(1)"),
    Command("left", "h,left", "h", "Column left", "Previous column", action="column(-1)"),
    Command("right", "l,right", "l", "Column right", "Next column", action="column(1)"),
)

FILTER = Command(
    "filter", "slash", "/", "Filter", "Show only what fits: text, field:value, field:>5, !not; Esc clears",
    in_key_line=True,
)  # fmt: skip
MARK = Command("mark", "space", "space", "Mark", "Mark this row and go on to the next", in_key_line=True)
RANGE = Command("range", "v", "v", "Range", "Mark from the row marked last to this one")
UNMARK = Command("unmark", "u", "u", "Unmark", "Take all marks away")
EXPORT = Command(
    "export",
    "E",
    "E",
    "Export",
    "Write the marked rows, or all that fit the filter, to a CSV file; :export json",
)
DETAIL = Command(
    "detail", "enter", "Enter", "Open", "Show or hide all that is known of this row", in_key_line=True
)
LIST = (
    FILTER,
    MARK,
    RANGE,
    UNMARK,
    DETAIL,
    Command("sort_next", "greater_than_sign", ">", "Sort next", "Sort by the next field"),
    Command("sort_before", "less_than_sign", "<", "Sort before", "Sort by the field before"),
    Command("sort", "", ":sort", "Sort by", "Sort by a field that is named: :sort NAME"),
    Command("reverse", "o", "o", "Reverse", "Turn the order of the rows around"),
    EXPORT,
)
EVERY = Command("every", "asterisk", "*", "All", "Mark every row the filter lets through, seen or not")
SAME = Command("same", "F", "F", "Same", "Mark all records that failed for the same cause", in_key_line=True)
CAUSES = Command(
    "causes", "c", "c", "Causes", "Group by cause, with what hangs on each", in_key_line=True, goes="causes"
)


def _act(id: str, keys: str, label: str, tip: str, *, in_key_line: bool = False) -> Command:
    return Command(
        id, keys, keys or f":{id}", label, tip, writes=True, in_key_line=in_key_line, refuse=_no_desk
    )


RETRY = _act(
    "retry", "R", "Retry", "Ask the engine to try the marked or current records again", in_key_line=True
)
EDIT = Command(
    "edit",
    "e",
    "e",
    "Edit",
    "What of the current record may be told in other words: edit it and try again",
    in_key_line=True,
)
ACTS = (
    RETRY,
    EDIT,
    _act("assign", "A", "Assign", "Make them somebody's: a name, or nothing to give them back"),
    _act("tag", "T", "Tag", "Give them tags, separated by blanks"),
    _act("park", "P", "Park", "Set them aside with a reason; they go on being counted"),
    _act("unpark", "U", "Take up", "Take parked records up again"),
    _act("resolve", "X", "Resolve", "Close them with a reason: dealt with elsewhere, nothing left to do"),
)
HOLD = (
    _act(
        "buffer",
        "b",
        "Buffer",
        "Hold units back in the marked or current cells: :buffer 3 60",
        in_key_line=True,
    ),
    _act("halt", "H", "Halt", "Stop selling the marked or current cells; again to go on", in_key_line=True),
    _act("stop", "S", "Stop place", "Stop selling everything at this location: all 60; again to go on"),
)
HOLDS = (
    *HOLD,
    Command("transfer", "t", "t", "Transfer", "Copy which units could come from where", in_key_line=True),
)
FOLLOW = Command("follow", "f", "f", "Follow", "Stay with the newest line, or stop that", in_key_line=True)
VERIFY = Command(
    "verify", "V", "V", "Verify", "Follow the hash chain from the first line to the last", in_key_line=True
)
UNDO = _act(
    "undo", "Z", "Undo", "Take back what this line says was done, where it has an inverse", in_key_line=True
)
CAUSE = Command("record", "w", "w", "Why", "The failed record behind this row", in_key_line=True)

WHY = Command(
    "why", "w", "w", "Why", "The terms of this cell's figure, their sum, and what lies behind each", in_key_line=True
)  # fmt: skip
AT = Command(
    "at",
    "at",
    "@",
    "At",
    "As it was at a time: :at 12:03, :at 2h; :at alone goes back to now",
    in_key_line=True,
)
PLAN = _act(
    "plan",
    "n",
    "New plan",
    "Compare both sides and plan what differs in stock; :plan products",
    in_key_line=True,
)
LOOK = _act(
    "look",
    "R",
    "Look again",
    "Compare the marked or current cells on both sides again, and write what the rules want",
    in_key_line=True,
)
PLAN_CELLS = _act("plan", "n", "Plan", "Plan the marked or current cells alone; nothing is written by that")
APPLY = _act(
    "apply",
    "a",
    "Apply",
    "Write what is planned: a whole plan, or its marked or current rows",
    in_key_line=True,
)
DECIDE = _act(
    "decide", "D", "Decide", "Say of these units whether goods really came or went", in_key_line=True
)

CHANGE = Command(
    "change",
    "e,enter",
    "e",
    "Edit",
    "Type what the back office is to be told of this field",
    in_key_line=True,
)
ORIGINAL = Command(
    "original", "O", "O", "Take back", "Tell again what Shopify says of this field", in_key_line=True
)
SEND = _act(
    "retry", "R", "Send", "Tell the back office what was edited and try the record again", in_key_line=True
)

COMPARE = Command(
    "compare", "equals_sign", "=", "Compare", "Both sides of this record, field by field", in_key_line=True
)
MAPPING = Command(
    "mapping",
    "m",
    "m",
    "Mapping",
    "The mapping: names on both sides, and where each field goes",
    in_key_line=True,
)
NAME = _act(
    "name",
    "e",
    "Name",
    "Give this value the back office's name, at once and for all orders",
    in_key_line=True,
)
UNNAME = _act(
    "original", "O", "Take back", "Take back a name that somebody gave: the configuration counts again"
)
RESTORE = _act(
    "restore", "B", "Restore", "Put the back office's value of this product's field back into the shop"
)
ADOPT = _act("adopt", "A", "Adopt", "Leave the shop's value of this product's field as it is from now on")
SNOOZE = _act(
    "snooze", "s", "Snooze", "Ask about this field again later: :snooze 60 in minutes, a day without"
)
SUBSCRIBE = _act(
    "subscribe",
    "S",
    "Subscribe",
    "List the shop's subscriptions and make anew what is gone",
    in_key_line=True,
)
FAILURES = Command(
    "failures", "w", "w", "Failures", "What waits for a person of this connection", in_key_line=True
)
LINES = Command("lines", "L", "L", "Log", "The log of this connection alone", in_key_line=True)
PULL = _act(
    "pull",
    "R",
    "Look again",
    "Look at the marked or current orders again; what waits is tried again",
    in_key_line=True,
)
MEND = Command("edit", "e", "e", "Edit", "Edit what this order's failed record tells, and try it again")
ABOUT = Command(
    "subject", "w", "w", "Go to", "What this line is about: the order, the cell, the record", in_key_line=True
)

ACK = _act("ack", "A", "Acknowledge", "Say that you look after the alerts that stand: nobody further is told")

PULSE = (*EVERYWHERE, ACK)
STOCK = (*EVERYWHERE, *LIST, EVERY, WHY, *HOLD, LOOK, PLAN_CELLS)
CONFLICTS = (*EVERYWHERE, *LIST, EVERY, WHY, DECIDE)
PLANS = (*EVERYWHERE, *LIST, PLAN, APPLY)
PLANNED = (*EVERYWHERE, *LIST, EVERY, WHY, APPLY)
EXPLAINED = (*EVERYWHERE, *LIST, AT)
SYNC = (*EVERYWHERE, *LIST, FAILURES, LINES, SUBSCRIBE)
FAILED = (*EVERYWHERE, *LIST, EVERY, SAME, CAUSES, *ACTS, COMPARE)
CAUSED = (*EVERYWHERE, *LIST)
EDITED = (*EVERYWHERE, FILTER, CHANGE, ORIGINAL, SEND)
ORDERS = (*EVERYWHERE, *LIST, EVERY, CAUSE, PULL, MEND, COMPARE)
RISK = (*EVERYWHERE, *LIST, EVERY, *HOLDS, WHY)
FIELDS = (*EVERYWHERE, *LIST, EVERY, COMPARE, MAPPING, RESTORE, ADOPT, SNOOZE)
COMPARED = (*EVERYWHERE, *LIST, MAPPING)
MAPPED = (*EVERYWHERE, *LIST, NAME, UNNAME)
LOGS = (*EVERYWHERE, *LIST, FOLLOW, ABOUT)
AUDIT = (*EVERYWHERE, *LIST, VERIFY, UNDO, ABOUT)
SCREENS: dict[str, tuple[Command, ...]] = {
    "pulse": PULSE, "stock": STOCK, "sync": SYNC, "failed": FAILED, "causes": CAUSED, "orders": ORDERS,
    "risk": RISK, "fields": FIELDS, "logs": LOGS, "audit": AUDIT, "conflicts": CONFLICTS, "why": EXPLAINED,
    "plans": PLANS, "planned": PLANNED, "edit": EDITED, "compare": COMPARED, "mapping": MAPPED,
}  # fmt: skip
"""What can be done on each screen."""


def bindings(commands: tuple[Command, ...]) -> list[BindingType]:
    """The bindings of those commands that have a key."""
    return [command.binding() for command in commands if command.keys]


def by_word(commands: tuple[Command, ...], word: str) -> Command | None:
    """The command meant by a word typed after `:`; an unambiguous beginning is enough."""
    exact = [c for c in commands if word == c.id or word in c.words]
    near = [c for c in commands if c.id.startswith(word)] if word else []
    found = exact or near
    return found[0] if len(found) == 1 else None


def key_line(commands: tuple[Command, ...], width: int) -> str:
    """The bottom line: the commands worth knowing on this screen, as many as fit."""
    gap = "" if width < 120 else " "
    line = "0-9 Screens" if width < 120 else "  ".join(f"{c.shown} {c.label}" for c in EVERYWHERE if c.goes)
    for c in commands:
        if c.in_key_line:
            more = f" {gap}{c.shown}{gap if len(c.shown) == 1 and not c.shown.isalpha() else ' '}{c.label}"
            if len(line) + len(more) < width - 1:
                line += more
    return line
