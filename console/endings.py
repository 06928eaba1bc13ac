"""When certificates and keys end, for the alert that tells of it: looked up on the wire, or told in the configuration."""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from adapters.http import trusted
from console.back_offices import address
from console.settings import Settings
from engine.alerts.judge import Ending
from engine.model.clock import Clock

log = logging.getLogger("trueup.alerts")
EVERY = timedelta(hours=6)
EXPIRED = 10
"""X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL."""
SECONDS = 10.0


class Endings:
    """What ends, as it was last looked up."""

    def __init__(self, addresses: Mapping[str, str], dated: Mapping[str, datetime], clock: Clock) -> None:
        self._addresses, self._clock = addresses, clock
        self._dated = tuple(Ending(name, at) for name, at in dated.items())
        self._found: dict[str, Ending] = {}

    def __call__(self) -> tuple[Ending, ...]:
        """Everything that ends at a known moment."""
        return (*self._dated, *self._found.values())

    async def watch(self) -> None:
        """Look every few hours, until cancelled; an address that does not answer keeps what was found before."""
        while True:
            await self.look()
            await self._clock.sleep(EVERY.total_seconds())

    async def look(self) -> None:
        """Ask every address for its certificate once."""
        for name, url in self._addresses.items():
            try:
                ends = await certificate_end(url, self._clock)
            except (OSError, TimeoutError, ssl.SSLError) as trouble:
                log.info("the certificate of %s cannot be looked at: %r", name, trouble)
                continue
            if ends is not None:
                self._found[name] = Ending(f"The certificate of {name}", ends)


async def certificate_end(url: str, clock: Clock) -> datetime | None:
    """When the certificate behind an https address ends, or did; None for an address without one.

    Raises OSError, TimeoutError or SSLError when that cannot be known.
    """
    try:
        return await certificate(url)
    except ssl.SSLCertVerificationError as refused:
        if refused.verify_code == EXPIRED:
            return clock.now()
        raise


async def certificate(url: str) -> datetime | None:
    """Until when the certificate behind an https address lasts, if it is one to trust; None for another address.

    Raises SSLError when it is not, OSError or TimeoutError when nobody answers.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    async with asyncio.timeout(SECONDS):
        _, writer = await asyncio.open_connection(
            parts.hostname, parts.port or 443, ssl=trusted(), server_hostname=parts.hostname
        )
    facts = writer.get_extra_info("peercert") or {}
    writer.close()
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(facts["notAfter"])), UTC)


def endings(settings: Settings, clock: Clock) -> Endings:
    """Of every address of this configuration that is reached by TLS, and what [watch] says ends."""
    addresses = {f"the shop of {one.name}": str(one.shop.url) for one in settings.connections}
    addresses |= {f"the back office of {one.name}": address(one.back_office) for one in settings.connections}
    if settings.listener.public_url is not None:
        addresses["the listener"] = str(settings.listener.public_url)
    return Endings(addresses, settings.watch.ends, clock)
