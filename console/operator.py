"""Who acts: the login behind this session, also behind sudo, su and SSH, for the audit trail."""

import getpass
import os
import pwd
from pathlib import Path

UNSET = 2**32 - 1
"""Login id of a process that nobody logged in for."""


def operator() -> str:
    """`name`, `name as other` behind sudo or su, with ` from address` over SSH."""
    name = getpass.getuser()
    behind = through_sudo() or logged_in() or name
    said = f"{behind} as {name}" if behind != name else name
    address = (os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_CLIENT") or "").partition(" ")[0]
    return f"{said} from {address}" if address else said


def through_sudo() -> str | None:
    """Who ran sudo, as far as the environment says; anybody can set that for a process of their own."""
    return os.environ.get("SUDO_USER") or None


def logged_in(file: Path = Path("/proc/self/loginuid")) -> str | None:
    """The login the kernel's audit remembers through su and sudo; None where it does not."""
    try:
        number = int(file.read_text())
        return None if number == UNSET else pwd.getpwuid(number).pw_name
    except (OSError, ValueError, KeyError):
        return None
