"""Everything an operator can set, in prose."""

from pathlib import Path
from typing import Literal

from pydantic import AnyHttpUrl, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from console.settings.alerts import AlertSettings, ChannelSettings, MaintenanceSettings, WatchSettings
from console.settings.connection import ConnectionSettings
from console.settings.ownership import OwnershipSettings
from console.settings.part import Part
from console.settings.roles import RoleSettings
from console.settings.secrets import STORE, TARGET_KEYS, TARGETS, ConnectionSecrets

PREFIX = "TRUEUP_"
"""Every environment variable of ours begins with this; `__` steps into a table."""


class StoreSettings(Part):
    """Where TrueUp remembers, and for how long."""

    keep_days: int = Field(default=90, ge=30)
    """Days after which webhooks, wishes, runs and alerts that are done with are dropped; the ledger and what was sent stay."""

    url: str = "sqlite:///trueup.db"
    """`sqlite:///file` (relative to the configuration file) or `postgresql+psycopg://user@host/database`."""


class ListenerSettings(Part):
    """The small web server that takes webhooks in and serves health and metrics."""

    host: str = "127.0.0.1"
    """Address to listen on; put a TLS proxy before it."""
    port: int = Field(default=8470, ge=0, le=65535)
    """Port to listen on; 0 takes any free one."""
    public_url: AnyHttpUrl | None = None
    """How the shop reaches the listener; without it no webhook is subscribed and polling does the work."""
    body_limit: int = Field(default=2_000_000, gt=0)
    """Longest webhook body taken, in bytes."""
    receive_seconds: float = Field(default=10.0, gt=0)
    """How long a sender may take to hand over a body."""


class EngineSettings(Part):
    """How often the engine looks, and how hard it works."""

    delta_seconds: float = Field(default=2.0, gt=0)
    """How often the back office is asked what moved."""
    orders_poll_seconds: float = Field(default=15.0, gt=0)
    """How often the shop is asked which orders changed, whatever its webhooks say."""
    sweep_seconds: float = Field(default=300.0, gt=0)
    """How often every cell and every recent order of both sides is compared."""
    full_compare_seconds: float = Field(default=3600.0, gt=0)
    """How often a sweep of a shop of 5,000 variants or more compares all cells; others compare what moved since."""
    proof_hours: float = Field(default=24.0, gt=0)
    """Within how many hours every cell must have been compared; `trueup status` says whether it was."""
    listing_lag_seconds: float = Field(default=60.0, gt=0)
    """How late the shop's listing of orders may show what its stock levels show at once."""
    freshness_seconds: float = Field(default=3.0, gt=0)
    """How old the back office's figures may be when a level is raised; what it sells meanwhile no write can know."""
    lease_seconds: float = Field(default=15.0, ge=3)
    """How long a dead engine keeps its connections before another may take them."""
    drain_seconds: float = Field(default=10.0, gt=0)
    """How long a stopping engine waits for calls in flight."""
    workers: int = Field(default=8, ge=1, le=64)
    """Records worked on at a time, per connection."""


class LogSettings(Part):
    """What is written to the log; secrets never are."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severe line that is kept."""
    format: Literal["json", "text"] = "json"
    """One JSON object a line, or one line of text."""
    file: Path | None = None
    """Log file, relative to the configuration file; without it the daemon logs to stderr and the console not at all."""


class TracingSettings(Part):
    """Spans for an OpenTelemetry collector; needs `trueup[tracing]`. OTEL_EXPORTER_OTLP_HEADERS is honoured."""

    endpoint: AnyHttpUrl | None = None
    """Where OTLP over HTTP is taken, such as `http://127.0.0.1:4318/v1/traces`; without it nothing is traced."""
    share: float = Field(default=1.0, gt=0, le=1)
    """Part of all traces that is kept."""


class ConsoleSettings(Part):
    """How the console looks, and its keys."""

    theme: Literal["dark", "light", "ansi", "contrast"] = "dark"
    """Colours; ansi takes the terminal's own sixteen. NO_COLOR wins."""
    ascii: bool = False
    """Lines and bars in plain ASCII, for fonts that have no others."""
    mouse: bool = False
    """Take the mouse; without it the terminal's own selection works."""
    keymap: dict[str, str] = {}
    """Keys of commands by id, as `?` lists them after the colon: `retry = "ctrl+r"`."""


