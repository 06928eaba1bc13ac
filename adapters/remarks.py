"""What a back office has no field for, as lines of text for the people there."""

from engine.model.sale import Payment, SalesDocument


def remarks(sale: SalesDocument, *, address: bool) -> list[str]:
    """The lines, what matters most first; `address` adds where the goods go."""
    lines = [f"Shopify order {sale.name}"]
    if address and sale.address:
        lines.append(f"Ship to {', '.join(row for row in sale.address if row)}")
    if sale.presentment_currency != sale.currency:
        lines.append(f"Buyer saw {sale.presentment_total} {sale.presentment_currency}")
    lines += [f"{pay.kind} {pay.amount} {sale.currency} by {_taker(pay)}" for pay in sale.payments]
    if sale.origin.po_number:
        lines.append(f"Purchase order {sale.origin.po_number}")
    if sale.buyer.company is not None:
        lines.append(f"Company {sale.buyer.company.name}, {sale.buyer.company.location}")
    if sale.terms is not None:
        lines.append(f"Payment terms {sale.terms.name}")
    lines += [f"{tax.title or tax.key} ({tax.country}): {tax.value}" for tax in sale.buyer.tax_ids]
    lines += [f"{each.name}: {each.value}" for each in sale.attributes]
    lines += [f"{line.title}, {each.name}: {each.value}" for line in sale.lines for each in line.attributes]
    return [*lines, sale.note] if sale.note else lines


def _taker(paid: Payment) -> str:
    return f"{paid.gateway}, account {paid.account}" if paid.account else paid.gateway
