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


EVERYWHERE = (
    Command("help", "question_mark", "?", "Help", "Keys and commands of this screen", in_key_line=True),
    Command("command", "colon", ":", "Cmd", "Type a command; :q quits", in_key_line=True),
    Command("pulse", "1", "1", "Pulse", "Overview: is everything in agreement?"),
    Command("stock", "2", "2", "Stock", "Every SKU at every location"),
    Command("failed", "4", "4", "Failed", "Records that wait for a person"),
    Command("cancel", "escape", "Esc", "Esc", "Leave the input, clear the filter, clear marks, go back"),
    Command("back", "q", "q", "Back", "Back to Pulse; on Pulse: quit", in_key_line=True),
    Command("refresh", "r,ctrl+r", "r", "Refresh", "Read again now", words=("reload",)),
    Command("copy", "y", "y", "Copy", "Send the current record to the terminal's clipboard and a file"),
    Command("palette", "ctrl+p", "^p", "Palette", "Search all commands", action="app.command_palette"),
    Command("quit", "ctrl+q,ctrl+c", "^q", "Quit", "Leave TrueUp's console", words=("q", "exit")),
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
    "filter", "slash", "/", "Filter", "Show only what contains a text; Esc clears", in_key_line=True
)
MARK = Command("mark", "space", "space", "Mark", "Mark this row and go on to the next", in_key_line=True)
DETAIL = Command(
    "detail", "enter", "Enter", "Open", "Show or hide all that is known of this row", in_key_line=True
)
SAME = Command("same", "F", "F", "Same", "Mark all records that failed for the same cause", in_key_line=True)
RETRY = Command(
    "retry", "R", "R", "Retry", "Ask the engine to try the marked or current records again",
    writes=True, in_key_line=True, refuse=_no_desk,
)  # fmt: skip

PULSE = EVERYWHERE
STOCK = (*EVERYWHERE, FILTER, MARK, DETAIL)
FAILED = (*EVERYWHERE, FILTER, MARK, DETAIL, SAME, RETRY)


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
    """The bottom line: the commands worth knowing on this screen."""
    gap = "" if width < 120 else " "
    keys = (" " + gap).join(
        f"{c.shown}{gap if len(c.shown) == 1 and not c.shown.isalpha() else ' '}{c.label}"
        for c in commands
        if c.in_key_line
    )
    return f"{'1 2 4 Screens' if width < 120 else '1 Pulse  2 Stock  4 Failed '} {keys}"
