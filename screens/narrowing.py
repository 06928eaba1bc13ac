"""What listings share: a filter typed with `/`, marks, and words for when nothing is left."""

from textwrap import wrap
from typing import ClassVar

from screens.base import DeskScreen
from screens.entry import Entry
from screens.safe import safe
from screens.widgets.columns import GUTTER
from screens.widgets.record_table import RecordTable


class Narrowed(DeskScreen):
    """A screen with one listing that can be narrowed and marked."""

    FIELDS: ClassVar[tuple[str, ...]] = ()
    """Fields a filter may name."""

    wish = ""
    """The filter the operator wants."""
    shown_wish: str | None = None
    """The filter of what is shown; None before anything is."""
    everything = 0
    """How many there are without a filter."""

    def listing(self) -> RecordTable:
        """The table that is narrowed."""
        return self.query_exactly_one(RecordTable)

    def do_filter(self) -> None:
        """Type what rows must contain."""
        self.entry.ask("filter", "/", self.wish)

    def on_entry_typed(self, event: Entry.Typed) -> None:
        """Narrow as it is typed."""
        if event.purpose == "filter":
            self.narrow(event.text)

    def entered(self, purpose: str, text: str) -> None:
        """Enter after a filter: what was typed faster than it could be told counts, too."""
        if purpose != "filter":
            super().entered(purpose, text)
        elif text.strip() != self.wish:
            self.narrow(text)

    def narrow(self, wish: str) -> None:
        """Show only what contains this."""
        self.wish = wish.strip()
        self.kick()
        self.draw_lines()

    def cancel(self) -> bool:
        """Clear the filter, then the marks."""
        table = self.listing()
        if self.wish:
            self.narrow("")
        elif table.marked:
            table.mark(())
        else:
            return False
        return True

    def do_cancel(self) -> None:
        """Esc while typing a filter gives it up."""
        typing = self.entry.is_open and self.entry.purpose == "filter"
        super().do_cancel()
        if typing:
            self.narrow("")

    def do_mark(self) -> None:
        """Mark the current row and go on."""
        self.listing().toggle_mark()
        self.draw_lines()

    def explain_nothing(self, what: str, next_step: str) -> None:
        """Prepare the words for an empty listing."""
        if self.wish:
            among = f"{self.everything:,} {what}" if self.everything else f"the {what}"
            said = [f'Nothing matches "{safe(self.wish)}" in {among}.', "Esc clears the filter."]
            said += [f"{safe(name)}: is no field here, so it was sought as text." for name in self.unknown()]
            said += [f"Fields here: {' '.join(self.FIELDS)}."] if self.FIELDS else []
        else:
            said = [f"No {what}.", next_step]
        width = max(20, self.listing().room - GUTTER)
        self.listing().explain(*(line for text in said for line in wrap(text, width)))

    def unknown(self) -> tuple[str, ...]:
        """Words of the filter that look like fields and are none of this list."""
        from engine.model.wish import strangers

        return strangers(self.wish, self.FIELDS)
