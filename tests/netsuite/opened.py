"""A back office opened on a running sandbox of NetSuite."""

from adapters.netsuite.auth import Token
from adapters.netsuite.back_office import NetSuiteBackOffice
from adapters.netsuite.sandbox import NetSuiteSandbox
from adapters.netsuite.selling import Terms
from engine.model.clock import SystemClock


def connected(sandbox: NetSuiteSandbox, terms: Terms) -> NetSuiteBackOffice:
    """By token-based authentication, with the sandbox's own keys."""
    signer = Token(sandbox.account, *sandbox.keys, SystemClock())
    return NetSuiteBackOffice(sandbox.url, clock=SystemClock(), signer=signer, terms=terms)
