"""What can be done on every screen, and on every list."""

from screens.command import Command
from screens.session import Session


def _runs_here(session: Session) -> str | None:
    pulse = session.pulse
    if pulse is None or pulse.engine != "running here":
        return None
    return "The engine runs in this console and would stand still: open another terminal, or use trueup run."


EVERYWHERE = (
    Command("help", "question_mark", "?", "Help", "Keys and commands of this screen", in_key_line=True),
    Command(
        "command",
        "colon",
        ":",
        "Cmd",
        "Type a command; :q quits, Up brings earlier ones back",
        in_key_line=True,
    ),
    Command("pulse", "1", "1", "Pulse", "Overview: is everything in agreement?", goes="pulse"),
    Command("stock", "2", "2", "Stock", "Every SKU at every location", goes="stock"),
    Command("sync", "3", "3", "Sync", "Each connection, step by step: last act, backlog, lease", goes="sync"),
    Command("failed", "4", "4", "Failed", "Records that wait for a person", goes="failed"),
    Command("orders", "5", "5", "Orders", "Orders: what was sold, sent, shipped and proven", goes="orders"),
    Command("risk", "6", "6", "Risk", "Cells about to sell what is not there", goes="risk"),
    Command("fields", "7", "7", "Fields", "What has no counterpart on the other side", goes="fields"),
    Command("logs", "8", "8", "Logs", "Every line of the ledger as it is written", goes="logs"),
    Command("audit", "9", "9", "Audit", "Who did what, and whether the ledger is whole", goes="audit"),
    Command(
        "plans",
        "0",
        "0",
        "Plans",
        "What would be written and why: make a plan, read it, run it",
        goes="plans",
    ),
    Command(
        "conflicts", "C", "C", "Conflicts", "Levels that something else changed in Shopify", goes="conflicts"
    ),
    Command("earlier", "left_square_bracket", "[", "Earlier", "The screen before this one"),
    Command("later", "right_square_bracket", "]", "Later", "The screen after this one, after going back"),
    Command("cancel", "escape", "Esc", "Esc", "Leave the input, clear the filter, clear marks, go back"),
    Command("back", "q", "q", "Back", "One step back; on Pulse: quit", in_key_line=True),
    Command("refresh", "r,ctrl+r", "r", "Refresh", "Read again now", words=("reload",)),
    Command("copy", "y", "y", "Copy", "Send the current record to the terminal's clipboard and a file"),
    Command("palette", "ctrl+p", "^p", "Palette", "Search all commands", action="app.command_palette"),
    Command(
        "suspend",
        "ctrl+z",
        "^z",
        "Suspend",
        "Back to the shell for a while; fg there comes back",
        action="app.suspend_process",
        refuse=_runs_here,
    ),
    Command("quit", "ctrl+q,ctrl+c", "^q", "Quit", "Leave TrueUp's console", words=("q", "exit")),
    Command("theme", "", ":theme", "Theme", "Colours: dark, light, ansi or contrast"),
    Command("rw", "", ":rw", "Allow writes", "Allow actions, after the environment's name is typed"),
    Command("ro", "", ":ro", "Read only", "Look without being able to change anything"),
)

MOVES = (
    Command("down", "j,down", "j", "Down", "Next row", action="step(1)"),
    Command("up", "k,up", "k", "Up", "Previous row", action="step(-1)"),
    Command("page_down", "pagedown,ctrl+f", "PgDn", "Page down", "One page on", action="leaf(1)"),
    Command("page_up", "pageup,ctrl+u", "PgUp", "Page up", "One page back", action="leaf(-1)"),
    Command("top", "g,home", "g", "Top", "First row", action="edge(0)"),
    Command("bottom", "G,end", "G", "Bottom", "Last row", action="edge(1)"),
    Command("left", "h,left", "h", "Column left", "Previous column", action="column(-1)"),
    Command("right", "l,right", "l", "Column right", "Next column", action="column(1)"),
)

FILTER = Command(
    "filter", "slash", "/", "Filter", "Show only what fits: text, field:value, field:>5, !not; Esc clears",
    in_key_line=True,
)  # fmt: skip
MARK = Command("mark", "space", "space", "Mark", "Mark this row and go on to the next", in_key_line=True)
RANGE = Command("range", "v", "v", "Range", "Mark from the row marked last to this one")
UNMARK = Command("unmark", "u", "u", "Unmark", "Take all marks away")
EXPORT = Command(
    "export",
    "E",
    "E",
    "Export",
    "Write the marked rows, or all that fit the filter, to a CSV file; :export json",
)
DETAIL = Command(
    "detail", "enter", "Enter", "Open", "Show or hide all that is known of this row", in_key_line=True
)
LIST = (
    FILTER,
    MARK,
    RANGE,
    UNMARK,
    DETAIL,
    Command("sort_next", "greater_than_sign", ">", "Sort next", "Sort by the next field"),
    Command("sort_before", "less_than_sign", "<", "Sort before", "Sort by the field before"),
    Command("sort", "", ":sort", "Sort by", "Sort by a field that is named: :sort NAME"),
    Command("reverse", "o", "o", "Reverse", "Turn the order of the rows around"),
    EXPORT,
)
EVERY = Command("every", "asterisk", "*", "All", "Mark every row the filter lets through, seen or not")
