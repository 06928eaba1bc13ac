"""A trytond process on a copy of a database, on a free port of the loopback."""

import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

import httpx

CONFIG = """[database]
uri = sqlite://
path = {path}
retry = 10
[web]
listen = 127.0.0.1:{port}
[session]
max_attempt = 1000
timeout = 86400
[cache]
transaction = 10
"""


class Trytond:
    """Runs until `stop()`; its folder goes with it."""

    def __init__(self, bin_dir: Path, database: Path, runs: Path, *, start_seconds: float = 60.0) -> None:
        runs.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(dir=runs))
        file = self._folder / "erp.sqlite"
        shutil.copyfile(database, file)
        with closing(sqlite3.connect(file)) as db:  # readers then never wait for a writer
            db.execute("PRAGMA journal_mode=WAL")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        config = self._folder / "trytond.conf"
        config.write_text(CONFIG.format(path=self._folder, port=port))
        self.url = f"http://127.0.0.1:{port}"
        self.log = self._folder / "trytond.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own virtual environment
                [str(bin_dir / "trytond"), "-c", str(config), "-d", "erp"], stdout=log, stderr=log
            )
        self.pid = self._process.pid
        try:
            self._wait(start_seconds)
        except BaseException:
            self.stop()
            raise

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        ask = {"id": 0, "method": "common.server.version", "params": []}
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"trytond ended at once: {self.log.read_text()[-1500:]}")
            with suppress(httpx.TransportError):
                if httpx.post(f"{self.url}/rpc/", json=ask, timeout=5, trust_env=False).status_code == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"trytond did not start in {seconds:g} s: {self.log.read_text()[-1500:]}")

    def stop(self) -> None:
        """End this process, and no other."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
