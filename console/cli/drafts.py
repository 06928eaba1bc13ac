"""`trueup product draft` and `drafts`: products made of articles that the shop lacks."""

import asyncio
from pathlib import Path

import click

from console.cli.options import config_option, json_option, operator_option, put_json, put_table
from console.cli.trouble import DONE, NO, WRONG, Trouble, plain

SHOWN = 200
connection_option = click.option(
    "--connection", default="", help="Which connection, where there are several."
)


@click.command()
@click.argument("skus", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All articles that are only in the back office.")
@click.option("--confirm", default="", help="In scripts: the answer to the question it asks.")
@connection_option
@operator_option
@config_option
def draft(
    skus: tuple[str, ...], every: bool, confirm: str, connection: str, operator: str, config: Path
) -> int:
    """Make draft products of these articles, which the shop lacks; without any, list those that could be made.

    Needs new_products = "draft" for the connection. A draft has the article's title, its SKU and what the back office
    owns; it is published by nobody but you. Nothing is made before the confirmation.
    """
    from console.products import draft as ask
    from console.products import draftable
    from console.settings import load

    settings = load(config)
    found = {each.sku: each for each in asyncio.run(draftable(settings, connection))}
    if strange := [sku for sku in skus if sku not in found]:
        raise Trouble(
            f"{strange[0]} is not an article that only the back office has.",
            "trueup product draft lists those that are.",
            code=WRONG,
        )
    chosen = sorted(found) if every else list(dict.fromkeys(skus))
    if not chosen:
        if found:
            put_table(
                ("SKU", "title"),
                [(sku, plain(each.title) or "–") for sku, each in sorted(found.items())[:SHOWN]],
            )
        click.echo(f"{len(found)} articles are only in the back office; no draft was asked for.")
        return NO if found else DONE
    word = settings.environment
    said = confirm or click.prompt(
        f"Type {word} to make {len(chosen)} drafts", default="", show_default=False
    )
    if said != word:
        raise Trouble("Nothing is made: the confirmation was not given.", f"Type {word} when asked.")
    asked = asyncio.run(ask(settings, connection, chosen, operator))
    click.echo(f"Asked the engine to make {asked} drafts; trueup product drafts shows what became of them.")
    return DONE


@click.command()
@connection_option
@config_option
@json_option
def drafts(connection: str, config: Path, as_json: bool) -> int:
    """List products that were made of articles, and those that are still to be made."""
    from console.products import drafted
    from console.settings import load

    found = asyncio.run(drafted(load(config), connection, SHOWN))
    if as_json:
        put_json(found)
    elif found:
        put_table(
            ("SKU", "state", "when", "what"),
            [(each.sku, each.state, f"{each.at:%Y-%m-%d %H:%M}Z", plain(each.detail)) for each in found],
        )
    else:
        click.echo("No product was made of an article: trueup product draft lists those that could be.")
    return DONE
