"""Makes rules and channels of settings."""

from collections.abc import Callable, Sequence
from functools import partial
from zoneinfo import ZoneInfo

from adapters.notify.apprise_channel import AppriseChannel
from adapters.notify.webhook import Webhook
from console.measuring import sizes
from console.settings import Settings, SettingsTrouble
from console.settings.alerts import ChannelSettings
from console.settings.connection import ConnectionSettings
from engine.alerts.judge import Disk, Ending
from engine.flows.alerts import Alerting
from engine.model.clock import Clock
from engine.model.failure import Misset
from engine.ports import Notifier, Subscriber
from engine.store.session import Store


def channel(settings: Settings, one: ChannelSettings, clock: Clock) -> Notifier:
    """A way to reach people; SettingsTrouble when its address or its key is missing or not one."""
    target = settings.targets.get(one.name)
    if target is None:
        raise _no_target(one)
    if one.kind == "apprise":
        return AppriseChannel(target.get_secret_value(), inside=one.inside)
    return _webhook(settings, one, clock)


def _webhook(settings: Settings, one: ChannelSettings, clock: Clock) -> Webhook:
    target, key = settings.targets.get(one.name), settings.target_keys.get(one.name)
    if target is None:
        raise _no_target(one)
    if key is None:
        raise SettingsTrouble(
            f"The webhook channel {one.name!r} has no key to sign with.",
            f"Write one under [target_keys] in the secrets file, or set TRUEUP_TARGET_KEYS__{one.name.upper()}.",
        )
    try:
        return Webhook(target.get_secret_value(), key.get_secret_value(), inside=one.inside, clock=clock)
    except Misset as wrong:
        raise SettingsTrouble(f"{wrong.cause} (channel {one.name}).", wrong.remedy) from wrong


def _no_target(one: ChannelSettings) -> SettingsTrouble:
    return SettingsTrouble(
        f"The channel {one.name!r} has no target.",
        f"Write it under [targets] in the secrets file, or set TRUEUP_TARGETS__{one.name.upper()}.",
    )


def subscribers(settings: Settings, one: ConnectionSettings, clock: Clock) -> dict[str, Subscriber]:
    """Other systems that are told what changes in a connection; none while another connector serves it too."""
    hooks = {each.name: each for each in settings.channels}
    return {} if one.shadow else {name: _webhook(settings, hooks[name], clock) for name in one.events}


def channels(settings: Settings, clock: Clock) -> dict[str, Notifier]:
    """Every channel by its name."""
    return {one.name: channel(settings, one, clock) for one in settings.channels}


def alerting(
    settings: Settings, store: Store, clock: Clock, ends: Callable[[], Sequence[Ending]] = lambda: ()
) -> Alerting:
    """The alerts of this configuration; `ends` tells which certificates and keys end when."""
    zone = ZoneInfo(settings.watch.time_zone)
    return Alerting(
        store,
        [one.rule(zone) for one in settings.alerts],
        channels(settings, clock),
        environment=settings.environment,
        maintenance=[one.span for one in settings.maintenance],
        disk=partial(_disk, store),
        ends=ends,
    )


def _disk(store: Store) -> Disk | None:
    found = sizes(store)
    return Disk(found["disk"], found["disk_free"]) if "disk" in found else None
