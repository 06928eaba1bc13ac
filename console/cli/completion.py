"""`trueup completion`: commands, options and their values at the press of Tab."""

from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem, ShellComplete

from console.cli.trouble import DONE

CONSOLE = ("--rw", "--config", "--theme", "--ascii", "--version", "--help")
"""What may stand after a bare `trueup`."""
BASH = r"""_trueup() {
    local IFS=$'\n'
    COMPREPLY=($(trueup completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _trueup trueup
"""
ZSH = """#compdef trueup
_trueup() {
    local -a found
    found=("${(@f)$(trueup completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "$found" ]]; then compadd -a found; else _files; fi
}
compdef _trueup trueup
"""
FISH = """function __trueup_words
    set -l typed (commandline -opc) (commandline -ct)
    trueup completion words -- $typed[2..-1] 2>/dev/null
end
complete -c trueup -a '(__trueup_words)'
"""


@click.group()
def completion() -> None:
    """Print what makes a shell complete trueup's commands, options and values.

    bash: source <(trueup completion bash). zsh: the same after compinit. fish: trueup completion fish | source.
    """


@completion.command()
def bash() -> int:
    """For bash."""
    click.echo(BASH, nl=False)
    return DONE


@completion.command()
def zsh() -> int:
    """For zsh."""
    click.echo(ZSH, nl=False)
    return DONE


@completion.command()
def fish() -> int:
    """For fish."""
    click.echo(FISH, nl=False)
    return DONE


@completion.command(hidden=True, context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def words(words: tuple[str, ...]) -> int:
    """Print what the last of WORDS may become, one a line."""
    for each in candidates(words):
        click.echo(each)
    return DONE


def candidates(words: Sequence[str]) -> list[str]:
    """What the last word may become; nothing where a file is meant, which shells know better."""
    from console.cli.root import root

    *before, begun = words or [""]
    if not before and begun.startswith("-"):
        return [word for word in CONSOLE if word.startswith(begun)]
    found: list[CompletionItem] = ShellComplete(root, {}, "trueup", "").get_completions(list(before), begun)
    return [item.value for item in found if item.type == "plain" and item.value.startswith(begun)]
