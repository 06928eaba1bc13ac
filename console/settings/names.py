"""Turns a list of validation errors into one sentence and one remedy, with the nearest known name."""

from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from console.settings.model import Settings
from console.settings.trouble import SettingsTrouble


def say(error: ValidationError, path: Path) -> SettingsTrouble:
    """The first thing wrong; an unknown name before anything that may only follow from it."""
    found = sorted(
        error.errors(include_input=False, include_url=False), key=lambda one: one["type"] != "extra_forbidden"
    )
    first = found[0]
    where = _spelled(first["loc"])
    if first["type"] == "extra_forbidden":
        name = str(first["loc"][-1])
        near = get_close_matches(name, known_at(first["loc"][:-1]), n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]}?" if near else "Take it out; config.example.toml names every key."
        return SettingsTrouble(f"Nothing is called {where} in {path}.", remedy)
    if first["type"] == "missing":
        return SettingsTrouble(f"{where} is missing in {path}.", "Add it; config.example.toml shows how.")
    text = first["msg"].removeprefix("Value error, ")
    what = f"{where} in {path}" if where else str(path)  # what concerns several keys has no place of its own
    return SettingsTrouble(f"{what} is not usable: {text}.", "Correct it; config.example.toml shows how.")


def known_at(loc: tuple[int | str, ...]) -> list[str]:
    """Names of the keys that may stand at this place of the configuration."""
    models: list[type[BaseModel]] = [Settings]
    for step in loc:
        models = [deeper for model in models for deeper in _step(model, step)] or models
    return sorted(
        {
            name
            for model in models
            for name in model.model_fields
            if name not in ("secrets", "targets", "target_keys")
        }
    )


def _step(model: type[BaseModel], step: int | str) -> list[type[BaseModel]]:
    field = model.model_fields.get(step) if isinstance(step, str) else None
    return _models(field.annotation) if field else []


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (tuple, dict, Annotated, Union, UnionType, list):
        return [model for inner in get_args(annotation) for model in _models(inner)]
    return []


def _spelled(loc: tuple[int | str, ...]) -> str:
    text = ""
    for step in loc:
        if isinstance(step, int):
            text += f"[{step + 1}]"
        else:
            text += f".{step}" if text else step
    return text
