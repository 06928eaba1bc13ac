"""Whether a database server that is not on this machine is sure to be the right one, and reached encrypted."""

from collections.abc import Mapping

from sqlalchemy import make_url

from console.check_line import CheckLine
from console.preflight import is_loopback

VERIFIES = {
    "postgresql": ({"sslmode": "verify-full"}, 'sslmode=verify-full and sslrootcert, a file or "system"'),
    "mysql": (
        {"ssl_verify_cert": "true", "ssl_verify_identity": "true"},
        "ssl_ca, ssl_verify_cert=true and ssl_verify_identity=true",
    ),
}
"""By kind of server: what its driver must be told, and how that is written.

libpq (PostgreSQL 18, "SSL Support") and PyMySQL 1.1 check nothing of a certificate unless they are told.
"""


def database_tls(name: str, url: str, connect: Mapping[str, object]) -> list[CheckLine]:
    """A line for a server elsewhere; none for a file, a socket or this machine. `connect` goes to the driver too."""
    address = make_url(url)
    told = {**address.query, **connect}
    host = str(address.host or told.get("host", ""))
    kind = address.get_backend_name().replace("mariadb", "mysql")
    if not host or host.startswith("/") or is_loopback(host) or kind not in VERIFIES:
        return []
    wanted, way = VERIFIES[kind]
    if all(str(told.get(option, "")).lower() == value for option, value in wanted.items()):
        return [CheckLine(True, name, f"the certificate of {host} is checked by the database driver")]
    cause = f"The database on {host} is reached without its certificate being checked."
    return [CheckLine(False, name, cause, f"Tell its driver {way}, in the address or under connect.")]
