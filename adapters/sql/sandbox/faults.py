"""Trouble on request: orders refused by a trigger with a given message, and a database locked for a while."""

import threading

from sqlalchemy import Engine, text


class Faults:
    """Switches faults on and off; each kind is at most once on."""

    def __init__(self, writes: Engine) -> None:
        self._writes = writes
        self._sqlite = writes.dialect.name == "sqlite"
        self._release = threading.Event()
        self._locker: threading.Thread | None = None

    def refuse_orders(self, match: str, message: str, count: int | None) -> None:
        """Refuse new lines with this SKU (`*`: any), so often or until cleared."""
        quoted = message.replace("'", "''")
        with self._writes.begin() as tx:
            tx.execute(text("DELETE FROM fault WHERE mode = 'refuse_orders'"))
            tx.execute(
                text(
                    "INSERT INTO fault (mode, match, message, remaining)"
                    " VALUES ('refuse_orders', :match, :message, :remaining)"
                ),
                {"match": match, "message": message, "remaining": count},
            )
            if (
                self._sqlite
            ):  # before 3.47 a trigger can only raise a literal text, so the text becomes the trigger
                tx.exec_driver_sql("DROP TRIGGER IF EXISTS fault_refuses")
                tx.exec_driver_sql(
                    "CREATE TRIGGER fault_refuses BEFORE INSERT ON sales_line WHEN EXISTS ("  # noqa: S608  the text is quoted
                    " SELECT 1 FROM fault WHERE mode = 'refuse_orders' AND match IN ('*', NEW.sku)"
                    " AND (remaining IS NULL OR remaining > 0)) AND EXISTS ("
                    " SELECT 1 FROM sales_order WHERE id = NEW.document AND ext_ref IS NOT NULL)"
                    f" BEGIN SELECT RAISE(ABORT, '{quoted}'); END"
                )

    def lock(self, seconds: float) -> None:
        """Hold the write lock, as a backup or a long posting run does; returns once it is held."""
        self.unlock()
        held = threading.Event()
        self._release = threading.Event()
        self._locker = threading.Thread(target=self._hold, args=(seconds, held, self._release), daemon=True)
        self._locker.start()
        held.wait(10)

    def unlock(self) -> None:
        """Let go of the lock."""
        self._release.set()
        if self._locker is not None:
            self._locker.join()
            self._locker = None

    def clear(self) -> None:
        """No faults."""
        self.unlock()
        with self._writes.begin() as tx:
            tx.execute(text("DELETE FROM fault"))
            if self._sqlite:
                tx.exec_driver_sql("DROP TRIGGER IF EXISTS fault_refuses")

    def _hold(self, seconds: float, held: threading.Event, release: threading.Event) -> None:
        with self._writes.connect() as tx:
            if self._sqlite:
                tx.execute(text("SELECT 1"))  # the transaction begins with the write lock
            else:
                tx.exec_driver_sql("LOCK TABLE sales_order, shelf IN ACCESS EXCLUSIVE MODE")
            held.set()
            release.wait(seconds)
            tx.rollback()
