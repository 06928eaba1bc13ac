"""What every screen of the desk has: its widgets, the commands of every screen, and the input line."""

import asyncio
from collections.abc import Iterable

from textual import work
from textual.app import ComposeResult
from textual.containers import Container
from textual.getters import query_one
from textual.widget import Widget

from screens.command import Command, bindings, by_word
from screens.copying import keep_copy
from screens.entry import Entry
from screens.everywhere import EVERYWHERE
from screens.framed import Framed
from screens.messages import GoTo, OpenAgain, Wander
from screens.recall import remember
from screens.safe import safe
from screens.session import Session
from screens.tones import THEMES
from screens.widgets.line import Line


class Body(Container):
    """What lies under the widgets of a screen: nothing of it is ever seen, and painting it is saved."""

    BLANK = True


class DeskScreen(Framed):
    """A face of the desk. It never calls a remote."""

    BLANK = True

    BINDINGS = bindings(EVERYWHERE)
    AUTO_FOCUS = "RecordTable"

    entry = query_one("#entry", Entry)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.argument = ""
        """What stood after the word on the command line; commands take it away with `given`."""

    def compose(self) -> ComposeResult:
        yield Line(id="status")
        yield Line(id="crumb")
        with Body(id="body"):
            yield from self.compose_body()
        yield Line(id="note")
        yield Entry(self.answered, id="entry")
        yield Line(id="keys")

    def compose_body(self) -> Iterable[Widget]:
        """The widgets between the head and the message line."""
        raise NotImplementedError

    # what a screen fills in

    def record(self) -> str:
        """The current record as text to copy."""
        return ""

    def cancel(self) -> bool:
        """Undo one step of narrowing; False when there is nothing to undo."""
        return False

    # commands

    def leave(self, where: GoTo | Wander) -> None:
        """To another screen at once: keys typed ahead are meant for that one."""
        self.session.travel(where)

    async def action_run(self, id: str) -> None:
        """Run one command, or say why it is off."""
        if (
            not self.is_mounted
        ):  # typed ahead of the first paint: its turn comes once there is something to act on
            self.call_later(self.action_run, id)
            return
        self.argument = ""  # a key never takes what was typed after another command
        self.obeyed(next(c for c in self.COMMANDS_HERE if c.id == id))

    def obeyed(self, command: Command) -> None:
        """Run one command at once, or say why it is off."""
        why = command.why_off(self.session)
        if command.id != "cancel":
            self._said = None  # what was said of the command before
        if why is not None:
            self.say(why, "warn")
        elif command.action:
            self.call_later(self.run_action, command.action)
        elif command.goes:
            self.leave(GoTo(command.goes, self.given() or None))
        else:
            getattr(self, f"do_{command.id}")()

    def do_help(self) -> None:
        """Show the help of this screen."""
        self.leave(GoTo("help"))

    def do_earlier(self) -> None:
        """The screen before this one."""
        self.leave(Wander(-1))

    def do_later(self) -> None:
        """The screen after this one."""
        self.leave(Wander(1))

    def do_command(self) -> None:
        """Open the command line."""
        self.entry.ask("command", ":", earlier=self.session.typed)

    def do_cancel(self) -> None:
        """One step back."""
        said, self._said = self._said, None
        if self.entry.is_open:
            self.entry.close()
        elif not self.cancel() and said is None:
            self.do_back()
        self.draw_lines()

    def do_back(self) -> None:
        """Back to Pulse."""
        self.leave(GoTo("pulse"))

    def do_quit(self) -> None:
        """Leave."""
        self.app.exit()

    def do_refresh(self) -> None:
        """Read again now."""
        if self.session.desk is None:
            self.post_message(OpenAgain())
        self._news = True
        self.session.line.forget()
        self.refresh()
        self.kick()
        self.say("Reading again.", "muted")

    def notes(self) -> tuple[tuple[str, str], ...]:
        """What help says besides the commands: a word, and what there is to know of it."""
        return ()

    def do_theme(self) -> None:
        """Other colours."""
        name = self.given().casefold()
        if name in THEMES:
            self.app.theme = THEMES[name]
            self.say(f"Colours: {name}.")
        else:
            self.say(f"Say which: {', '.join(f':theme {each}' for each in THEMES)}.", "warn")

    def do_ro(self) -> None:
        """Give up acting."""
        self.session.writable = False
        self.say("RO: nothing can be changed from here.")

    def do_rw(self) -> None:
        """Ask for the environment's name."""
        name = self.session.environment
        self.entry.ask("unlock", f"Type {safe(name)} and Enter to allow actions, Esc cancels: ")

    def do_copy(self) -> None:
        """Send the current record to the terminal's clipboard and a file."""
        text = safe(self.record())
        if not text:
            self.say("There is nothing to copy here.", "warn")
            return
        self.app.copy_to_clipboard(text)
        self._write_copy(text)

    @work(group="copy", exit_on_error=False)
    async def _write_copy(self, text: str) -> None:
        try:
            await asyncio.to_thread(keep_copy, self.session.copies, text)
        except OSError as error:
            self.say(f"Sent to the terminal's clipboard; no file: {error.strerror}", "warn")
        else:
            self.say(f"Sent to the terminal's clipboard; also in {self.session.copies}")

    def given(self) -> str:
        """What was typed after the command's word, once."""
        argument, self.argument = self.argument, ""
        return argument

    # the input

    def answered(self, purpose: str, text: str) -> None:
        """Something was typed and Enter pressed."""
        self.entered(purpose, text)
        self.draw_lines()

    def entered(self, purpose: str, text: str) -> None:
        """Take an answer in; screens look for the questions they asked, and leave the others to this."""
        match purpose:
            case "unlock":
                self.unlock(text)
            case "command":
                self.obey(text)

    def unlock(self, name: str) -> None:
        """Allow actions if the environment's name was typed."""
        if self.session.desk is not None and name.strip() == self.session.environment:
            self.session.writable = True
            self.say("RW: actions are allowed. :ro ends that.", "strong")
        else:
            self.say("That is not this environment's name; still RO.", "warn")

    def obey(self, line: str) -> None:
        """Run what was typed after the colon."""
        remember(self.session.typed, line)
        word, _, rest = line.strip().removeprefix(":").partition(" ")
        self.argument = rest.strip()
        command = by_word(self.COMMANDS_HERE, word)
        if command is None:
            self.say(f"Unknown command: {word}. ? lists those of this screen.", "warn")
        elif command.id == "rw" and rest.strip():
            self.unlock(rest)
        else:
            self.obeyed(command)
