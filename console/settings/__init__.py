"""Settings: one TOML file, the environment, and secrets that live in neither place everybody can read."""

from console.settings.load import load
from console.settings.model import Settings
from console.settings.trouble import SettingsTrouble

__all__ = ["Settings", "SettingsTrouble", "load"]
