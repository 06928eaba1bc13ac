"""Which Unix groups have which role."""

from console.settings.part import Part


class RoleSettings(Part):
    """Unix groups by role; once one is named, whoever is in none of them may only look."""

    viewers: tuple[str, ...] = ()
    """Groups whose members may only look; everybody else may do no more."""
    operators: tuple[str, ...] = ()
    """Groups whose members do the daily work: retry, hold back, decide, acknowledge, plan and apply."""
    admins: tuple[str, ...] = ()
    """Groups whose members may take over, restore, mute and run TrueUp too."""

    @property
    def given(self) -> bool:
        """Does anybody have less than everything?"""
        return bool(self.viewers or self.operators or self.admins)
