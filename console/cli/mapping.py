"""`trueup mapping`: where each field of a Shopify order goes."""

import click

from console.cli.options import json_option, put_json, put_table
from console.cli.trouble import DONE, NO, Trouble


@click.group()
def mapping() -> None:
    """Field maps."""


@mapping.command()
@click.option("--back-office", "kind", default="", help="Only this kind.")
@json_option
def coverage(kind: str, as_json: bool) -> int:
    """Print what becomes of each field per back office; exit 1 when one has no line."""
    from adapters.field_maps import field_map, kinds
    from adapters.shopify.fields import order_fields
    from engine.orders.coverage import missing

    known = kinds()
    if kind and kind not in known:
        raise Trouble(f"No back office is called {kind!r}.", f"Give one of: {', '.join(known)}.")
    chosen, fields = ((kind,) if kind else known), order_fields()
    holes = {each: missing(field_map(each), fields) for each in chosen}
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
