"""Subscribing at the shop again because an operator asked."""

from engine.flows.site import Site
from engine.flows.watch import Watch
from engine.model.failure import Failure
from engine.store.rows import Command

VERB = "subscribe"


async def do(site: Site, _: Command) -> str:
    """List the subscriptions and make anew what is gone; what came of it, in a sentence."""
    if site.callback is None:
        return "nothing subscribed: listener.public_url is not set, polling does the work"
    try:
        await Watch(site).subscriptions()
    except Failure as failure:
        return f"not subscribed: {failure.cause} {failure.remedy}"
    return "every topic has a subscription that points here"
