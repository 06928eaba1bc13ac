"""`search_read` and its kin over the records, and the methods of models by name."""

from collections.abc import Callable, Mapping
from typing import Any

from adapters.odoo.sandbox.acts import Acts
from adapters.odoo.sandbox.domain import Domains
from adapters.odoo.sandbox.ledger import Entries
from adapters.odoo.sandbox.models import RELATIONS, fields_of
from adapters.odoo.sandbox.records import Record, Records

ON_MODEL = frozenset({"search_read", "search", "search_count", "create", "fields_get", "load"})
"""Methods of a model, which take no ids."""


class NoSuchModel(Exception):
    """The server has no model of this name, or the model no such method."""


class Orm:
    """Answers calls by model and method."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.fields = fields_of(records.version)
        self._domains = Domains(RELATIONS, self.fields, records.one, records.parents)
        acts = Acts(records, self.fields)
        entries = Entries(records, acts)
        self._methods: Mapping[tuple[str, str], Callable[[list[int], Record, Record], Any]] = {
            ("res.partner", "create"): lambda ids, ask, ctx: _each(acts.create_partner, ask),
            ("sale.order", "create"): lambda ids, ask, ctx: _each(acts.create_order, ask),
            ("sale.order", "write"): lambda ids, ask, ctx: acts.write_order(ids, ask["vals"]),
            ("sale.order", "unlink"): lambda ids, ask, ctx: acts.unlink_order(ids),
            ("sale.order", "action_confirm"): lambda ids, ask, ctx: acts.confirm_order(ids),
            ("sale.order", "action_cancel"): lambda ids, ask, ctx: acts.cancel_order(ids, ctx),
            ("account.payment", "create"): lambda ids, ask, ctx: _each(entries.create_payment, ask),
            ("account.payment", "action_post"): lambda ids, ask, ctx: entries.post("account.payment", ids),
            ("account.payment", "unlink"): lambda ids, ask, ctx: entries.unlink("account.payment", ids),
            ("account.move", "create"): lambda ids, ask, ctx: _each(entries.create_move, ask),
            ("account.move", "action_post"): lambda ids, ask, ctx: entries.post("account.move", ids),
            ("account.move", "unlink"): lambda ids, ask, ctx: entries.unlink("account.move", ids),
            ("stock.move", "write"): lambda ids, ask, ctx: acts.write_move(ids, ask["vals"]),
            ("stock.picking", "create"): lambda ids, ask, ctx: _each(acts.create_picking, ask),
            ("stock.picking", "action_confirm"): lambda ids, ask, ctx: acts.confirm_picking(ids),
            ("stock.picking", "button_validate"): lambda ids, ask, ctx: acts.validate_picking(ids, ctx),
        }

    def call(self, model: str, method: str, ids: list[int], ask: Record, context: Record) -> Any:
        """The result; NoSuchModel, ValueError for arguments that cannot be read, or the act's own error."""
        self._records.refresh()
        if model not in self.fields:
            raise NoSuchModel(f"the model {model!r} does not exist")
        for name in ask.get("fields") or ():
            if name not in self.fields[model]:
                raise ValueError(f"Invalid field {name!r} on model {model!r}")
        match method:
            case "search_read":
                rows = self._found(model, ask, context)
                return [self._shown(model, row, ask.get("fields")) for row in rows]
            case "search":
                return [row["id"] for row in self._found(model, ask, context)]
            case "search_count":
                return len(self._found(model, ask, context))
            case "read":
                wanted = [row for row in self._records.all(model) if row["id"] in set(ids)]
                return [self._shown(model, row, ask.get("fields")) for row in wanted]
            case "fields_get":
                return {name: {"type": "char"} for name in sorted(self.fields[model])}
        act = self._methods.get((model, method))
        if act is None:
            raise NoSuchModel(f"the method {method!r} does not exist on the model {model!r}")
        return act(ids, ask, context)

    def _found(self, model: str, ask: Record, context: Record) -> list[Record]:
        test = self._domains.judge(model, ask.get("domain") or [])
        hidden = context.get("active_test", True) and "active" in self.fields[model]
        rows = [row for row in self._records.all(model) if test(row) and (not hidden or row["active"])]
        name, _, way = str(ask.get("order") or "id asc").partition(" ")
        if name not in self.fields[model]:
            raise ValueError(f"Invalid field {name!r} to order by")
        rows.sort(key=lambda row: row[name], reverse=way.strip().lower() == "desc")
        start = int(ask.get("offset") or 0)
        limit = ask.get("limit")
        return rows[start : start + int(limit)] if limit else rows[start:]

    def _shown(self, model: str, row: Record, fields: list[str] | None) -> Record:
        shown: Record = {"id": row["id"]}
        for name in fields or sorted(self.fields[model]):
            value = row.get(name, False)
            target = RELATIONS.get((model, name))
            if target and value:
                value = [value, self._name(target, int(value))]
            shown[name] = value
        return shown

    def _name(self, model: str, number: int) -> str:
        if model == "product.product":
            return self._records.title_of(number)
        linked = self._records.one(model, number) or {}
        return str(linked.get("name") or linked.get("code") or number)


def _each(make: Callable[[Record], int], ask: Record) -> list[int]:
    vals = ask.get("vals_list")
    if not isinstance(vals, list):
        raise ValueError("create() takes a list of values")
    return [make(each) for each in vals]
