"""What every command takes, and how every command prints."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import orjson

from console.cli.trouble import plain
from console.operator import operator

if TYPE_CHECKING:
    from engine.desk import Desk

T = TypeVar("T")

config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("config.toml"),
    show_default=True,
    help="The configuration file.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
operator_option = click.option(
    "--operator", envvar="TRUEUP_OPERATOR", default=operator, help="Whose act this is, for the audit trail."
)


def at_desk(config: Path, ask: Callable[["Desk"], Awaitable[T]]) -> T:
    """Open the desk of this configuration, ask it once, close it."""
    from console.assembly import open_desk
    from console.settings import load

    settings = load(config)

    async def once() -> T:
        async with open_desk(settings) as desk:
            return await ask(desk)

    return asyncio.run(once())


def put_json(value: Any) -> None:
    """Print a value, rows included, as JSON."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)
    click.echo(text.decode())


def put_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print aligned columns; figures to the right, None as a dash, nothing a terminal would obey."""
    lines = [["–" if cell is None else cell for cell in row] for row in rows]
    texts = [list(heads), *([plain(str(cell)) for cell in row] for row in lines)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(heads))]
    figures = [
        bool(lines) and all(isinstance(row[at], int | Decimal) or row[at] == "–" for row in lines)
        for at in range(len(heads))
    ]
    for row in texts:
        cells = (
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(row, widths, figures, strict=True)
        )
        click.echo("  ".join(cells).rstrip())
