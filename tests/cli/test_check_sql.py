"""`trueup check` against a database: what its user may not do, what is not there and what is full is named."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from adapters.sql import sandbox
from console.check_line import CheckLine
from console.checks import check
from console.settings import load
from console.world import World
from console.world.remotes import Remote
from console.world.sides import Wanted

USER = "trueup_of_the_test"


@dataclass
class Erp:
    """A world over PostgreSQL whose TrueUp is a user of its own, and the owner's word to that database."""

    world: World
    owner: Callable[[str], None]

    async def wrong(self) -> list[CheckLine]:
        """The lines that do not hold."""
        return [line for line in await check(load(self.world.config)) if not line.ok]


@pytest.fixture
def erp(tmp_path: Path, new_postgresql: Callable[[], str]) -> Iterator[Erp]:
    address = new_postgresql()
    owner = create_engine(address, isolation_level="AUTOCOMMIT")

    def said(words: str) -> None:
        with owner.connect() as tx:
            tx.execute(text(words))

    def begin(wanted: Wanted) -> Remote:
        running = sandbox.start(wanted.directory / "erp", wanted.port, **wanted.filled, database_url=address)
        said(f"CREATE ROLE {USER} LOGIN PASSWORD 'open'")
        said(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {USER}")
        said(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {USER}")
        at = make_url(running.database_url)
        mine = str(
            URL.create(at.drivername, USER, host=at.host, port=at.port, database=at.database, query=at.query)
        )
        return Remote(
            control=running.url,
            stop=running.stop,
            settings={"kind": "sql", "url": mine, "statements": running.statements},
            secrets={"back_office_webhook_secret": running.webhook_secret, "back_office_password": "open"},
        )

    world = World.start(tmp_path, back_office=begin, orders_per_minute=0.0, skus=3)
    yield Erp(world, said)
    world.stop()
    said(f"DROP OWNED BY {USER}")
    said(f"DROP ROLE {USER}")
    owner.dispose()


async def test_each_thing_that_is_missing_is_named_with_its_remedy(erp: Erp) -> None:
    assert await erp.wrong() == []

    erp.owner(f"REVOKE INSERT ON sales_order FROM {USER}")
    erp.owner(f"REVOKE SELECT ON shelf FROM {USER}")
    lines = {line.name: line for line in await erp.wrong()}
    assert {"main: statement create_order", "main: statement stock"} <= lines.keys()
    assert "permission denied" in lines["main: statement create_order"].detail
    assert "database user" in lines["main: statement create_order"].remedy
    erp.owner(f"GRANT INSERT, SELECT ON ALL TABLES IN SCHEMA public TO {USER}")

    told = erp.world.config.read_text(encoding="utf-8")
    erp.world.config.write_text(told.replace('= "WH2"', '= "NOWHERE"'), encoding="utf-8")
    (line,) = await erp.wrong()
    assert "NOWHERE" in line.detail and "known: WH1, WH2" in line.remedy
    erp.world.config.write_text(told, encoding="utf-8")

    erp.owner(f"ALTER ROLE {USER} CONNECTION LIMIT 0")
    (line,) = await erp.wrong()
    assert "no connection left" in line.detail and "Raise the limit" in line.remedy
    erp.owner(f"ALTER ROLE {USER} CONNECTION LIMIT -1")

    erp.world.config.write_text(told.replace(USER, "nobody"), encoding="utf-8")
    (line,) = await erp.wrong()
    assert "does not accept these settings" in line.detail and "settings of this connection" in line.remedy
    erp.world.config.write_text(told, encoding="utf-8")
    assert await erp.wrong() == []
