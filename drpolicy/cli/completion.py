"""``drpolicy completion bash|zsh|fish``: scripts made from the parsers, so that they offer what the command takes."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from drpolicy.model.records import dataclass

POLICY, TYPE = "POLICY", "TYPE"
"""Metavars whose words are known: ids of policies, resource types of the catalog."""


@dataclass(frozen=True, slots=True)
class Offered:
    """An option: its names, what it says of itself, the words that it takes, and whether it takes anything."""

    names: tuple[str, ...]
    help: str
    choices: tuple[str, ...]
    takes: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command or one of its actions: ``path`` is what was typed so far."""

    path: tuple[str, ...]
    actions: tuple[tuple[str, str], ...]
    options: tuple[Offered, ...]
    words: tuple[str, ...]
    """What its arguments can be, where that is known; files and directories otherwise."""


def commands(parser: argparse.ArgumentParser, known: Mapping[str, Sequence[str]], path: tuple[str, ...] = ()) -> Iterator[Command]:
    """Yield every command below a parser. ``known`` gives the words for a metavar."""
    options: list[Offered] = []
    words: list[str] = []
    below: list[tuple[str, str, argparse.ArgumentParser]] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {each.dest: each.help or "" for each in action._choices_actions}
            below = [(name, helps.get(name, ""), each) for name, each in action.choices.items()]
        elif action.option_strings:
            choices = tuple(map(str, action.choices or ()))
            options.append(Offered(tuple(action.option_strings), _sentence(action.help), choices, action.nargs != 0))
        else:
            words.extend(map(str, action.choices or ()))
            metavar = action.metavar if isinstance(action.metavar, str) else ""
            words.extend(word for name in metavar.split("|") for word in known.get(name, ()))
    yield Command(path, tuple((name, said) for name, said, _ in below), tuple(options), tuple(words))
    for name, _, each in below:
        yield from commands(each, known, (*path, name))


def _sentence(text: str | None) -> str:
    return (text or "").partition(" (default: ")[0].replace("%%", "%")


def script(shell: str, found: Sequence[Command]) -> str:
    """Return the script for a shell."""
    return "\n".join(SCRIPTS[shell](found)) + "\n"


def _words(command: Command) -> list[str]:
    return [name for name, _ in command.actions] + [name for option in command.options for name in option.names] + list(command.words)


def _bash(found: Sequence[Command]) -> Iterator[str]:
    yield "# drpolicy completion bash > ~/.local/share/bash-completion/completions/drpolicy"
    yield "_drpolicy() {"
    yield '    local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" at="" word words=""'
    yield "    COMPREPLY=()"
    yield from _walk(found, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"')
    yield '    case "$at|$before" in'
    for command in found:
        for option in command.options:
            if option.takes:
                pattern = "|".join(_quoted(f"{' '.join(command.path)}|{name}") for name in option.names)
                offer = f'-W {_quoted(" ".join(option.choices))} -- "$current"' if option.choices else '-f -- "$current"'
                yield f"        {pattern}) mapfile -t COMPREPLY < <(compgen {offer}); return ;;"
    yield "    esac"
    yield '    case "$at" in'
    yield from (f"        {_quoted(' '.join(each.path))}) words={_quoted(' '.join(_words(each)))} ;;" for each in found)
    yield "    esac"
    yield '    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")'
    yield '    if [[ ${#COMPREPLY[@]} -eq 0 && "$current" != -* ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$current"); fi'
    yield "}"
    yield "complete -o filenames -F _drpolicy drpolicy"


def _zsh(found: Sequence[Command]) -> Iterator[str]:
    yield "#compdef drpolicy"
    yield "# drpolicy completion zsh > a directory of $fpath/_drpolicy"
    yield "_drpolicy() {"
    yield '    local at="" word'
    yield from _walk(found, '"${(@)words[2,CURRENT-1]}"')
    yield '    case "$at|${words[CURRENT-1]}" in'
    for command in found:
        for option in command.options:
            if option.takes:
                pattern = "|".join(_quoted(f"{' '.join(command.path)}|{name}") for name in option.names)
                offer = f"compadd -- {shlex.join(option.choices)}" if option.choices else "_files"
                yield f"        {pattern}) {offer}; return ;;"
    yield "    esac"
    yield '    case "$at" in'
    for each in found:
        yield f"        {_quoted(' '.join(each.path))}) compadd -- {shlex.join(_words(each))} ;;"
    yield "    esac"
    yield '    [[ "${words[CURRENT]}" == -* ]] || _files'
    yield "}"
    yield '_drpolicy "$@"'


def _walk(found: Sequence[Command], words: str) -> Iterator[str]:
    """Yield the loop that finds out which command was typed so far."""
    below = [" ".join(each.path) for each in found if each.path]
    yield f"    for word in {words}; do"
    yield '        case "${at:+$at }$word" in'
    yield f'            {"|".join(map(_quoted, below))}) at="${{at:+$at }}$word" ;;'
    yield "        esac"
    yield "    done"


def _fish(found: Sequence[Command]) -> Iterator[str]:
    yield "# drpolicy completion fish > ~/.config/fish/completions/drpolicy.fish"
    for command in found:
        only = f"-n {_fish_quoted(_fish_condition(command))}"
        for name, said in command.actions:
            yield f"complete -c drpolicy {only} -f -a {_fish_quoted(name)} -d {_fish_quoted(said)}"
        for option in command.options:
            names = " ".join(f"-l {each[2:]}" if each.startswith("--") else f"-s {each[1:]}" for each in option.names)
            takes = f" -x -a {_fish_quoted(' '.join(option.choices))}" if option.choices else " -r" if option.takes else ""
            yield f"complete -c drpolicy {only} {names}{takes} -d {_fish_quoted(option.help)}"
        if command.words:
            yield f"complete -c drpolicy {only} -a {_fish_quoted(' '.join(command.words))}"


def _fish_condition(command: Command) -> str:
    if not command.path:
        return "__fish_use_subcommand"
    seen = "; and ".join(f"__fish_seen_subcommand_from {each}" for each in command.path)
    below = " ".join(name for name, _ in command.actions)
    return f"{seen}; and not __fish_seen_subcommand_from {below}" if below else seen


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SCRIPTS: Final[Mapping[str, Callable[[Sequence[Command]], Iterator[str]]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
