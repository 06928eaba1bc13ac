"""Secrets from systemd's credentials and from a keyring, and which of several places counts."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from console.settings import SettingsTrouble, load
from tests.cli.test_command_line import CONFIG


class KeyringError(Exception):
    """As the package has it."""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG, encoding="utf-8")
    return file


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def token(config: Path) -> str | None:
    secret = load(config).secrets_of("main").shop_access_token
    return secret.get_secret_value() if secret else None


def test_a_credential_of_systemd_is_a_secret(config: Path, given: Path) -> None:
    (given / "main.shop_access_token").write_text("shpat_from_systemd\n", encoding="utf-8")
    (given / "something-else").write_text("not ours", encoding="utf-8")
    assert token(config) == "shpat_from_systemd"


def test_the_environment_counts_before_a_credential(
    config: Path, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (given / "main.shop_access_token").write_text("shpat_from_systemd", encoding="utf-8")
    monkeypatch.setenv("TRUEUP_SECRETS__MAIN__SHOP_ACCESS_TOKEN", "shpat_from_environment")
    assert token(config) == "shpat_from_environment"


def test_a_credential_for_nobody_is_refused(config: Path, given: Path) -> None:
    (given / "mian.shop_access_token").write_text("shpat_misspelt", encoding="utf-8")
    with pytest.raises(SettingsTrouble, match="no connection of that name"):
        load(config)


def test_a_keyring_is_asked_and_credentials_count_before_it(
    config: Path, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {
        ("trueup", "main.shop_access_token"): "shpat_kept",
        ("trueup", "main.shop_webhook_secret"): "signs-it",
    }
    ring, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    ring.get_password = lambda service, name: held.get((service, name))  # type: ignore[attr-defined]
    errors.KeyringError = KeyringError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    monkeypatch.setenv("TRUEUP_SECRETS_KEYRING", "trueup")
    assert token(config) == "shpat_kept"
    (given / "main.shop_access_token").write_text("shpat_from_systemd", encoding="utf-8")
    assert token(config) == "shpat_from_systemd"
    webhook = load(config).secrets_of("main").shop_webhook_secret
    assert webhook is not None and webhook.get_secret_value() == "signs-it"


def test_a_keyring_that_is_not_installed_is_named(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setenv("TRUEUP_SECRETS_KEYRING", "trueup")
    with pytest.raises(SettingsTrouble, match="keyring is not installed"):
        load(config)
