"""A command: its key, label, tip, help line, palette entry, `:` words and the reason it is off, declared once."""

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
        """The same declaration as Textual wants it; only what is never off goes past the screen to its action."""
        never_off = self.refuse is None and not self.writes
        return Binding(
            self.keys,
            self.action if self.action and never_off else f"run('{self.id}')",
            self.label,
            tooltip=self.tip,
            show=False,
            id=self.id,
        )


def no_desk(session: Session) -> str | None:
    """The reason there is nothing to act on yet."""
    return None if session.desk else "There is no data to work on yet: the engine has not answered."


def act(id: str, keys: str, label: str, tip: str, *, in_key_line: bool = False) -> Command:
    """A command that asks the engine for something."""
    return Command(
        id, keys, keys or f":{id}", label, tip, writes=True, in_key_line=in_key_line, refuse=no_desk
    )


def bindings(commands: tuple[Command, ...]) -> list[BindingType]:
    """The bindings of those commands that have a key."""
    return [command.binding() for command in commands if command.keys]


def by_word(commands: tuple[Command, ...], word: str) -> Command | None:
    """The command meant by a word typed after `:`; an unambiguous beginning is enough."""
    exact = [c for c in commands if word == c.id or word in c.words]
    near = [c for c in commands if c.id.startswith(word)] if word else []
    found = exact or near
    return found[0] if len(found) == 1 else None
