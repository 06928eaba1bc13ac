"""Every command once, and which of them each screen has."""

from screens.command import Command, act
from screens.everywhere import EVERY, EVERYWHERE, FILTER, LIST

SAME = Command("same", "F", "F", "Same", "Mark all records that failed for the same cause", in_key_line=True)
CAUSES = Command(
    "causes", "c", "c", "Causes", "Group by cause, with what hangs on each", in_key_line=True, goes="causes"
)


RETRY = act(
    "retry", "R", "Retry", "Ask the engine to try the marked or current records again", in_key_line=True
)
EDIT = Command(
    "edit",
    "e",
    "e",
    "Edit",
    "What of the current record may be told in other words: edit it and try again",
    in_key_line=True,
)
ACTS = (
    RETRY,
    EDIT,
    act("assign", "A", "Assign", "Make them somebody's: a name, or nothing to give them back"),
    act("tag", "T", "Tag", "Give them tags, separated by blanks"),
    act("park", "P", "Park", "Set them aside with a reason; they go on being counted"),
    act("unpark", "U", "Take up", "Take parked records up again"),
    act("resolve", "X", "Resolve", "Close them with a reason: dealt with elsewhere, nothing left to do"),
)
HOLD = (
    act(
        "buffer",
        "b",
        "Buffer",
        "Hold units back in the marked or current cells: :buffer 3 60",
        in_key_line=True,
    ),
    act("halt", "H", "Halt", "Stop selling the marked or current cells; again to go on", in_key_line=True),
    act("stop", "S", "Stop place", "Stop selling everything at this location: all 60; again to go on"),
)
HOLDS = (
    *HOLD,
    Command("transfer", "t", "t", "Transfer", "Copy which units could come from where", in_key_line=True),
)
FOLLOW = Command("follow", "f", "f", "Follow", "Stay with the newest line, or stop that", in_key_line=True)
VERIFY = Command(
    "verify", "V", "V", "Verify", "Follow the hash chain from the first line to the last", in_key_line=True
)
UNDO = act(
    "undo", "Z", "Undo", "Take back what this line says was done, where it has an inverse", in_key_line=True
)
CAUSE = Command("record", "w", "w", "Why", "The failed record behind this row", in_key_line=True)

WHY = Command(
    "why", "w", "w", "Why", "The terms of this cell's figure, their sum, and what lies behind each", in_key_line=True
)  # fmt: skip
AT = Command(
    "at",
    "at",
    "@",
    "At",
    "As it was at a time: :at 12:03, :at 2h; :at alone goes back to now",
    in_key_line=True,
)
PLAN = act(
    "plan",
    "n",
    "New plan",
    "Compare both sides and plan what differs in stock; :plan products",
    in_key_line=True,
)
LOOK = act(
    "look",
    "R",
    "Look again",
    "Compare the marked or current cells on both sides again, and write what the rules want",
    in_key_line=True,
)
PLAN_CELLS = act("plan", "n", "Plan", "Plan the marked or current cells alone; nothing is written by that")
APPLY = act(
    "apply",
    "a",
    "Apply",
    "Write what is planned: a whole plan, or its marked or current rows",
    in_key_line=True,
)
DECIDE = act(
    "decide", "D", "Decide", "Say of these units whether goods really came or went", in_key_line=True
)

CHANGE = Command(
    "change",
    "e,enter",
    "e",
    "Edit",
    "Type what the back office is to be told of this field",
    in_key_line=True,
)
ORIGINAL = Command(
    "original", "O", "O", "Take back", "Tell again what Shopify says of this field", in_key_line=True
)
SEND = act(
    "retry", "R", "Send", "Tell the back office what was edited and try the record again", in_key_line=True
)

