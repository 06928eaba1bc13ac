"""HTTP as every adapter speaks it, and the one place where its troubles become named failures.

What a failure proves decides its name. A connection that was never made, or a clear no, proves that nothing
happened. Silence after sending proves nothing: for a write the outcome is unknown, for a read we come back.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TypeVar

import certifi
import httpx
import tenacity

from engine.model.clock import Clock
from engine.model.failure import Failure, Misset, OutcomeUnknown, RateLimited, Refused, TryLater
from engine.model.trace import span

T = TypeVar("T")

REPLY_LIMIT = 32 * 1024 * 1024
TRIES = 3
TRYING_SECONDS = 5.0
LONGEST_WAIT = 300.0


@cache
def trusted() -> ssl.SSLContext:
    """Whom we believe: the authorities of certifi and of this machine, those of SSL_CERT_FILE and SSL_CERT_DIR too.

    Certificate and host name are always checked, and TLS 1.2 is the oldest that is spoken; nothing turns that off.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def wire(connections: int = 10) -> httpx.AsyncHTTPTransport:
    """A pool of connections as every client of ours has it: certificates checked, no proxy setting followed."""
    return httpx.AsyncHTTPTransport(
        verify=trusted(),
        trust_env=False,
        limits=httpx.Limits(
            max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=4.0
        ),
    )


def make_client(
    base_url: str = "",
    *,
    headers: Mapping[str, str] | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    auth: tuple[str, str] | None = None,
    connections: int = 10,
    connect_seconds: float = 5.0,
    read_seconds: float = 20.0,
    pool_seconds: float = 30.0,
) -> httpx.AsyncClient:
    """A client with its own pool and a limit on every kind of waiting; it follows no redirect and no proxy setting."""
    return httpx.AsyncClient(
        base_url=base_url,
        headers=headers,
        auth=auth,
        transport=transport or wire(connections),
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(read_seconds, connect=connect_seconds, pool=pool_seconds),
    )


def build(
    client: httpx.AsyncClient, method: str, url: str, *, who: str, content: bytes, headers: Mapping[str, str]
) -> httpx.Request:
    """A request; Misset when the address or a key in its headers cannot be written into one."""
    try:
        return client.build_request(method, url, content=content, headers=headers)
    except (httpx.InvalidURL, UnicodeError) as odd:
        raise transport_failure(httpx.InvalidURL("unusable"), who, write=False) from odd


async def send(
    client: httpx.AsyncClient,
    request: httpx.Request,
    *,
    who: str,
    write: bool,
    what: str = "",
    at_most: float = 45.0,
    reply_limit: int = REPLY_LIMIT,
) -> httpx.Response:
    """Send one request and read its whole reply; any trouble on the way is raised as a Failure.

    The status is not judged here, see `status_failure`. `what` names the operation in a trace.
    """
    facts = {"peer": who, "http.request.method": request.method, "server.address": request.url.host}
    with span(what or request.method, facts) as note:
        reply = await _sent(client, request, who=who, write=write, at_most=at_most, reply_limit=reply_limit)
        note("http.response.status_code", str(reply.status_code))
        return reply


async def _sent(
    client: httpx.AsyncClient,
    request: httpx.Request,
    *,
    who: str,
    write: bool,
    at_most: float,
    reply_limit: int,
) -> httpx.Response:
    try:
        async with asyncio.timeout(at_most):
            reply = await client.send(request, stream=True)
            try:
                parts: list[bytes] = []
                size = 0
                async for part in reply.aiter_bytes():
                    size += len(part)
                    if size > reply_limit:
                        raise silent(who, write=write, log=f"reply is longer than {reply_limit} bytes")
                    parts.append(part)
            finally:
                await reply.aclose()
    except TimeoutError as late:
        raise silent(who, write=write, log=f"no complete reply within {at_most:g} s") from late
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as trouble:
        raise transport_failure(trouble, who, write=write) from trouble
    return httpx.Response(
        reply.status_code,
        headers=[(name, value) for name, value in reply.headers.multi_items() if name not in _FRAMING],
        content=b"".join(parts),
        request=request,
    )


async def stream_lines(
    client: httpx.AsyncClient, url: str, *, who: str, line_limit: int
) -> AsyncIterator[bytes]:
    """The lines of a file, one at a time, without holding more than one; trouble on the way is raised as a Failure.

    A file that ends within a line, or is shorter than announced, is trouble.
    """
    rest = b""
    try:
        async with client.stream("GET", url) as reply:
            if reply.status_code != 200:
                raise silent(
                    who, write=False, code="download", log=f"status {reply.status_code} for a download"
                )
            async for part in reply.aiter_bytes():
                *whole, rest = (rest + part).split(b"\n")
                for each in whole:
                    yield each
                if len(rest) > line_limit:
                    raise silent(
                        who, write=False, code="download", log=f"a line is longer than {line_limit} bytes"
                    )
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as trouble:
        raise transport_failure(trouble, who, write=False) from trouble
    if rest.strip():
        raise silent(who, write=False, code="download", log="the download ends within a line")


