"""Who may do what: three roles, each with all that the one before may do."""

from enum import IntEnum

from engine.model.failure import Refused


class Role(IntEnum):
    """What a person may do."""

    VIEWER = 1
    """Look at everything, change nothing."""
    OPERATOR = 2
    """The daily work: retry, hold back, decide, acknowledge, plan and apply."""
    ADMIN = 3
    """What changes how TrueUp itself works: taking over, restoring, muting, running it."""

    @property
    def word(self) -> str:
        """As it is called in the configuration."""
        return self.name.lower()


def needed_for(verb: str) -> Role:
    """The role that asks the engine for this; verbs are those of the command rows."""
    return Role.ADMIN if verb in ("take over", "give back") else Role.OPERATOR


def too_little(has: Role, needs: Role, what: str) -> Refused:
    """The refusal, for a person to read."""
    return Refused(
        f"{what} is for the role {needs.word}, and yours is {has.word}",
        "Ask somebody who has that role, or let an administrator add you to its Unix group ([roles])",
        code="role",
    )
