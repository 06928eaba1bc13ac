"""Lines and blocks of parts: text with tones, never markup, repainted only when something differs."""

from textual.content import Content
from textual.widgets import Static

from screens.tones import Part, style
from screens.widgets.plain import Plain


def content(lines: list[list[Part]]) -> Content:
    """Lines of parts as Textual content; nothing in it is read as markup."""
    return Content("\n").join(
        [Content.assemble(*((text, style(tone)) for text, tone in line)) for line in lines]
    )


class Lines(Static, Plain):
    """A block of lines."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(Content(""), id=id, classes=classes, markup=False)
        self._shown: list[list[Part]] = []

    def show(self, lines: list[list[Part]]) -> None:
        """Paint these lines, if they differ from what is there."""
        if lines != self._shown:
            grew = self.styles.is_auto_height or self.styles.is_auto_width
            self._shown = lines
            self.update(content(lines), layout=bool(grew))

    @property
    def text(self) -> str:
        """What is shown, without tones."""
        return "\n".join("".join(text for text, _ in line) for line in self._shown)


class Line(Lines):
    """One line of fixed height, cut at the right edge."""

    DEFAULT_CSS = "Line { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }"

    def say(self, *parts: Part) -> None:
        """Show these parts."""
        self.show([list(parts)])
