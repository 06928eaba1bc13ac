"""Widgets that are nothing but their lines: what Textual works out around a box of its own costs more than they do."""

from textual.geometry import Region, Spacing
from textual.strip import Strip
from textual.widget import Widget

BARE = Spacing()


class Plain(Widget):
    """Paints its lines as they are, through the filters of the app; with a border or padding, as every widget does.

    To be named after the widget it is mixed into: Textual takes the default style from the first base.
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint the lines of a region."""
        if self.gutter != BARE:
            return super().render_lines(crop)
        width, blank, (_, background) = self.size.width, self.rich_style, self.background_colors
        strips = [self.render_line(y).adjust_cell_length(width, blank) for y in crop.line_range]
        for each in self.get_line_filters():
            strips = [strip.apply_filter(each, background) for strip in strips]
        left, right = crop.column_span
        return strips if (left, right) == (0, width) else [strip.crop(left, right) for strip in strips]
