"""The small endpoint through which `trueup sandbox report` asks a running world to settle and report."""

import threading
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from console.world.world import World, free_port


class Control:
    """A loopback server in its own thread."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._once = threading.Lock()
        self.port = free_port()
        routes = [
            Route("/healthz", lambda _request: PlainTextResponse("ok")),
            Route("/settle", self._settle, methods=["POST"]),
            Route("/give_up", self._give_up, methods=["POST"]),
        ]
        self._server = uvicorn.Server(
            uvicorn.Config(
                Starlette(routes=routes),
                host="127.0.0.1",
                port=self.port,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=2,
            )
        )
        self._thread = threading.Thread(target=self._server.run, name="world-control", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while self._thread.is_alive() and not self._server.started:
            self._thread.join(0.02)
        self._world.publish(control=f"http://127.0.0.1:{self.port}")
        return self

    def __exit__(self, *_exc: object) -> None:
        self._world.give_up()
        self._server.should_exit = True
        self._thread.join()

    async def _settle(self, request: Request) -> Response:
        seconds = float(request.query_params.get("seconds", "0"))
        return JSONResponse(await run_in_threadpool(self._reported, seconds))

    async def _give_up(self, _request: Request) -> Response:
        self._world.give_up()
        return PlainTextResponse("ok")

    def _reported(self, seconds: float) -> dict[str, object]:
        with self._once:
            self._world.stop_buyers()
            settled = self._world.settle(seconds)
            report = self._world.report()
            return {"settled": settled, "report": report, "findings": self._world.findings()}
