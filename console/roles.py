"""The role of whoever runs this process, by the Unix groups of their login; only the configuration file says which.

The environment cannot change it: whoever sets variables would give themselves a role. Roles keep people from doing by
mistake what is not theirs to do; who may write the database file can go around TrueUp altogether.
"""

import grp
import os
import pwd
import tomllib
from collections.abc import Collection
from pathlib import Path

from pydantic import ValidationError

from console.operator import logged_in, through_sudo
from console.settings.names import say
from console.settings.roles import RoleSettings
from console.settings.trouble import SettingsTrouble
from engine.model.role import Role


def role_of(config: Path) -> Role:
    """The role of the person behind this process; SettingsTrouble when [roles] cannot be read."""
    roles = _roles(config)
    if not roles.given:
        return Role.ADMIN
    person = logged_in() or _through_sudo(config)
    if person is None and os.getuid() in (0, config.stat().st_uid):
        return Role.ADMIN  # the service itself, or whoever owns all of it
    return granted(roles, groups_of(person or pwd.getpwuid(os.getuid()).pw_name))


def granted(roles: RoleSettings, groups: Collection[str]) -> Role:
    """The highest role that any of these groups gives; looking needs none."""
    if set(roles.admins) & set(groups):
        return Role.ADMIN
    return Role.OPERATOR if set(roles.operators) & set(groups) else Role.VIEWER


def groups_of(person: str) -> frozenset[str]:
    """Names of all groups of a login; none for one that is not known."""
    try:
        entry = pwd.getpwnam(person)
    except KeyError:
        return frozenset()
    names = set()
    for number in os.getgrouplist(person, entry.pw_gid):
        try:
            names.add(grp.getgrgid(number).gr_name)
        except KeyError:
            continue  # a group without a name gives no role
    return frozenset(names)


def _through_sudo(config: Path) -> str | None:
    """Who ran sudo; believed only where this process runs as the owner of the configuration or root, as sudo makes it."""
    person = through_sudo()
    return person if person and os.getuid() in (0, config.stat().st_uid) else None


def _roles(config: Path) -> RoleSettings:
    """[roles] of the file; nothing is limited where there is no file, for then there is nothing to do either."""
    try:
        table = tomllib.loads(config.read_text(encoding="utf-8")).get("roles", {})
    except FileNotFoundError:
        return RoleSettings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsTrouble(
            f"{config} cannot be read for roles.", "Check that it is valid TOML and that you may read it."
        ) from error
    try:
        return RoleSettings.model_validate(table)
    except ValidationError as error:
        raise say(error, config) from error
