# mypy: ignore-errors
# Reason: this script runs in trytond's own virtual environment, whose packages ours does not have.
"""Builds the SQLite databases of the Tryton sandbox. Executed by trytond's Python, never imported.

build_database.py base  WORKDIR            modules, company, chart of accounts, web shop, user
build_database.py world WORKDIR WORLD.json warehouses, products and their opening stock
"""

import datetime
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

sys.setrecursionlimit(20_000)

MODULES = [
    "party",
    "product",
    "stock",
    "sale",
    "account",
    "account_invoice",
    "account_invoice_stock",
    "sale_amendment",
    "sale_discount",
    "sale_shipment_cost",
    "web_shop",
]
DATABASE = "erp"
SERVICES = {
    "SHIPPING": "Shipping",
    "TAX": "Tax as charged by the shop",
    "DUTY": "Duties",
    "TIP": "Tip",
    "FEE": "Fee",
    "ROUNDING": "Rounding",
    "OTHER": "Other",
    "GIFT CARD": "Gift card sold",
}
BATCH = 25  # SQLite's parser overflows when one call creates many more products


def base(workdir: Path, config: Path) -> None:
    """Activate the modules and set up all that does not depend on the world's goods."""
    (workdir / f"{DATABASE}.sqlite").touch()
    subprocess.run(  # noqa: S603 - our own virtual environment
        [
            str(Path(sys.executable).parent / "trytond-admin"),
            *("-c", str(config), "-d", DATABASE, "-u", *MODULES),
            *("--activate-dependencies", "--email", "admin@example.com"),
        ],
        check=True,
    )
    session(config)
    from proteus import Model
    from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
    from trytond.modules.account_invoice.tests.tools import (
        create_payment_term,
        set_fiscalyear_invoice_sequences,
    )
    from trytond.modules.company.tests.tools import create_company, get_company

    currencies = []
    for code, symbol, rate in (("USD", "$", "1"), ("EUR", "€", "0.9"), ("GBP", "£", "0.8")):
        currency = Model.get("currency.currency")(
            name=code, symbol=symbol, code=code, digits=2, rounding=Decimal("0.01")
        )
        currency.rates.new(date=datetime.date(2020, 1, 1), rate=Decimal(rate))
        currency.save()
        currencies.append(currency)
    create_company(currency=currencies[0])
    company = get_company()
    create_chart(company)
    accounts = get_accounts(company)
    year = datetime.datetime.now(datetime.UTC).year
    first, last = datetime.date(year - 1, 1, 1), datetime.date(year + 1, 12, 31)
    years = set_fiscalyear_invoice_sequences(create_fiscalyear(company, (first, last)))
    years.click("create_period")
    term = create_payment_term()
    term.save()
    books = Model.get("account.configuration")(1)
    (exchange,) = Model.get("account.account").find([("code", "=", "6.2.1"), ("company", "=", company.id)])
    books.currency_exchange_debit_account = books.currency_exchange_credit_account = exchange
    books.save()
    (till,) = Model.get("account.journal").find([("type", "=", "cash")], limit=1)
    method = Model.get("account.invoice.payment.method")(name="Shopify", company=company, journal=till)
    method.credit_account = method.debit_account = accounts["cash"]
    method.save()

    category = Model.get("product.category")(name="Goods", accounting=True)
    category.account_expense, category.account_revenue = accounts["expense"], accounts["revenue"]
    category.save()
    (unit,) = Model.get("product.uom").find([("name", "=", "Unit")])
    for code, name in SERVICES.items():
        template(code, name, "service", unit, category, Decimal(0)).save()

    (warehouse,) = Model.get("stock.location").find([("type", "=", "warehouse")])
    warehouse.name, warehouse.code = "Warehouse 1", "WH1"
    warehouse.save()
    guest = Model.get("party.party")(name="Web guest")
    guest.save()
    shop = Model.get("web.shop")(name="Shopify", company=company, currency=currencies[0])
    shop.guest_party = guest
    shop.warehouses.append(warehouse)
    shop.save()
    counter = Model.get("party.party")(name="Counter", code="COUNTER")
    counter.save()

    settings = Model.get("sale.configuration")(1)
    settings.sale_invoice_method = "manual"
    settings.save()
    user = Model.get("res.user")(name="TrueUp", login="trueup", email="trueup@example.com")
    user.password = "trueup-sandbox"  # noqa: S105 - public: it only opens sandboxes
    user.companies.append(Model.get("company.company")(company.id))
    user.company = Model.get("company.company")(company.id)
    for group in Model.get("res.group").find([]):
        user.groups.append(group)
    user.save()


