"""Where log lines go: a file, or stderr for a daemon; never the screen."""

import logging
import sys

from console.settings import Settings

FORMAT = "%(asctime)s %(levelname)-7s %(name)s %(message)s"


def configure(settings: Settings, *, terminal: bool = False) -> None:
    """Send log lines where the settings say; warnings of libraries too."""
    root = logging.getLogger()
    handler: logging.Handler
    if settings.log.file is not None:
        handler = logging.FileHandler(settings.log.file, encoding="utf-8")
    elif terminal:
        handler = logging.NullHandler()
    else:
        handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(FORMAT))
    root.handlers[:] = [handler]
    root.setLevel(settings.log.level)
    logging.captureWarnings(True)
    for chatty in ("httpx", "httpcore", "apscheduler", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
