"""Tells faces how the remotes are: written when it changes, and now and then while it does not."""

from engine.flows.site import Site
from engine.store.verbs.watch import note_remote


class RemotePulse:
    """The health line of one connection's remotes."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._said: dict[str, tuple[str, str]] = {}
        self._at = site.now() - site.rhythm.pulse

    async def beat(self) -> None:
        """Write down what changed since the last beat."""
        site, now = self._site, self._site.now()
        due = now - self._at >= site.rhythm.pulse
        for remote, state in site.remotes.items():
            if state.last_ok is None and state.failing_since is None:
                continue
            word = "FAIL" if state.failing_since else "OK"
            if due or self._said.get(remote) != (word, state.detail):
                self._said[remote] = (word, state.detail)
                await site.store.write(
                    note_remote, site.name, remote, word, state.detail, now, ok=state.failing_since is None
                )
        if due:
            self._at = now
