"""Adopted variants, and what both sides hold and were left with in each of their fields."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text

from engine.store.columns import RowId, UtcTime
from engine.store.tables.parts import connection, count, flag, metadata, partial, words

DUE = "due_at IS NOT NULL"
TOLD = "state IN ('conflict', 'fight', 'alert', 'invalid')"
"""States of a field that are shown to a person."""

product_link = Table(
    "product_link",
    metadata,
    connection(primary_key=True),
    Column("sku", Text, primary_key=True),
    words("office_id"),
    words("variant", None),
    words("product", None),
    words("item", None),
    words("title"),
    flag("discontinued"),
    flag("troubled"),
    words("adopted_by"),
    Column("adopted_at", UtcTime, nullable=False),
    count("seq"),
    Column("due_at", UtcTime),
    words("reason"),
    Column("looked_at", UtcTime),
    Index("uq_product_link_variant", "connection", "variant", unique=True),
    Index("ix_product_link_product", "connection", "product"),
    Index("ix_product_link_office_id", "connection", "office_id"),
)
"""`sku` is the back office's; `seq` counts the marks, so that a look never takes away one that came meanwhile."""
partial("ix_product_link_due", product_link.c.connection, product_link.c.due_at, where=DUE)

product_field = Table(
    "product_field",
    metadata,
    connection(primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("office", Text),
    Column("shop", Text),
    Column("office_then", Text),
    Column("shop_then", Text),
    flag("known"),
    count("recent"),
    Column("recent_since", UtcTime),
    flag("restore"),
    words("state"),
    Column("since", UtcTime),
    words("rule"),
    words("note"),
    count("overwrites"),
    Column("snoozed_until", UtcTime),
)
"""`office` and `shop` as last seen, `…_then` as both were left; `overwrites` counts moves of the shop by itself."""
product_plan_row = Table(
    "product_plan_row",
    metadata,
    Column("plan_id", RowId, ForeignKey("plan.id"), primary_key=True, autoincrement=False),
    Column("sku", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("before", Text),
    Column("after", Text),
    words("rule"),
    words("cause", None),
    words("state", None),
    words("note"),
    Column("settled_at", UtcTime),
    CheckConstraint("state IN ('planned', 'shown', 'applied', 'refused')", name="state"),
)
partial("ix_product_field_told", product_field.c.connection, product_field.c.since, where=TOLD)
