"""Products that stand still for a reason nobody can wait out are an alert, until they move again."""

from engine.flows.site import Site
from engine.model.failure import Failure, OutcomeUnknown, TryLater
from engine.store.verbs.watch import clear_alert, raise_alert

STOPPED = "products_stopped"


class Alarm:
    """The alert about one part of the work on products."""

    def __init__(self, site: Site, part: str) -> None:
        self._site, self._part = site, part
        self._raised: bool | None = None
        """None: an engine before us may have raised it."""

    async def heard(self, failure: Failure) -> None:
        """Something went wrong; what passes by itself is no alert."""
        site = self._site
        if not isinstance(failure, TryLater | OutcomeUnknown):
            self._raised = True
            await site.store.write(
                raise_alert, site.name, STOPPED, self._part, failure.cause, failure.remedy, site.now()
            )

    async def over(self) -> None:
        """It went well."""
        site = self._site
        if self._raised is not False:
            await site.store.write(clear_alert, site.name, STOPPED, self._part, site.now())
            self._raised = False
