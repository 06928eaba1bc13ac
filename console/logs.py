"""Where log lines go and what they look like: a file, or stderr for a daemon; never the screen.

Every line, whoever logs it, is one JSON object (or one line of text): when, how grave, by whom, what, and the record,
connection and correlation it is about. Secrets are taken out of the finished line, tracebacks included.
"""

import logging
import os
import sys
from collections.abc import MutableMapping
from io import TextIOWrapper
from logging.handlers import WatchedFileHandler
from typing import Any

import orjson
import structlog

from console.settings import Settings
from engine.model.hidden import hide
from engine.model.trace import bound

Event = MutableMapping[str, Any]


class PrivateFile(WatchedFileHandler):
    """A file that only its owner can read; opened anew when it was moved away, as logrotate does."""

    def _open(self) -> TextIOWrapper:
        door = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return os.fdopen(door, "a", encoding="utf-8")


def configure(settings: Settings, *, terminal: bool = False) -> None:
    """Send log lines where the settings say; warnings of libraries too."""
    root = logging.getLogger()
    handler: logging.Handler
    if settings.log.file is not None:
        handler = PrivateFile(settings.log.file)
    elif terminal:
        handler = logging.NullHandler()
    else:
        handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(settings.log.format))
    root.handlers[:] = [handler]
    root.setLevel(settings.log.level)
    logging.captureWarnings(True)
    for chatty in ("httpx", "httpcore", "apscheduler", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def formatter(kind: str) -> logging.Formatter:
    """Makes a line of a record of the standard library's logging; `kind` is json or text."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper("iso", utc=True, key="at"),
            _about,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _json if kind == "json" else _text,
        ],
    )


def _about(logger: Any, name: str, event: Event) -> Event:
    """What the line is about, without putting anything else out of place."""
    for key, value in bound().items():
        event.setdefault(key, value)
    return event


def _json(logger: Any, name: str, event: Event) -> str:
    first = {key: event.pop(key, "") for key in ("at", "level", "logger", "event")}
    safe = {key: hide(str(value)) for key, value in {**first, **event}.items()}
    return orjson.dumps(safe).decode()


def _text(logger: Any, name: str, event: Event) -> str:
    at, level, who, what = (event.pop(key, "") for key in ("at", "level", "logger", "event"))
    trace = event.pop("exception", "")
    facts = "".join(f" {key}={value}" for key, value in event.items())
    line = f"{at} {str(level).upper():7} {who} {what}{facts}"
    return hide(f"{line}\n{trace}" if trace else line)