COMPARE = Command(
    "compare", "equals_sign", "=", "Compare", "Both sides of this record, field by field", in_key_line=True
)
MAPPING = Command(
    "mapping",
    "m",
    "m",
    "Mapping",
    "The mapping: names on both sides, and where each field goes",
    in_key_line=True,
)
NAME = act(
    "name",
    "e",
    "Name",
    "Try a back office's name for this value, then put it down for all orders",
    in_key_line=True,
)
UNNAME = act(
    "original", "O", "Take back", "Take back a name that somebody gave: the configuration counts again"
)
RESTORE = act(
    "restore", "B", "Restore", "Put the back office's value of this product's field back into the shop"
)
ADOPT = act("adopt", "A", "Adopt", "Leave the shop's value of this product's field as it is from now on")
SNOOZE = act(
    "snooze", "s", "Snooze", "Ask about this field again later: :snooze 60 in minutes, a day without"
)
SUBSCRIBE = act(
    "subscribe",
    "S",
    "Subscribe",
    "List the shop's subscriptions and make anew what is gone",
    in_key_line=True,
)
FAILURES = Command(
    "failures", "w", "w", "Failures", "What waits for a person of this connection", in_key_line=True
)
LINES = Command("lines", "L", "L", "Log", "The log of this connection alone", in_key_line=True)
PULL = act(
    "pull",
    "R",
    "Look again",
    "Look at the marked or current orders again; what waits is tried again",
    in_key_line=True,
)
MEND = Command("edit", "e", "e", "Edit", "Edit what this order's failed record tells, and try it again")
ABOUT = Command(
    "subject", "w", "w", "Go to", "What this line is about: the order, the cell, the record", in_key_line=True
)

ACK = act("ack", "A", "Acknowledge", "Say that you look after the alerts that stand: nobody further is told")

PULSE = (*EVERYWHERE, ACK)
STOCK = (*EVERYWHERE, *LIST, EVERY, WHY, *HOLD, LOOK, PLAN_CELLS)
CONFLICTS = (*EVERYWHERE, *LIST, EVERY, WHY, DECIDE)
PLANS = (*EVERYWHERE, *LIST, PLAN, APPLY)
PLANNED = (*EVERYWHERE, *LIST, EVERY, WHY, APPLY)
EXPLAINED = (*EVERYWHERE, *LIST, AT)
SYNC = (*EVERYWHERE, *LIST, FAILURES, LINES, SUBSCRIBE)
FAILED = (*EVERYWHERE, *LIST, EVERY, SAME, CAUSES, *ACTS, COMPARE)
CAUSED = (*EVERYWHERE, *LIST)
EDITED = (*EVERYWHERE, FILTER, CHANGE, ORIGINAL, SEND)
ORDERS = (*EVERYWHERE, *LIST, EVERY, CAUSE, PULL, MEND, COMPARE)
RISK = (*EVERYWHERE, *LIST, EVERY, *HOLDS, WHY)
FIELDS = (*EVERYWHERE, *LIST, EVERY, COMPARE, MAPPING, RESTORE, ADOPT, SNOOZE)
COMPARED = (*EVERYWHERE, *LIST, MAPPING)
MAPPED = (*EVERYWHERE, *LIST, NAME, UNNAME)
LOGS = (*EVERYWHERE, *LIST, FOLLOW, ABOUT)
AUDIT = (*EVERYWHERE, *LIST, VERIFY, UNDO, ABOUT)
SCREENS: dict[str, tuple[Command, ...]] = {
    "pulse": PULSE, "stock": STOCK, "sync": SYNC, "failed": FAILED, "causes": CAUSED, "orders": ORDERS,
    "risk": RISK, "fields": FIELDS, "logs": LOGS, "audit": AUDIT, "conflicts": CONFLICTS, "why": EXPLAINED,
    "plans": PLANS, "planned": PLANNED, "edit": EDITED, "compare": COMPARED, "mapping": MAPPED,
}  # fmt: skip
"""What can be done on each screen."""


def key_line(commands: tuple[Command, ...], width: int) -> str:
    """The bottom line: the commands worth knowing on this screen, as many as fit."""
    gap = "" if width < 120 else " "
    line = "0-9 Screens" if width < 120 else "  ".join(f"{c.shown} {c.label}" for c in EVERYWHERE if c.goes)
    for c in commands:
        if c.in_key_line:
            more = f" {gap}{c.shown}{gap if len(c.shown) == 1 and not c.shown.isalpha() else ' '}{c.label}"
            if len(line) + len(more) < width - 1:
                line += more
    return line
