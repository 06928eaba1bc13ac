"""What the store says when it cannot work."""


class StoreTrouble(Exception):
    """The store cannot be opened or used; `cause` and `remedy` are one sentence each for an operator."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy
