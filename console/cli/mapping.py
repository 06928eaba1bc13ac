"""`trueup mapping`: where each field of a Shopify order goes."""

import asyncio
from dataclasses import asdict
from pathlib import Path

import click

from console.cli.options import at_desk, config_option, json_option, put_json, put_table
from console.cli.trouble import DONE, NO, Trouble, plain
from engine.desk.gaps import PRODUCT


@click.group()
def mapping() -> None:
    """Field maps."""


@mapping.command()
@click.option("--back-office", "kind", default="", help="Only this kind.")
@click.option(
    "--write",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the maps as pages into this folder instead of printing them.",
)
@json_option
def coverage(kind: str, folder: Path | None, as_json: bool) -> int:
    """Print what becomes of each field per back office; exit 1 when one has no line."""
    from adapters.field_maps import as_markdown, field_map, kinds
    from adapters.shopify.fields import order_fields
    from engine.orders.coverage import missing

    known = kinds()
    if kind and kind not in known:
        raise Trouble(f"No back office is called {kind!r}.", f"Give one of: {', '.join(known)}.")
    chosen, fields = ((kind,) if kind else known), order_fields()
    holes = {each: missing(field_map(each), fields) for each in chosen}
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for each in chosen:
            (folder / f"{each}.md").write_text(as_markdown(each), encoding="utf-8")
        return NO if any(holes.values()) else DONE
    if as_json:
        put_json(
            {
                each: {
                    "fields": len(fields),
                    "declared": len(fields) - len(holes[each]),
                    "missing": holes[each],
                    "map": {field: [rule.how, rule.text] for field, rule in field_map(each).items()},
                }
                for each in chosen
            }
        )
    else:
        for each in chosen:
            put_table(
                ("field", "how", each),
                [(field, rule.how.value, rule.text) for field, rule in field_map(each).items()],
            )
            click.echo(f"{each}: {len(fields) - len(holes[each])} of {len(fields)} fields declared")
            for field in holes[each]:
                click.echo(f"missing: {field}")
    return NO if any(holes.values()) else DONE


@mapping.command()
@click.argument("edited", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("reference", default="")
@click.option(
    "--last", type=click.IntRange(1, 1000), default=100, show_default=True, help="Newest orders to try it on."
)
@click.option("--connection", default="", help="Only this connection.")
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Try it on this GraphQL Order node instead; may be given several times, needs no connection.",
)
@click.option("--apply", is_flag=True, help="Put EDITED in the place of the configuration afterwards.")
@click.option("--confirm", default="", help="With --apply, in scripts: the answer to the question it asks.")
@config_option
@json_option
def diff(
    edited: Path,
    reference: str,
    last: int,
    connection: str,
    files: tuple[Path, ...],
    apply: bool,
    confirm: str,
    config: Path,
    as_json: bool,
) -> int:
    """Try an edited configuration's maps on real orders; exit 1 when fields or posted sums change.

    EDITED is a copy of the configuration with other tables of locations, payments, taxes, carriers or subsidiaries.
    With `product SKU`, `order REF` or `customer REF` in its place (REF is an order's name or id, for a customer one of
    theirs): both systems' values, field by field, with the rule that connects them and the result; exit 1 when one
    differs.
    """
    if reference:
        return _sides(str(edited), reference, connection, config, as_json=as_json)
    from console.cli.orders.file import read_file
    from console.map_edit import compared, last_orders, only_maps_differ, put_in_place
    from console.settings import load

    settings, proposed = load(config), load(edited)
    if apply and not only_maps_differ(settings, proposed):
        raise Trouble(
            f"{edited} changes more than the maps.", f"Make it a copy of {config} with other maps only."
        )
    if files:
        read = [read_file(file)[0] for file in files]
        orders = {one.name: read for one in settings.connections if connection in ("", one.name)}
    else:
        orders = asyncio.run(last_orders(settings, connection, last))
    changed = compared(settings, proposed, orders)
    sums = [change for _, change in changed if change.amount is not None or change.field == "booked"]
    tried = sum(map(len, orders.values()))
    if as_json:
        put_json(
            {
                "orders": tried,
                "changes": [
                    {
                        "connection": name,
                        **asdict(change),
                        "amount": None if change.amount is None else str(change.amount),
                    }
                    for name, change in changed
                ],
            }
        )
    else:
        if changed:
            put_table(
                ("connection", "order", "field", "before", "after", "sum changes by"),
                [
                    (name, each.order, each.field, each.before, each.after, each.amount)
                    for name, each in changed
                ],
            )
        click.echo(
            f"{tried} orders tried, {len({each.order for _, each in changed})} change, {len(sums)} sums with them."
        )
    if not apply:
        return NO if changed else DONE
    if sums:
        word = settings.environment
        said = confirm or click.prompt(
            f"Posted sums change. Type {word} to put these maps in place", default="", show_default=False
        )
        if said != word:
            raise Trouble(
                "The maps stay as they are: the confirmation was not given.", f"Type {word} when asked."
            )
    put_in_place(edited, config)
    click.echo(f"{config} has the new maps. Restart the engine, and retry what was held.")
    return DONE


def _sides(kind: str, reference: str, connection: str, config: Path, *, as_json: bool) -> int:
    """Both sides of one product, order or customer."""
    from console.settings import load
    from console.sides import KINDS, sides
    from engine.orders.sides import differing

    if kind not in KINDS:
        raise Trouble(
            f"Nothing called {kind!r} can be compared.", f"Give: trueup mapping diff {'|'.join(KINDS)} REF."
        )
    found = asyncio.run(sides(load(config), kind, reference, connection))
    if not found:
        raise Trouble(
            f"No product {reference} is adopted."
            if kind == "product"
            else f"No shop has an order {reference!r}.",
            "trueup product list names what is."
            if kind == "product"
            else "Give the name of an order as Shopify shows it, or its id.",
        )
    if as_json:
        put_json(dict(found))
    else:
        put_table(
            ("connection", "field", "back office", "shop", "rule", "result"),
            [
                (
                    name, plain(each.field), plain(each.office or "–") + (" (told)" if each.told else ""),
                    plain(each.shop or "–"), plain(each.rule), each.result,
                )
                for name, rows in found
                for each in rows
            ],
        )  # fmt: skip
    return NO if any(differing(rows) for _, rows in found) else DONE


@mapping.command()
@config_option
@json_option
def values(config: Path, as_json: bool) -> int:
    """List the back office's names for gateways, taxes, shipping methods and countries; exit 1 when one is missing."""
    from console.settings import load
    from console.value_maps import named_by_people, value_maps
    from engine.orders.rewording import named
    from engine.orders.values import Kind

    rows: list[tuple[str, str, str, str]] = []
    settings = load(config)
    words = asyncio.run(named_by_people(settings))
    for one in settings.connections:
        given = named(value_maps(one), [each for each in words if each.connection == one.name])
        for kind in Kind:
            if kind not in given:
                rows.append((one.name, kind, "", "told by Shopify's names"))
            rows += [(one.name, kind, shown, theirs) for shown, theirs in given.get(kind, {}).items()]
    known = {row[:3] for row in rows}
    missing = [
        row
        for row in at_desk(config, lambda desk: desk.gaps())
        if row.kind in set(Kind) and (row.connection, row.kind, row.name) not in known
    ]
    if as_json:
        put_json({"names": rows, "missing": missing})
    else:
        lacking = [
            (row.connection, row.kind, row.name, f"missing: {row.times} times, first in {row.first}")
            for row in missing
        ]
        put_table(("connection", "table", "Shopify", "back office"), [*rows, *lacking])
    return NO if missing else DONE


@mapping.command()
@config_option
@json_option
def gaps(config: Path, as_json: bool) -> int:
    """List what orders contain and their back office is not told; exit 1 when there is something."""
    found = [row for row in at_desk(config, lambda desk: desk.gaps()) if row.kind != PRODUCT]
    if as_json:
        put_json(found)
    elif found:
        put_table(
            ("connection", "kind", "name", "times", "first", "since"),
            [
                (row.connection, row.kind, row.name, row.times, row.first, f"{row.first_at:%Y-%m-%d %H:%M}Z")
                for row in found
            ],
        )
    else:
        click.echo("Nothing that orders contain is left untold.")
    return NO if found else DONE
