"""The one input line: filter, command, or a name that must be typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Key
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Input

from screens.recall import Recall
from screens.widgets.line import Line


class Field(Input):
    """Hands its text over at the Enter itself, not a message later: what is typed ahead of that is meant for others."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "recall(-1)", "Earlier", show=False),
        Binding("down", "recall(1)", "Later", show=False),
    ]

    @property
    def entry(self) -> Entry:
        """The line it is part of."""
        assert isinstance(self.parent, Entry)
        return self.parent

    def take(self, character: str) -> None:
        """Put a character where it belongs: in place of what is selected."""
        if self.selection.is_empty:
            self.insert_text_at_cursor(character)
        else:
            self.replace(character, *self.selection)

    async def action_submit(self) -> None:
        """Enter was pressed."""
        self.entry.submit()

    def action_recall(self, by: int) -> None:
        """What was answered earlier, or after that."""
        self.entry.recall(by)


class Entry(Horizontal):
    """Hidden until asked; says what it is for, and hands over what was typed."""

    DEFAULT_CSS = """
    Entry { height: 1; display: none;
        &.-open { display: block; }
        Line { width: auto; color: $tu-ok; }
        Input { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
    }
    """

    @dataclass
    class Typed(Message):
        """The text changed."""

        purpose: str
        text: str

    question = query_one(Line)
    field = query_one(Field)

    def __init__(self, entered: Callable[[str, str], None], *, id: str) -> None:
        super().__init__(id=id)
        self._entered = entered
        """Takes the purpose and the answer in, at the Enter itself: the next key must find it taken in."""

    def compose(self) -> ComposeResult:
        yield Line()
        yield Field(id="field", max_length=200, compact=True, select_on_focus=False)

    def on_mount(self) -> None:
        """Nothing blinks."""
        self.field.cursor_blink = False
        self.field.can_focus = False
        self.purpose = ""
        self._recall = Recall(())

    def recall(self, by: int) -> None:
        """Put an earlier answer, or a later one, on the line."""
        text = self._recall.step(by, self.field.value)
        if text is not None:
            self.field.value = text
            self.field.cursor_position = len(text)

    @property
    def is_open(self) -> bool:
        """Whether it is waiting for an answer."""
        return self.has_class("-open")

    def ask(self, purpose: str, question: str, text: str = "", *, earlier: Sequence[str] = ()) -> None:
        """Show the line and take the keys; Up and Down go through what was answered earlier.

        The first key typed takes the place of the text proposed.
        """
        self.purpose = purpose
        self._recall = Recall(earlier)
        self.question.say((f" {question}", "strong"))
        with self.prevent(Input.Changed):
            self.field.value = text
        self.field.select_all()  # at once: the focus comes a message later, and would select what was typed meanwhile
        self.add_class("-open")
        self.field.can_focus = True
        self.screen.set_focus(self.field)

    def close(self) -> None:
        """Give the keys back to the table."""
        self.remove_class("-open")
        self.screen.set_focus(next(iter(self.screen.query("RecordTable").results()), None))
        self.field.can_focus = False

    def takes(self, event: Key) -> bool:
        """Take in a key that was typed before the input had the keys; False when it is not meant for it."""
        if not self.is_open or event.character is None or not event.is_printable:
            return False
        self.field.take(event.character)
        return True

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the screen what is being typed."""
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(self.purpose, event.value))

    def submit(self) -> None:
        """Hand over the answer."""
        if self.is_open:
            self.close()
            self._entered(self.purpose, self.field.value)
