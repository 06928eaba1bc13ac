"""Where the operator has been: screens by name, with a place among them to go back and forward from."""

KEPT = 50


class Travels:
    """Like the history of a browser."""

    def __init__(self, first: str) -> None:
        self._been = [first]
        self._at = 0

    @property
    def here(self) -> str:
        """The screen looked at."""
        return self._been[self._at]

    def went(self, name: str) -> None:
        """The operator chose a screen: what lay ahead is gone."""
        if name != self.here:
            self._been = [*self._been[: self._at + 1], name][-KEPT:]
            self._at = len(self._been) - 1

    def wander(self, by: int) -> str | None:
        """The screen so many steps back or on, which is where the operator is then; None when there is none."""
        at = self._at + by
        if not 0 <= at < len(self._been):
            return None
        self._at = at
        return self.here
