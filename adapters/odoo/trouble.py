"""What Odoo's errors mean. An error that Odoo names proves that its transaction was rolled back."""

from typing import Any

from engine.model.failure import Failure, Misset, Refused, TryLater, Unmapped

WHO = "Odoo"
BUSY = ("serialization", "locknotavailable", "deadlock", "operationalerror", "too many connections")
RIGHTS = ("accesserror", "accessdenied")
GONE = ("missingerror",)


def named(error: dict[str, Any]) -> Failure:
    """The failure for an error body: JSON-2's `{name, message}`, or the `data` of a JSON-RPC error."""
    name = str(error.get("name", ""))
    short = name.rpartition(".")[2].lower()
    said = " ".join(str(error.get("message", "")).split())[:1000]
    log = f"{name}: {said}"
    if any(sign in name.lower() or sign in said.lower() for sign in BUSY):
        return TryLater(
            "Odoo's database is busy with the same record.",
            "TrueUp comes back by itself.",
            code="odoo_busy",
            log=log,
        )
    if short in RIGHTS:
        return Misset(
            f"The Odoo user of TrueUp may not do this: {said}",
            "Give that user the rights docs/back-offices/odoo.md lists, then restart.",
            code="odoo_rights",
            log=log,
        )
    if short in GONE:
        return Refused(
            "A record TrueUp remembers is not in Odoo any more.",
            "If it was deleted there, resolve this record; otherwise retry.",
            code="odoo_missing",
            log=log,
        )
    if short in ("usererror", "validationerror", "redirectwarning"):
        return Refused(
            said or "Odoo declined the change.",
            "Correct the record in Odoo or in the shop, then retry.",
            code="odoo_declined",
            log=log,
        )
    return Refused(
        f"Odoo could not carry out the request: {said or name}",
        "Look into Odoo's log for this moment, mend what it names, then retry.",
        code="odoo_error",
        log=log,
    )


def no_product(code: str, for_what: str) -> Unmapped:
    """Odoo does not sell something we need a row for."""
    return Unmapped(
        f"Odoo has no product with internal reference {code} ({for_what}).",
        "Create it there, or correct its internal reference or the products table of this connection, and retry.",
        code="product_unknown",
    )