class Settings(BaseSettings):
    """The whole configuration of one TrueUp."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )

    environment: str = "production"
    """Name shown in the console, so that nobody mistakes one shop for another."""
    secrets_file: Path | None = None
    """TOML file of mode 0600 with one table of secrets per connection, relative to the configuration file."""
    secrets_keyring: str | None = None
    """Service under which the machine's keyring holds secrets, such as `main.shop_access_token`; needs the package keyring."""
    store: StoreSettings = StoreSettings()
    """Where TrueUp remembers."""
    listener: ListenerSettings = ListenerSettings()
    """Webhooks in, health and metrics out."""
    engine: EngineSettings = EngineSettings()
    """Rhythm and strength."""
    console: ConsoleSettings = ConsoleSettings()
    """Looks and keys."""
    log: LogSettings = LogSettings()
    """What is written down."""
    tracing: TracingSettings = TracingSettings()
    """Where time goes, for those who trace."""
    roles: RoleSettings = RoleSettings()
    """Who may do what; read from the file alone."""
    ownership: OwnershipSettings = OwnershipSettings()
    """Who owns which field of a product."""
    watch: WatchSettings = WatchSettings()
    """What all alerts share."""
    channels: tuple[ChannelSettings, ...] = ()
    """Ways to reach people."""
    alerts: tuple[AlertSettings, ...] = ()
    """Who is told of what."""
    maintenance: tuple[MaintenanceSettings, ...] = ()
    """Spans of time in which nobody is told."""
    connections: tuple[ConnectionSettings, ...] = Field(min_length=1)
    """The shops and back offices to keep in agreement."""
    secrets: dict[str, ConnectionSecrets] = Field(default={}, repr=False)
    """Not in the file: filled from the secrets file and from `TRUEUP_SECRETS__<CONNECTION>__<NAME>`."""
    targets: dict[str, SecretStr] = Field(default={}, repr=False)
    """Not in the file: addresses of channels, from the secrets file or from `TRUEUP_TARGETS__<CHANNEL>`."""
    target_keys: dict[str, SecretStr] = Field(default={}, repr=False)
    """Not in the file: keys that sign webhook channels, likewise from `TRUEUP_TARGET_KEYS__<CHANNEL>`."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file; there is no third place."""
        return env_settings, init_settings

    @field_validator("connections")
    @classmethod
    def _names_once(cls, value: tuple[ConnectionSettings, ...]) -> tuple[ConnectionSettings, ...]:
        names = [connection.name for connection in value]
        if len(set(names)) < len(names) or {STORE, TARGETS, TARGET_KEYS} & set(names):
            raise ValueError(f"connection names must differ from one another and from {STORE!r}")
        return value

    @model_validator(mode="after")
    def _each_location_once(self) -> "Settings":
        kept: dict[tuple[str, str], str] = {}
        for one in self.connections:
            for location in one.locations:
                other = kept.setdefault((str(one.shop.url), location), one.name)
                if other != one.name:
                    raise ValueError(
                        f"location {location} of one shop is in two connections, {other} and {one.name}; each "
                        "location belongs to one back office"
                    )
        return self

    @model_validator(mode="after")
    def _told_by_channels(self) -> "Settings":
        channels = [channel.name for channel in self.channels]
        rules = [rule.name for rule in self.alerts]
        for names, what in ((channels, "channels"), (rules, "alerts")):
            if len(set(names)) < len(names):
                raise ValueError(f"two {what} have one name")
        for rule in self.alerts:
            for name in rule.channels:
                if name not in channels:
                    raise ValueError(f"the alert {rule.name} tells {name}, but no channel is called so")
        hooks = [channel.name for channel in self.channels if channel.kind == "webhook"]
        for connection in self.connections:
            if strange := [name for name in connection.events if name not in hooks]:
                raise ValueError(
                    f"events of {connection.name} go to {strange[0]}, but no channel of kind webhook is called so"
                )
        known = {connection.name for connection in self.connections}
        about = (
            *(name for one in self.alerts for name in one.connections),
            *(name for one in self.maintenance for name in one.connections),
        )
        for name in about:
            if name not in known:
                raise ValueError(
                    f"an alert or a maintenance is about {name!r}, but no connection is called so"
                )
        return self

    @model_validator(mode="after")
    def _rules_for_shops_there_are(self) -> "Settings":
        named = {shop for rule in self.ownership.rules for shop in rule.shops}
        if strange := sorted(named - {connection.name for connection in self.connections}):
            raise ValueError(f"a rule of [ownership] is for {strange[0]!r}, and no connection is called that")
        return self

    def secrets_of(self, connection: str) -> ConnectionSecrets:
        """The secrets of a connection; all None where none were given."""
        return self.secrets.get(connection, ConnectionSecrets())
