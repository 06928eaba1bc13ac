"""The one input line: filter, command, or a name that must be typed."""

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Input

from screens.widgets.line import Line


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
    class Given(Message):
        """Enter was pressed."""

        purpose: str
        text: str

    @dataclass
    class Typed(Message):
        """The text changed."""

        purpose: str
        text: str

    question = query_one(Line)
    field = query_one(Input)

    def compose(self) -> ComposeResult:
        yield Line()
        yield Input(id="field", max_length=200, compact=True)

    def on_mount(self) -> None:
        """Nothing blinks."""
        self.field.cursor_blink = False
        self.field.can_focus = False
        self.purpose = ""

    @property
    def is_open(self) -> bool:
        """Whether it is waiting for an answer."""
        return self.has_class("-open")

    def ask(self, purpose: str, question: str, text: str = "") -> None:
        """Show the line and take the keys."""
        self.purpose = purpose
        self.question.say((f" {question}", "strong"))
        with self.prevent(Input.Changed):
            self.field.value = text
        self.field.cursor_position = len(text)
        self.add_class("-open")
        self.field.can_focus = True
        self.field.focus()

    def close(self) -> None:
        """Give the keys back to the table."""
        self.remove_class("-open")
        self.field.can_focus = False
        for table in self.screen.query("RecordTable").results():
            table.focus()
            break

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the screen what is being typed."""
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(self.purpose, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand over the answer."""
        event.stop()
        self.close()
        self.post_message(self.Given(self.purpose, event.value))
