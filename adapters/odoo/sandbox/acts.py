"""What Odoo does when a method is called: creating, changing and moving through the states it allows, and no others."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from adapters.odoo.sandbox.models import RELATIONS, REQUIRED
from adapters.odoo.sandbox.places import CUSTOMERS
from adapters.odoo.sandbox.records import Record, Records
from adapters.sandbox.books import BookedOrder, NotPossible

CENT = Decimal("0.01")


class UserError(Exception):
    """Odoo's no, in words for a person."""


class ValidationError(UserError):
    """A constraint of the data does not hold."""


class Acts:
    """Methods by model; each is one transaction: it raises before it changes anything."""

    def __init__(self, records: Records, fields: Mapping[str, frozenset[str]]) -> None:
        self._records = records
        self._books = records.books
        self.fields = fields

    # --- res.partner -------------------------------------------------------------------------------------------
    def create_partner(self, vals: Record) -> int:
        """A partner."""
        self.checked("res.partner", vals)
        number = len(self._records.partners) + 10
        blank = {"email": False, "street": False, "active": True, "create_date": "", "write_date": ""}
        self._records.partners.append({"id": number, **blank, **vals})
        return number

    # --- sale.order --------------------------------------------------------------------------------------------
    def create_order(self, vals: Record) -> int:
        """A quotation with its lines."""
        self.checked("sale.order", vals)
        lines = [self._line(command) for command in vals.get("order_line", [])]
        for line in lines:
            self.checked("sale.order.line", line)
        self.linked("sale.order", vals)
        order = self._books.draft(
            vals.get("client_order_ref") or None,
            str(vals.get("origin") or "S"),
            {"vals": vals, "lines": lines},
        )
        order.facts["amount_total"] = self._total(lines)
        return order.id

    def write_order(self, ids: list[int], vals: Record) -> bool:
        """Change the head of an order."""
        self.checked("sale.order", vals, create=False)
        commands = vals.pop("order_line", [])
        for number in ids:
            order = self._order(number)
            self._write_lines(order, commands)
            order.facts["vals"] = order.facts["vals"] | vals
            order.ref = vals.get("client_order_ref", order.ref) or None
            order.changed_at = self._books.now()
        return True

    def _write_lines(self, order: BookedOrder, commands: list[Any]) -> None:
        """Lines of an order change; of a confirmed one the open deliveries from the line's warehouse follow.

        A confirmed line cannot be removed, and not be made less than what was delivered.
        """
        lines: list[Record] = [dict(line) for line in order.facts["lines"]]
        ids = [line["id"] for line in self._records.order_lines(order)]
        for command in commands:
            if command[0] == 2 and order.status != "draft":
                raise UserError("Once a sales order is confirmed, you can't remove one of its lines.")
            vals = dict(command[2])
            self.checked("sale.order.line", vals, create=command[0] == 0)
            if command[0] == 0:
                lines.append(vals)
            elif command[0] == 1 and command[1] in ids:
                lines[ids.index(command[1])].update(vals)
            else:
                raise ValueError(f"Invalid one2many command {command!r}")
        if order.status in ("open", "shipped"):
            self._deliver(order, lines)
        elif order.status == "cancelled" and commands:
            raise UserError("It is forbidden to modify the lines of a cancelled order in the sandbox's Odoo.")
        order.facts["lines"] = lines
        order.facts["amount_total"] = order.total = self._total(lines)
        self._records.forget_lines(order)

    def _deliver(self, order: BookedOrder, lines: list[Record]) -> None:
        """Deliveries for what lines gained, less of them for what lines lost, all or nothing."""
        before, after = self._by_shelf(order, order.facts["lines"]), self._by_shelf(order, lines)
        changes = {
            shelf: after.get(shelf, 0) - before.get(shelf, 0)
            for shelf in sorted(before.keys() | after.keys())
        }
        for (sku, code), change in changes.items():
            held = order.allotments.get((sku, code))
            if change < 0 and (held is None or held.quantity - held.shipped < -change):
                raise UserError(
                    "You cannot decrease the ordered quantity below the delivered quantity. Create a return first."
                )
        for (sku, code), change in changes.items():
            if change:
                with _no_in_odoos_words():
                    self._books.allot(order, sku, code, change)

    def _by_shelf(self, order: BookedOrder, lines: list[Record]) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for sku, code, units in self._goods(order, lines):
            found[sku, code] = found.get((sku, code), 0) + units
        return found

    def unlink_order(self, ids: list[int]) -> bool:
        """Delete quotations; anything further must be cancelled first."""
        orders = [self._order(number) for number in ids]
        if any(order.status not in ("draft", "cancelled") for order in orders):
            raise UserError(
                "You can not delete a sent quotation or a confirmed sales order. You must first cancel it."
            )
        for order in orders:
            order.facts["discarded"] = True
            order.status = "cancelled"
        return True

    def confirm_order(self, ids: list[int]) -> bool:
        """A quotation becomes an order: its stocked lines are promised."""
        for number in ids:
            order = self._order(number)
            if order.status != "draft":
                raise UserError("Some orders are not in a state requiring confirmation.")
            vals = order.facts["vals"]
            currency = self._records.currency_of(vals.get("pricelist_id") or 1)
            with _no_in_odoos_words():
                self._books.confirm(
                    order,
                    self._goods(order, order.facts["lines"]),
                    total=order.facts["amount_total"],
                    currency=currency,
                )
        return True

    def cancel_order(self, ids: list[int], context: Record) -> Any:
        """Call off; in the web client a window asks first. Deliveries that left stay as they are."""
        if not context.get("disable_cancel_warning"):
            return {"type": "ir.actions.act_window", "res_model": "sale.order.cancel"}
        for number in ids:
            order = self._order(number)
            if order.status == "draft":
                order.status, order.changed_at = "cancelled", self._books.now()
                continue
            if order.status == "cancelled":
                continue
            if any(each.shipped for each in order.allotments.values()):
                raise UserError(
                    "Goods of this order were delivered; the sandbox's Odoo is set to refuse this."
                )
            for (sku, code), each in order.allotments.items():
                move = self._records.moves.of(*self._records.open_key(order.id, sku, code))
                self._records.dead.append((move, order.id, sku, code, each.quantity, self._books.now()))
            with _no_in_odoos_words():
                self._books.cancel(order)
        return True

    # --- stock -------------------------------------------------------------------------------------------------
    def write_move(self, ids: list[int], vals: Record) -> bool:
        """Set what was picked, or change the demand of an open move."""
        self.checked("stock.move", vals, create=False)
        for number in ids:
            key = self._records.moves.key(number)
            waiting = self._waiting_of(number)
            if waiting is None and (key is None or key[0] != "open" or self._open_now(number) is None):
                raise UserError("You cannot change a move that is done or cancelled.")
            if "product_uom_qty" in vals and waiting is None:
                order, sku, code = self._open_now(number) or (0, "", "")
                held = self._books.orders[order].allotments[sku, code]
                change = int(vals["product_uom_qty"]) - (held.quantity - held.shipped)
                if change:
                    with _no_in_odoos_words():
                        self._books.allot(self._books.orders[order], sku, code, change)
            if "quantity" in vals:
                self._records.picked[number] = float(vals["quantity"])
        return True

    def create_picking(self, vals: Record) -> int:
        """A delivery or receipt in draft, with its moves."""
        self.checked("stock.picking", vals)
        self.linked("stock.picking", vals)
        moves = [self._line(command) for command in vals.get("move_ids", [])]
        made: list[Record] = []
        for move in moves:
            self.checked("stock.move", move)
            self.linked("stock.move", move)
            if "name" in self.fields["stock.move"] and not move.get("name"):
                raise ValidationError(
                    "The operation cannot be completed: a mandatory field is not set (Description)."
                )
            made.append({**move, "id": self._records.moves.fresh()})
        number = self._records.pickings.fresh()
        line = int(moves[0].get("sale_line_id") or 0) if moves else 0
        self._records.waiting[number] = {
            "order": self._order_of_line(line),
            "moves": made,
            "state": "draft",
            "at": self._books.now(),
        }
        return number

    def confirm_picking(self, ids: list[int]) -> bool:
        """Promise a delivery; a return waits until it is validated."""
        for number in ids:
            picking = self._records.waiting.get(number)
            if picking is None or picking["state"] != "draft":
                continue
            picking["state"] = "assigned"
            for move in list(picking["moves"]):
                code = self._records.places.warehouse_at(int(move["location_id"]))
                order = picking["order"]
                if code is None or int(move["location_dest_id"]) != CUSTOMERS or order is None:
                    continue
                sku, units = self._records.code_of(move["product_id"]), int(move["product_uom_qty"])
                self._promise(order, sku, code, units)
                self._records.moves.put(move["id"], *self._records.open_key(order.id, sku, code))
                self._records.pickings.put(number, order.id, code)
                picking["moves"].remove(move)
            if not picking["moves"]:
                del self._records.waiting[number]
        return True

    def validate_picking(self, ids: list[int], context: Record) -> Any:
        """Book what was picked as moved; when not all of it was, a window asks whether the rest follows."""
        for number in ids:
            if number in self._records.waiting:
                self._receive(number)
                continue
            moves = [move for move in self._records.all("stock.move") if move["picking_id"] == number]
            if not moves:
                raise UserError("You have no delivery to validate.")
            chosen = [move for move in moves if move["picked"] and move["quantity"]] or moves
            partial = len(chosen) < len(moves) or any(
                move["quantity"] < move["product_uom_qty"] for move in chosen
            )
            if partial and not context.get("skip_backorder"):
                return {"type": "ir.actions.act_window", "res_model": "stock.backorder.confirmation"}
            for move in chosen:
                order, sku, code = self._open_now(move["id"]) or (0, "", "")
                units = int(move["quantity"])
                self._records.picked.pop(move["id"], None)
                with _no_in_odoos_words():
                    self._books.ship(self._books.orders[order], sku, code, units)
                if self._records.revived.get((order, sku, code)):
                    self._records.revived[order, sku, code] -= units
        return True

    def _receive(self, number: int) -> None:
        picking = self._records.waiting[number]
        if picking["state"] != "assigned":
            raise UserError("You need to mark this transfer as to do before it is validated.")
        for move in picking["moves"]:
            code = self._records.places.warehouse_at(int(move["location_dest_id"]))
            units = int(self._records.picked.get(move["id"], move["product_uom_qty"]))
            if code is None or picking["order"] is None:
                raise UserError("The sandbox's Odoo only takes returns of sales orders into stock.")
            sku, order = self._records.code_of(move["product_id"]), picking["order"]
            with _no_in_odoos_words():
                self._books.take_back(order, sku, code, units)
        del self._records.waiting[number]

    def _promise(self, order: BookedOrder, sku: str, code: str, units: int) -> None:
        """A delivery more; of an order that was called off, the units it once promised come first."""
        held = order.allotments.get((sku, code))
        spare = held.quantity - held.shipped if held and order.status == "cancelled" else 0
        if units > spare:
            with _no_in_odoos_words():
                self._books.allot(order, sku, code, units - spare)
        if order.status == "cancelled":
            key = (order.id, sku, code)
            self._records.revived[key] = self._records.revived.get(key, 0) + units

    # --- judging -----------------------------------------------------------------------------------------------
    def checked(self, model: str, vals: Record, *, create: bool = True) -> None:
        """Every field is known, and what is required is given."""
        for name in vals:
            if name not in self.fields[model]:
                raise ValueError(f"Invalid field {name!r} in {model!r}")
        for name in REQUIRED.get(model, ()) if create else ():
            if not vals.get(name):
                raise ValidationError(f"Missing required value for the field {name!r} ({name}) on {model}")

    def linked(self, model: str, vals: Record) -> None:
        """Every many2one must point to something."""
        for name, value in vals.items():
            target = RELATIONS.get((model, name))
            if target and value and self._records.one(target, int(value)) is None:
                raise ValidationError(f"Record does not exist or has been deleted: {target}({value},)")

    def _line(self, command: Any) -> Record:
        if not isinstance(command, list) or len(command) != 3 or command[0] != 0:
            raise ValueError(f"Invalid one2many command {command!r}")
        return dict(command[2])

    def _total(self, lines: list[Record]) -> Decimal:
        total = Decimal(0)
        for line in lines:
            taxes = line.get("tax_ids") or line.get("tax_id") or []
            if any(command[-1] for command in taxes):
                raise ValueError("the sandbox's Odoo knows no taxes of its own")
            price = Decimal(str(line.get("price_unit", 0))).quantize(CENT, ROUND_HALF_UP)
            units = Decimal(str(line.get("product_uom_qty", 1)))
            share = 1 - Decimal(str(line.get("discount", 0))) / 100
            total += (price * units * share).quantize(CENT, ROUND_HALF_UP)
        return total

    def _goods(self, order: BookedOrder, lines: list[Record]) -> list[tuple[str, str, int]]:
        """(SKU, warehouse, units) of the stocked lines; a route decides where a line leaves from."""
        warehouses = self._books.warehouses
        home = warehouses[int(order.facts["vals"].get("warehouse_id") or 1) - 1]
        found: list[tuple[str, str, int]] = []
        for line in lines:
            code = self._records.code_of(int(line["product_id"]))
            if code in self._books.products and line.get("product_uom_qty", 1):
                route = line.get("route_id")
                place = warehouses[int(route) - 51] if route else home
                found.append((code, place, int(line.get("product_uom_qty", 1))))
        return found

    def _order(self, number: int) -> BookedOrder:
        order = self._books.orders.get(number)
        if order is None or order.facts.get("discarded") or not order.facts.get("vals"):
            raise UserError(f"Record does not exist or has been deleted: sale.order({number},)")
        return order

    def _order_of_line(self, line: int) -> BookedOrder | None:
        key = self._records.lines.key(line)
        return self._books.orders[int(str(key[0]))] if key else None

    def _waiting_of(self, move: int) -> Record | None:
        return next(
            (one for one in self._records.waiting.values() if any(m["id"] == move for m in one["moves"])),
            None,
        )

    def _open_now(self, move: int) -> tuple[int, str, str] | None:
        for order, sku, code in self._records.open_deliveries():
            if self._records.moves.of(*self._records.open_key(order, sku, code)) == move:
                return order, sku, code
        return None


@contextmanager
def _no_in_odoos_words() -> Iterator[None]:
    try:
        yield
    except NotPossible as no:
        raise UserError(str(no)) from no