_FRAMING = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def silent(who: str, *, write: bool, log: str = "", code: str = "no_answer") -> Failure:
    """The failure for a request that was sent and got no usable answer."""
    if write:
        return OutcomeUnknown(
            f"{who} gave no usable answer to a change we sent",
            "TrueUp looks whether the change arrived before it tries again",
            code=code,
            log=log,
        )
    return TryLater(f"{who} gave no usable answer", "TrueUp comes back by itself", code=code, log=log)


def transport_failure(trouble: Exception, who: str, *, write: bool) -> Failure:
    """Name what an httpx exception means for the call it ended."""
    log = f"{type(trouble).__name__}: {trouble}"
    match trouble:
        case httpx.ConnectError() if _certificate(trouble):
            return Misset(
                f"The certificate of {who} is not trusted",
                "Check the address in the settings and the certificates of this machine",
                code="certificate",
                log=log,
            )
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.ProxyError():
            return TryLater(
                f"{who} cannot be reached", "TrueUp comes back by itself", code="unreachable", log=log
            )
        case httpx.PoolTimeout():
            return TryLater(
                f"All connections to {who} are busy", "TrueUp comes back by itself", code="pool_busy", log=log
            )
        case httpx.UnsupportedProtocol() | httpx.InvalidURL() | httpx.LocalProtocolError():
            return Misset(
                f"The address or key of {who} cannot be used as written",
                "Correct it in the settings",
                code="address",
                log=log,
            )
        case _:
            return silent(who, write=write, log=log)


def _certificate(trouble: BaseException) -> bool:
    seen: BaseException | None = trouble
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(seen):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def status_failure(
    reply: httpx.Response, who: str, *, write: bool, now: datetime, said: str = ""
) -> Failure | None:
    """Name what a status means; None for 2xx. `said` is the remote's own short text, already safe to show."""
    status = reply.status_code
    code, log = f"http_{status}", f"HTTP {status} {said}".strip()
    tail = f": {said}" if said else f" (HTTP {status})"
    if 200 <= status < 300:
        return None
    if status in (425, 429):
        return RateLimited(
            f"{who} asks us to slow down",
            "TrueUp waits and goes on",
            after=retry_after(reply, now) or 2.0,
            log=log,
        )
    if status == 401:
        return Misset(
            f"{who} does not accept our key{tail}",
            "Put a valid key into the secrets file or its environment variable, and restart.",
            code=code,
            log=log,
        )
    if status in (402, 423, 430):
        return Misset(
            f"{who} is closed to us{tail}", "Ask the provider why, then start again", code=code, log=log
        )
    if status in (403, 407):
        return Misset(
            f"{who} does not allow this{tail}", "Give the key the right it lacks", code=code, log=log
        )
    if status in (404, 410) or 300 <= status < 400:
        return Misset(
            f"{who} has nothing at this address{tail}",
            "Check the address in the settings",
            code=code,
            log=log,
        )
    if status in (409, 412):
        return TryLater(
            f"Someone changed the same record of {who}{tail}",
            "TrueUp reads it again and comes back",
            code=code,
            log=log,
        )
    if status >= 500 or status == 408 or status < 200:
        return silent(who, write=write, code=code, log=log)
    return Refused(
        f"{who} declined the request{tail}", "Correct the record, then retry it", code=code, log=log
    )


def retry_after(reply: httpx.Response, now: datetime) -> float | None:
    """Seconds asked for by Retry-After, as a number or a date; None when absent or unreadable."""
    text = reply.headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None


async def patiently(call: Callable[[], Awaitable[T]], clock: Clock) -> T:
    """Repeat a safe read over short trouble: three tries, five seconds. Longer trouble is a row in the store."""
    began = clock.monotonic()

    def enough(state: tenacity.RetryCallState) -> bool:
        waited = clock.monotonic() - began + (state.upcoming_sleep or 0.0)
        return state.attempt_number >= TRIES or waited >= TRYING_SECONDS

    tries = tenacity.AsyncRetrying(
        stop=enough,
        wait=_wait,
        retry=tenacity.retry_if_exception(_worth_repeating),
        sleep=clock.sleep,
        reraise=True,
    )
    return await tries(call)


def _worth_repeating(trouble: BaseException) -> bool:
    if isinstance(trouble, RateLimited):
        return trouble.after <= TRYING_SECONDS / 2
    return isinstance(trouble, TryLater)


_JITTER = tenacity.wait_random_exponential(multiplier=0.2, max=2.0)


def _wait(state: tenacity.RetryCallState) -> float:
    trouble = state.outcome.exception() if state.outcome else None
    return trouble.after if isinstance(trouble, RateLimited) else float(_JITTER(state))
