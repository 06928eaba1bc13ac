"""`trueup product`: which variants of the shop are kept in agreement with the back office, and adopting more."""

import asyncio
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from console.cli.drafts import draft, drafts
from console.cli.options import config_option, json_option, operator_option, put_json, put_table
from console.cli.trouble import DONE, NO, WRONG, Trouble, plain
from engine.model.ids import Sku
from engine.model.product import VariantId
from engine.products.matching import How, Match

SHOWN = 200
VARIANT = "gid://shopify/ProductVariant/"
connection_option = click.option(
    "--connection", default="", help="Which connection, where there are several."
)


@click.group()
def product() -> None:
    """Keep fields of products in agreement: adopt variants, list them, let them go."""


@product.command()
@click.option(
    "--certain", is_flag=True, help="Adopt every match by the same SKU that nothing speaks against."
)
@click.option("--sku", "skus", multiple=True, help="Adopt the proposal for this SKU of the back office too.")
@click.option(
    "--pair",
    "pairs",
    multiple=True,
    metavar="SKU=VARIANT",
    help="Adopt this very pair: an article by its SKU, a variant by the id its proposal names. Nothing else then.",
)
@click.option("--confirm", default="", help="In scripts: the answer to the question it asks.")
@connection_option
@operator_option
@config_option
@json_option
def adopt(
    certain: bool,
    skus: tuple[str, ...],
    pairs: tuple[str, ...],
    confirm: str,
    connection: str,
    operator: str,
    config: Path,
    as_json: bool,
) -> int:
    """Propose which variant is which article; with --certain, --sku or --pair adopt them once that is confirmed.

    Both catalogues are read to their ends. Duplicates, variants without a SKU and what is only on one side are named.
    Nothing is written anywhere before the confirmation; exit code 1 when something cannot be adopted as it is.
    """
    from console.products import adopt as ask
    from console.products import propose
    from console.settings import load

    settings = load(config)
    found = asyncio.run(propose(settings, connection, _pairs(pairs)))
    if as_json:
        put_json([_json(each, writes) for each, writes in found])
    else:
        _say(found)
    if not as_json and any(each.how is How.ONLY_OFFICE for each, _ in found):
        click.echo("Drafts of what is only in the back office: trueup product draft.")
    by_sku: dict[str, Match] = {
        each.article.sku: each for each, _ in found if each.article is not None and each.variant is not None
    }
    if strange := [sku for sku in skus if sku not in by_sku or by_sku[sku].how is How.DUPLICATE]:
        raise Trouble(
            f"There is no proposal for {strange[0]}.", "trueup product adopt lists them.", code=WRONG
        )
    chosen = [
        each
        for each, _ in found
        if (certain and each.certain) or each.how is How.CHOSEN or (each.article and each.article.sku in skus)
    ]
    if not chosen:
        return NO if any(each.how is not How.SKU for each, _ in found) else DONE
    counts = Counter(name for each, writes in found if each in chosen for name in writes)
    would = ", ".join(f"{name} of {count}" for name, count in counts.most_common()) or "nothing"
    click.echo(f"Adopting {len(chosen)} would write at once: {would}.", err=as_json)
    word = settings.environment
    said = confirm or click.prompt(f"Type {word} to adopt them", default="", show_default=False, err=as_json)
    if said != word:
        raise Trouble("Nothing is adopted: the confirmation was not given.", f"Type {word} when asked.")
    asked = asyncio.run(ask(settings, connection, chosen, operator))
    click.echo(f"Asked the engine to adopt {asked}.", err=as_json)
    return DONE


@product.command()
@click.argument("skus", nargs=-1, required=True)
@connection_option
@operator_option
@config_option
def release(skus: tuple[str, ...], connection: str, operator: str, config: Path) -> int:
    """Keep these products no longer: nothing of theirs is written from then on."""
    from console.products import release as ask
    from console.settings import load

    unknown = asyncio.run(ask(load(config), connection, skus, operator))
    if len(unknown) < len(skus):
        click.echo(f"Asked the engine to release {len(skus) - len(unknown)}.")
    if unknown:
        raise Trouble(f"{unknown[0]} is not adopted.", "trueup product list names what is.")
    return DONE