def world(config: Path, plan: dict) -> None:
    """Add warehouses and products, and book the opening stock."""
    proteus = session(config)
    from proteus import Model

    Location = Model.get("stock.location")
    (first,) = Location.find([("type", "=", "warehouse")])
    warehouses = [first]
    for number in range(2, len(plan["warehouses"]) + 1):
        parts = {}
        for part in ("input", "output", "storage"):
            parts[part] = Location(name=f"WH{number} {part}", code=f"WH{number}-{part}", type="storage")
            parts[part].save()
        warehouse = Location(name=f"Warehouse {number}", code=f"WH{number}", type="warehouse")
        warehouse.input_location, warehouse.output_location = parts["input"], parts["output"]
        warehouse.storage_location = parts["storage"]
        (warehouse.lost_found_location,) = Location.find([("type", "=", "lost_found")])
        warehouse.save()
        warehouses.append(warehouse)
    for warehouse, code in zip(warehouses, plan["warehouses"], strict=True):
        warehouse.code = code
        warehouse.save()
    shop, *_ = Model.get("web.shop").find([])
    for warehouse in warehouses[1:]:
        shop.warehouses.append(Location(warehouse.id))
    shop.save()

    (unit,) = Model.get("product.uom").find([("name", "=", "Unit")])
    (category,) = Model.get("product.category").find([("name", "=", "Goods")])
    templates, context = proteus.get_proxy("product.template"), proteus.context
    values = [
        {
            "name": item["title"],
            "code": item["sku"],
            "type": "goods",
            "salable": True,
            "default_uom": unit.id,
            "sale_uom": unit.id,
            "list_price": Decimal(item["price"]),
            "account_category": category.id,
            "cost_price_method": "fixed",
            "products": [("create", [{"cost_price": Decimal(1)}])],
        }
        for item in plan["products"]
    ]
    for start in range(0, len(values), BATCH):
        templates.create(values[start : start + BATCH], context)
    products = {p.code: p.id for p in Model.get("product.product").find([("type", "=", "goods")])}
    company = Model.get("company.company").find([])[0]
    inventories = proteus.get_proxy("stock.inventory")
    for index, warehouse in enumerate(warehouses):
        lines = [
            {"product": products[row["sku"]], "quantity": float(row["units"])}
            for row in plan["stock"]
            if row["warehouse"] == index and row["units"]
        ]
        if lines:
            (number,) = inventories.create(
                [
                    {
                        "location": warehouse.storage_location.id,
                        "company": company.id,
                        "empty_quantity": "keep",
                        "lines": [("create", lines)],
                    }
                ],
                context,
            )
            Model.get("stock.inventory")(number).click("confirm")


def template(code, name, kind, unit, category, price):
    """A product template with its single variant, not saved yet."""
    from proteus import Model

    made = Model.get("product.template")(name=name, code=code, type=kind, list_price=price)
    made.default_uom, made.salable, made.sale_uom, made.account_category = unit, True, unit, category
    return made


def session(config: Path):
    """A proteus session inside this process."""
    import trytond.config
    from proteus import config as proteus_config

    trytond.config.update_etc(str(config))
    return proteus_config.set_trytond(database=None, user="admin", config_file=str(config))


def main() -> None:
    """Run the step named on the command line."""
    step, workdir = sys.argv[1], Path(sys.argv[2])
    config = workdir / "trytond.conf"
    config.write_text(f"[database]\nuri = sqlite://\npath = {workdir}\n")
    if step == "base":
        base(workdir, config)
    else:
        world(config, json.loads(Path(sys.argv[3]).read_text()))


if __name__ == "__main__":
    main()
