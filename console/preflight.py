"""The parts of `trueup check` that look at this machine and at how it is reached; remotes are in `console.checks`."""

import ipaddress
import platform
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from adapters.http import make_client
from console.alerting import channel
from console.check_line import CheckLine
from console.endings import certificate
from console.measuring import sizes
from console.permissions import loose
from console.settings import Settings, SettingsTrouble
from engine.model.clock import Clock
from engine.store.session import Store
from engine.store.sqlite import driver

LITTLE = 0.1
"""Of the disk."""
SOON = timedelta(days=14)
"""A certificate that ends within is named."""
CLOCKS_APART = 60.0
"""Seconds."""
UNSIGNED = "not signed by a key we know"
"""What our listener answers to a webhook without a signature."""


def machine(settings: Settings, config: Path | None) -> list[CheckLine]:
    """Versions, permissions, channels."""
    sqlite = ".".join(map(str, driver().sqlite_version_info))
    lines = [
        CheckLine(
            True,
            "versions",
            f"TrueUp {version('trueup')}, Python {platform.python_version()}, SQLite {sqlite}",
        )
    ]
    if config is not None:
        found = list(loose(settings, config))
        lines += [
            CheckLine(not each.grave, "permissions", each.cause, each.remedy, note=not each.grave)
            for each in found
        ]
        if not found:
            lines.append(
                CheckLine(True, "permissions", "nobody else can read or change configuration or database")
            )
    return lines


def channels(settings: Settings, clock: Clock) -> list[CheckLine]:
    """Whether every channel has a target; trueup alerts test sends something."""
    lines = []
    for one in settings.channels:
        try:
            channel(settings, one, clock)
        except SettingsTrouble as trouble:
            lines.append(CheckLine(False, f"channel {one.name}", trouble.cause, trouble.remedy))
        else:
            lines.append(
                CheckLine(True, f"channel {one.name}", f"{one.kind}; trueup alerts test sends a message")
            )
    if not settings.alerts:
        cause = "No alert is configured: nobody is told when something fails."
        lines.append(
            CheckLine(
                True, "alerts", cause, "Add [[channels]] and [[alerts]]; see docs/alerts.md.", note=True
            )
        )
    return lines


def disk(store: Store) -> list[CheckLine]:
    """Whether the database has room to grow."""
    found = sizes(store)
    if "disk" not in found:
        return []
    free = found["disk_free"] / max(1, found["disk"])
    text = f"{found['disk_free'] / 1e9:,.1f} GB free ({100 * free:.0f} %)"
    if free >= LITTLE:
        return [CheckLine(True, "disk", text)]
    return [CheckLine(False, "disk", f"The disk of the database has only {text}.", "Make room on it.")]


async def reached(settings: Settings, *, running: bool) -> list[CheckLine]:
    """Whether the listener answers under the address the shop is given: a webhook without a signature is refused."""
    public = settings.listener.public_url
    if public is None:
        cause = "listener.public_url is not set: changes are found by polling alone."
        return [CheckLine(True, "webhooks", cause, "Set it to hear of changes at once.", note=True)]
    url = str(public).rstrip("/")
    if public.scheme != "https" and not is_loopback(public.host or ""):
        return [CheckLine(False, "webhooks", f"{url} is not https.", "Put a TLS proxy before the listener.")]
    address = f"{url}/webhooks/shopify/{settings.connections[0].name}"
    async with make_client(read_seconds=10.0) as client:
        try:
            reply = await client.post(address, content=b"{}")
            said = f"{reply.status_code}"
            ours = reply.status_code == 401 and UNSIGNED in reply.text
        except httpx.HTTPError as trouble:
            said, ours = type(trouble).__name__, False
    if ours:
        return [CheckLine(True, "webhooks", f"{url} leads to our listener")]
    if not running:
        cause = f"{url} does not answer, and no engine runs that could."
        return [CheckLine(True, "webhooks", cause, "Start trueup run, then check again.", note=True)]
    return [
        CheckLine(
            False,
            "webhooks",
            f"{url} does not lead to our listener ({said}).",
            "Let the proxy pass /webhooks/ on to listener.host and listener.port.",
        )
    ]


def clocks(name: str, theirs: datetime, ours: datetime) -> CheckLine:
    """Whether this machine's clock is the shop's."""
    apart = (ours - theirs).total_seconds()
    if abs(apart) <= CLOCKS_APART:
        return CheckLine(True, f"{name}: clocks", "this machine and the shop agree within a minute")
    word = "ahead of" if apart > 0 else "behind"
    return CheckLine(
        False,
        f"{name}: clocks",
        f"This machine's clock is {abs(apart):,.0f} s {word} the shop's.",
        "Turn on time synchronisation (timedatectl set-ntp true).",
    )


async def tls(name: str, url: str, now: datetime) -> list[CheckLine]:
    """Whether calls are encrypted, and how long the other side's certificate lasts."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http" and not is_loopback(host):
        return [CheckLine(False, name, f"Calls to {host} are not encrypted.", "Use its https address.")]
    try:
        ends = await certificate(url)
    except ssl.SSLCertVerificationError as trouble:
        cause = f"The certificate of {host} is not trusted: {trouble.verify_message}."
        return [CheckLine(False, name, cause, "Have it renewed, or correct the address.")]
    except ssl.SSLError as trouble:
        cause = f"{host} does not speak TLS as we do there ({trouble.reason or 'refused'})."
        return [
            CheckLine(False, name, cause, "Correct the address or its port; TLS 1.2 is the oldest we speak.")
        ]
    except (OSError, TimeoutError):
        return []  # that it cannot be reached is said by the call itself
    if ends is None:
        return []
    if ends - now > SOON:
        return [CheckLine(True, name, f"TLS; the certificate of {host} lasts until {ends:%Y-%m-%d}")]
    cause = f"The certificate of {host} ends on {ends:%Y-%m-%d}."
    return [CheckLine(True, name, cause, "See that it is renewed.", note=True)]


def is_loopback(host: str) -> bool:
    """This machine itself."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def beyond(name: str, granted: Sequence[str]) -> list[CheckLine]:
    """Rights the token has and TrueUp never uses."""
    if not granted:
        return []
    cause = f"The token may do more than TrueUp needs: {', '.join(granted)}."
    return [CheckLine(True, f"{name}: scopes", cause, "Take these scopes out of the app.", note=True)]