@product.command()
@click.argument("edited", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--last",
    type=click.IntRange(1, 1000),
    default=100,
    show_default=True,
    help="Adopted products to try it on.",
)
@click.option("--apply", is_flag=True, help="Put EDITED in the place of the configuration afterwards.")
@click.option("--confirm", default="", help="With --apply, in scripts: the answer to the question it asks.")
@connection_option
@config_option
@json_option
def rules(
    edited: Path, last: int, apply: bool, confirm: str, connection: str, config: Path, as_json: bool
) -> int:
    """Try edited ownership rules on adopted products; exit 1 when something would change.

    EDITED is a copy of the configuration with other [[ownership.rules]]. Nothing is written on either side.
    """
    from console.map_edit import put_in_place
    from console.products import only_rules_differ, try_rules
    from console.settings import load

    settings, proposed = load(config), load(edited)
    if not only_rules_differ(settings, proposed):
        raise Trouble(
            f"{edited} changes more than the rules.",
            f"Make it a copy of {config} with other [[ownership.rules]] only.",
        )
    count, found = asyncio.run(try_rules(settings, proposed, connection, last))
    writes = sum(each.writes for _, each in found)
    if as_json:
        put_json(
            {"products": count, "changes": [{"connection": name, **asdict(each)} for name, each in found]}
        )
    else:
        if found:
            put_table(
                ("connection", "SKU", "field", "rule now", "edited rule", "shop", "back office", "now", "then"),
                [
                    (name, each.sku, each.field, each.before, each.after, plain(each.shop or "–"),
                     plain(each.office or "–"), each.now, each.then)
                    for name, each in found[:SHOWN]
                ],
            )  # fmt: skip
        click.echo(f"{count} products tried, {len(found)} fields change, {writes} of them would be written.")
    if not apply:
        return NO if found else DONE
    word = settings.environment
    said = confirm or click.prompt(f"Type {word} to put these rules in place", default="", show_default=False)
    if said != word:
        raise Trouble(
            "The rules stay as they are: the confirmation was not given.", f"Type {word} when asked."
        )
    put_in_place(edited, config)
    click.echo(f"{config} has the new rules. Restart the engine.")
    return DONE


@product.command("list")
@click.argument("after", default="")
@connection_option
@config_option
@json_option
def list_(after: str, connection: str, config: Path, as_json: bool) -> int:
    """List adopted products by SKU, those after AFTER."""
    from console.products import adopted
    from console.settings import load

    found = asyncio.run(adopted(load(config), connection, after, SHOWN))
    if as_json:
        put_json(found)
    elif found:
        put_table(
            ("SKU", "title", "variant", "state"),
            [
                (each.sku, plain(each.title), each.variant, _state(each.discontinued, each.troubled))
                for each in found
            ],
        )
        if len(found) == SHOWN:
            click.echo(f"More: trueup product list {plain(found[-1].sku)}")
    else:
        click.echo("No product is adopted: trueup product adopt proposes some.")
    return DONE


product.add_command(draft)
product.add_command(drafts)


def _pairs(said: tuple[str, ...]) -> dict[Sku, VariantId]:
    """SKU=VARIANT, the variant as a number or as Shopify's whole id."""
    found: dict[Sku, VariantId] = {}
    for each in said:
        sku, sign, number = each.rpartition("=")
        if not sign or not sku or not number.removeprefix(VARIANT).isdecimal():
            raise Trouble(f"{each!r} is no pair.", "Give SKU=VARIANT, such as MUG=4711.", code=WRONG)
        found[Sku(sku)] = VariantId(VARIANT + number.removeprefix(VARIANT))
    return found


def _state(discontinued: bool, troubled: bool) -> str:
    return "failed: trueup failed list" if troubled else "discontinued" if discontinued else "kept"


def _say(found: list[tuple[Match, dict[str, tuple[str, str]]]]) -> None:
    put_table(
        ("proposal", "variant", "shop SKU", "article", "would write", "note"),
        [
            (
                each.how, plain(each.variant.title) if each.variant else None,
                each.variant.sku or "–" if each.variant else None, each.article.sku if each.article else None,
                ", ".join(f"{name} {old or '–'} → {new or '–'}" for name, (old, new) in writes.items()), plain(each.note),
            )
            for each, writes in found[:SHOWN]
        ],
    )  # fmt: skip
    if len(found) > SHOWN:
        click.echo(f"… and {len(found) - SHOWN} more; --json gives all.")
    counts = Counter(each.how for each, _ in found)
    click.echo(", ".join(f"{counts[how]} {how}" for how in How if counts[how]) or "Everything is adopted.")


def _json(each: Match, writes: dict[str, tuple[str, str]]) -> dict[str, object]:
    return {
        "how": each.how, "variant": each.variant.id if each.variant else None,
        "title": each.variant.title if each.variant else None, "shop_sku": each.variant.sku if each.variant else None,
        "article": each.article.sku if each.article else None, "note": each.note, "would_write": writes,
    }  # fmt: skip
