"""`trueup init`: asks what must be known, tries it, and writes a configuration only its owner can read."""

import asyncio
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console.cli.trouble import DONE, NO, WRONG, Trouble, plain

if TYPE_CHECKING:
    from engine.ports import Place

PREFIX = "TRUEUP_SECRETS__"
KINDS = ("sql", "tryton", "odoo", "netsuite", "cin7_core", "unleashed", "cin7_omni")


@click.command()
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("config.toml"),
    show_default=True,
    help="Where to write it; secrets.toml comes beside it.",
)
@click.option("--environment", default=None, help="Name shown in the console.")
@click.option("--name", default="main", show_default=True, help="Name of the connection.")
@click.option("--shop-url", default=None, help="Address of the shop.")
@click.option("--back-office", "kind", type=click.Choice(KINDS), default=None)
@click.option("--set", "given", metavar="KEY=VALUE", multiple=True, help="A setting of the back office.")
@click.option(
    "--settings",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="Settings of the back office as TOML, SQL statements too.",
)
@click.option(
    "--location", "mapped", metavar="ID=WAREHOUSE", multiple=True, help="What stands behind a location."
)
@click.option("--same-names", is_flag=True, help="Map locations to the warehouses of their name.")
@click.option("--public-url", default=None, help="How the shop reaches the listener.")
@click.option("--no-input", is_flag=True, help="Ask nothing: options and TRUEUP_SECRETS__… say it all.")
def init(
    config: Path,
    environment: str | None,
    name: str,
    shop_url: str | None,
    kind: str | None,
    given: tuple[str, ...],
    file: Path | None,
    mapped: tuple[str, ...],
    same_names: bool,
    public_url: str | None,
    no_input: bool,
) -> int:
    """Make a first configuration: ask, try both sides, map locations, write, and check.

    Secrets are typed unseen or taken from TRUEUP_SECRETS__<NAME>__…; never from the command line, which others can see.
    """
    from console.starting import Beginning, asked_of, places, secrets_of, write

    for path in (config, config.with_name("secrets.toml")):
        if path.exists():
            raise Trouble(f"{path} is there already.", "Name another with --config, or move it away.", WRONG)
    ask = _Asker(no_input)
    environment = environment or ask("environment", "Name of this environment", "production")
    shop_url = shop_url or ask("shop-url", "Address of the shop, https://….myshopify.com")
    kind = kind or ask("back-office", f"Kind of back office ({', '.join(KINDS)})")
    if kind not in KINDS:
        raise click.UsageError(f"{kind!r} is no kind of back office: {', '.join(KINDS)}.")
    office = tomllib.loads(file.read_text(encoding="utf-8")) if file else {}
    office |= dict(_pair(one, "--set") for one in given)
    for one in asked_of(kind):
        if one.name not in office:
            office[one.name] = ask(f"set {one.name}=…", one.about)
    secrets = {}
    for one in secrets_of(kind):
        variable = f"{PREFIX}{name.upper()}__{one.name.upper()}"
        # what stands in the environment stays there; the file would only repeat it
        if variable not in os.environ and (one.needed or not no_input):
            secrets[one.name] = ask.unseen(variable, one.about, needed=one.needed)
    if public_url is None and not no_input:
        public_url = ask("public-url", "How the shop reaches the listener; empty to live by polling", "")
    beginning = Beginning(environment, name, shop_url, kind, office, secrets, public_url or "")
    found = asyncio.run(places(beginning))
    beginning.locations = _mapped(
        ask, found, dict(_pair(one, "--location") for one in mapped), same_names=same_names
    )
    write(beginning, config)
    click.echo(f"Written: {config} and {config.with_name('secrets.toml')}, readable by you alone.")
    return _checked(config)


class _Asker:
    """Asks, unless nothing is to be asked: then what is missing is named."""

    def __init__(self, silent: bool) -> None:
        self.silent = silent

    def __call__(self, option: str, text: str, default: str | None = None) -> str:
        if self.silent:
            if default is not None:
                return default
            raise click.UsageError(f"Give --{option}: {text}")
        return self.prompt(plain(text), default=default)

    def unseen(self, variable: str, text: str, *, needed: bool) -> str:
        """A secret."""
        if self.silent:
            raise click.UsageError(f"Set {variable}: {text}")
        more = "" if needed else " (empty: none)"
        return self.prompt(
            plain(text) + more, default=None if needed else "", hide_input=True, show_default=False
        )

    def prompt(self, text: str, **how: Any) -> str:
        """An answer; Trouble when nobody can give one any more. Ctrl-C stops without a word."""
        try:
            return str(click.prompt(text, **how))
        except click.Abort as gone:
            if not isinstance(gone.__context__, EOFError):
                raise
            raise Trouble(
                f"The input ended before this was answered: {text}; nothing was written.",
                "Answer at a terminal, or run it with --no-input and what it then asks for.",
                WRONG,
            ) from gone


def _pair(text: str, option: str) -> tuple[str, str]:
    key, found, value = text.partition("=")
    if not found:
        raise click.UsageError(f"{option} takes KEY=VALUE, not {text!r}.")
    return key, value


def _mapped(
    ask: _Asker,
    found: "tuple[Sequence[Place], Sequence[Place]]",
    given: dict[str, str],
    *,
    same_names: bool,
) -> dict[str, str]:
    """What stands behind each location; one that nothing stands behind is never written to."""
    from console.starting import same_name

    locations, warehouses = found
    known = {one.id for one in warehouses}
    for place, behind in given.items():
        if behind not in known:
            raise click.UsageError(
                f"There is no warehouse {behind!r} for {place}; there are {', '.join(sorted(known))}."
            )
    chosen = dict(given)
    listing = ", ".join(f"{one.id} ({plain(one.name)})" for one in warehouses if one.active)
    for location in locations:
        if location.id in chosen or not location.active:
            continue
        alike = same_name(location, warehouses)
        if same_names and alike is not None:
            chosen[location.id] = alike.id
        elif not ask.silent:
            click.echo(f"Warehouses: {listing}")
            question = f"Warehouse behind {plain(location.name)} ({location.id}); empty: leave it alone"
            answer = ask.prompt(question, default=alike.id if alike else "")
            if answer and answer not in known:
                raise click.UsageError(f"There is no warehouse {answer!r}.")
            if answer:
                chosen[location.id] = answer
    if not chosen:
        raise Trouble(
            "No location is mapped, so there would be nothing to do.",
            "Give --location ID=WAREHOUSE for each, or --same-names.",
            WRONG,
        )
    return chosen


def _checked(config: Path) -> int:
    from console import checks
    from console.cli.engine import put_lines
    from console.settings import load

    lines = asyncio.run(checks.check(load(config), config))
    put_lines(lines)
    return DONE if all(each.ok for each in lines) else NO
