"""Entries for booked documents: what every back office answers that takes none of a kind."""

from engine.model.failure import Refused


def not_posted(name: str) -> Refused:
    """The answer of a back office whose capabilities say that it does not take such entries."""
    return Refused(
        f"Payments, credit memos and refunds of this kind cannot be entered over the interface of {name}.",
        "Enter it there by hand, then resolve this record.",
        code="enter_by_hand",
    )
