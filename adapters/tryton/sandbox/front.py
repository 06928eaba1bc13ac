"""What stands before the sandbox's trytond: it passes calls on, or misbehaves on request, as networks and servers do."""

import asyncio
import random
import time
from typing import Any

import httpx
import orjson
from starlette.requests import Request
from starlette.responses import Response

Json = dict[str, Any]
MODES = ("latency", "429", "5xx", "hang", "apply_then_timeout", "outage", "locked", "refuse_orders", "none")
READS = ("read", "search", "search_read", "search_count", "fields_get", "get_preferences", "login")


class Front:
    """Forwards JSON-RPC to trytond and injects faults."""

    def __init__(self, upstream: str, seed: int) -> None:
        self._upstream = upstream
        self._client: httpx.AsyncClient | None = None
        self._chance = random.Random(seed)
        self._fault: Json = {"mode": "none"}
        self._until = 0.0
        self.codes: dict[int, str] = {}
        self.calls = 0
        self.refusals: list[Json] = []

    def fault(self, ask: Json) -> Json:
        """Switch a fault on, in place of the last one."""
        mode = str(ask["mode"])
        if mode not in MODES:
            raise ValueError(f"no fault named {mode}")
        self._fault = {**ask, "mode": mode}
        self._until = time.monotonic() + float(ask.get("seconds", 5.0))
        return {"mode": mode}

    async def pass_on(self, request: Request) -> Response:
        """One JSON-RPC call."""
        self.calls += 1
        body = await request.body()
        fault = self._fault
        mode, seconds = fault["mode"], float(fault.get("seconds", 5.0))
        if mode != "none" and _meant(body, fault) and self._chance.random() < float(fault.get("rate", 1.0)):
            match mode:
                case "latency":
                    await asyncio.sleep(float(fault.get("seconds", 0.5)))
                case "429":
                    return Response(status_code=429, headers={"Retry-After": "1"})
                case "5xx" | "outage":
                    return Response(status_code=503)
                case "hang":
                    await asyncio.sleep(seconds)
                    return Response(status_code=504)
                case "apply_then_timeout":
                    await self._forward(request, body)
                    await asyncio.sleep(seconds)
                    return Response(status_code=504)
                case "locked" if time.monotonic() < self._until and _writes(body):
                    return _error(body, ["database is locked", ""])
                case "refuse_orders":
                    refusal = self._refuse(body, fault)
                    if refusal is not None:
                        return refusal
        return await self._forward(request, body)

    async def aclose(self) -> None:
        """Close the connections to trytond."""
        if self._client is not None:
            await self._client.aclose()

    async def _forward(self, request: Request, body: bytes) -> Response:
        if self._client is None:
            self._client = httpx.AsyncClient(base_url=self._upstream, timeout=300, trust_env=False)
        headers = {"Content-Type": "application/json"}
        if "authorization" in request.headers:
            headers["Authorization"] = request.headers["authorization"]
        reply = await self._client.post(request.url.path, content=body, headers=headers)
        kind = reply.headers.get("Content-Type", "application/json")
        return Response(reply.content, reply.status_code, media_type=kind)

    def _refuse(self, body: bytes, fault: Json) -> Response | None:
        ask = orjson.loads(body)
        if ask.get("method") != "model.sale.sale.create":
            return None
        sales, match, count = ask["params"][0], str(fault.get("match", "*")), fault.get("count")
        meant = [sale for sale in sales if match == "*" or match in self._skus(sale)]
        if not meant or (count is not None and int(count) < 1):
            return None
        message = str(fault.get("message", "refused by the back office"))
        if (
            len(sales) == 1
        ):  # a call for many says not which one it means: each is counted when it comes alone
            if count is not None:
                fault["count"] = int(count) - 1
            self.refusals.append({"ref": sales[0].get("web_id"), "message": message})
        return _error(body, ["UserError", [message, "", None]])

    def _skus(self, sale: Json) -> set[str | None]:
        lines = [line for _, made in sale.get("lines", []) for line in made]
        return {self.codes.get(line.get("product", 0)) for line in lines}


def _meant(body: bytes, fault: Json) -> bool:
    """A fault with `op` falls only on calls whose method contains it."""
    return str(fault.get("op", "")) in str(orjson.loads(body).get("method", ""))


def _writes(body: bytes) -> bool:
    return str(orjson.loads(body).get("method", "")).rpartition(".")[2] not in READS


def _error(body: bytes, error: list[Any]) -> Response:
    answer = {"id": orjson.loads(body).get("id"), "error": error}
    return Response(orjson.dumps(answer), media_type="application/json")
