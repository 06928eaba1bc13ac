"""Trouble with the configuration: what is wrong, and what to do about it."""


class SettingsTrouble(Exception):
    """The configuration cannot be used; the command line ends with exit code 2."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(f"{cause} {remedy}")
        self.cause = cause
        """One sentence: what is wrong, naming the key."""
        self.remedy = remedy
        """One sentence: what a person must change."""
