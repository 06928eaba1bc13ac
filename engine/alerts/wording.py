"""What people read: one line that says it all, then what to do."""

from datetime import datetime, timedelta

from engine.alerts.course import Word
from engine.ports import Message

HEADS = {
    Word.FIRED: "", Word.ESCALATED: "still unanswered: ", Word.REMINDED: "still standing: ", Word.RESOLVED: "over: ",
}  # fmt: skip


def message(
    *,
    telling: int,
    word: Word,
    notice: int,
    severity: str,
    rule: str,
    connection: str,
    cause: str,
    figure: int,
    text: str,
    remedy: str,
    opened_at: datetime,
    over_at: datetime | None,
    acked_by: str,
    environment: str,
    now: datetime,
) -> Message:
    """A telling as its channel carries it."""
    grave = "" if word is Word.RESOLVED else f"{severity.upper()} "
    title = f"{environment} {connection}: {grave}{HEADS[word]}{text}"
    if word is Word.RESOLVED:
        lines = [f"{rule} stood for {_long((over_at or now) - opened_at)}."]
    else:
        lines = [text, remedy, f"Since {opened_at:%Y-%m-%d %H:%M:%S} UTC."]
        lines.append(
            f"{acked_by} looks after it."
            if acked_by
            else f"To say that you look after it: trueup alerts ack {notice}"
        )
    body = "\n".join(plain(line) for line in lines if line)
    return Message(
        f"telling-{telling}", word.value, severity, plain(title)[:200], body, rule, connection, cause, figure,
        opened_at, environment,
    )  # fmt: skip


def plain(text: str) -> str:
    """On one line, without anything a terminal or a mail header would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _long(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return f"{max(0, int(span.total_seconds()))} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
