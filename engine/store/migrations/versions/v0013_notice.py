"""Alerts as people are told of them."""

import sqlalchemy as sa
from alembic import op

from engine.store.columns import RowId, UtcTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _words(name: str, default: str | None = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _moment(name: str, *, always: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcTime(), nullable=not always)


def _id() -> sa.Column[int]:
    return sa.Column("id", RowId, autoincrement=True, nullable=False)


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    """Add notices, tellings and mutes."""
    op.create_table(
        "notice",
        _id(),
        _words("rule", None),
        _words("connection", None),
        _words("cause"),
        _words("severity", None),
        _count("figure"),
        _words("text"),
        _words("remedy"),
        _moment("opened_at", always=True),
        _moment("gone_at"),
        _moment("over_at"),
        _count("step"),
        _moment("told_at"),
        _moment("acked_at"),
        _words("acked_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    _index("uq_notice_stands", "notice", ["rule", "connection", "cause"], "over_at IS NULL", unique=True)
    op.create_table(
        "telling",
        _id(),
        sa.Column("notice_id", RowId, nullable=False),
        _words("channel", None),
        _words("word", None),
        _moment("due_at", always=True),
        _moment("taken_until"),
        _count("attempt"),
        _moment("told_at"),
        _moment("given_up_at"),
        _words("trouble"),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_telling_notice_id_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telling")),
    )
    op.create_index(op.f("ix_telling_notice_id"), "telling", ["notice_id"])
    _index("ix_telling_due", "telling", ["due_at"], "told_at IS NULL AND given_up_at IS NULL")
    op.create_table(
        "mute",
        _id(),
        _words("connection"),
        _moment("begins", always=True),
        _moment("ends", always=True),
        _words("set_by"),
        _words("reason"),
        _moment("ended_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mute")),
    )
    _index("ix_mute_ends", "mute", ["ends"], "ended_at IS NULL")


def downgrade() -> None:
    """The previous version tells nobody."""
    op.drop_table("mute")
    op.drop_table("telling")
    op.drop_table("notice")
