"""The LALR tables of python-hcl2's expression grammar, shipped as data.

Building them from ``hcl2.lark`` takes about a second. Lark would keep a pickle beside the grammar, which a read-only
installation cannot have; ``hcl_tables.json`` holds the same tables as plain values. It is used only when it was made by
the installed Lark from the installed grammar; otherwise the tables are built anew, and nothing is written.

``python -m drpolicy.terraform.tables`` rewrites the file, and that of the shapes beside it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lark import Lark, __version__
from lark.grammar import Rule
from lark.lexer import TerminalDef

from drpolicy.terraform.grammar import grammar, grammar_digest

TABLES = Path(__file__).with_name("hcl_tables.json")
_START = "expression"

# Terminals that blanked text (see blanking.py) never holds. Left out, with the states only they lead to: four fifths of all.
_NEVER_SEEN = frozenset(
    {
        *("NL_OR_COMMENT", "EQ", "HEREDOC_TEMPLATE", "HEREDOC_TEMPLATE_TRIM", "TEMPLATE_STRING", "INTERP_START"),
        *("DIRECTIVE_START", "STRIP_MARKER", "ESCAPED_INTERPOLATION", "ESCAPED_DIRECTIVE"),
        *("ELSE", "ENDIF", "ENDFOR", "FOR_EACH"),
    }
)


def load() -> Lark:
    """Return the parser of one expression, with positions. The text must hold no newlines: python-hcl2's post-lexer is for those."""
    try:
        shipped = json.loads(TABLES.read_bytes())
    except (OSError, ValueError):
        shipped = {}
    if shipped.get("key") != _key():
        return _build()
    # What Lark's own stand-alone parsers are loaded with; the key above ties it to this version of Lark.
    parser: Lark = Lark._load_from_dict(**_unpack(shipped))  # type: ignore[no-untyped-call]  # Lark leaves it untyped
    return parser


def generate() -> dict[str, Any]:
    """Build the tables from the installed grammar; equal for equal versions."""
    data, memo = _build().memo_serialize([TerminalDef, Rule])
    parser, options = data["parser"], data["options"]
    table = parser.pop("parser")
    dead = _dead([rule for rule in memo.values() if rule["__type__"] == "Rule"])
    names = table["tokens"]
    # Lark numbers states and tokens in the order of a set: number them in the order they are reached, by name.
    order = [table["start_states"][_START]]
    numbers = {order[0]: 0}
    rules: dict[int, int] = {}
    rows = []
    for state in order:
        row = []
        for token, (reduces, argument) in sorted(table["states"][state].items(), key=lambda item: names[item[0]]):
            if names[token] in dead:
                continue
            if reduces:
                row.append((names[token], -1 - rules.setdefault(argument["@"], len(rules))))
                continue
            if argument not in numbers:
                numbers[argument] = len(order)
                order.append(argument)
            row.append((names[token], numbers[argument]))
        rows.append(row)
    tokens = sorted({name for row in rows for name, _ in row})
    ids = {name: number for number, name in enumerate(tokens)}
    kept = {*tokens, *parser["lexer_conf"]["ignore"]}
    return {
        "key": _key(),
        "tokens": tokens,
        # One flat list per state: token, action, token, action …; an action is a state to go to, or -1 - rule.
        "states": [[value for name, action in row for value in (ids[name], action)] for row in rows],
        "end": numbers[table["end_states"][_START]],
        "rules": [memo[number] for number in rules],
        "terminals": [memo[each["@"]] for each in parser["lexer_conf"]["terminals"] if memo[each["@"]]["name"] in kept],
        "lexer": {name: value for name, value in parser["lexer_conf"].items() if name != "terminals"},
        "parser": {name: value for name, value in parser["parser_conf"].items() if name != "rules"},
        "options": {name: options[name] for name in sorted(options) if name != "_plugins"},
    }


def _dead(rules: list[dict[str, Any]]) -> set[str]:
    """Return the symbols of which every text holds a terminal that is never seen."""
    dead = {*_NEVER_SEEN, *(rule["origin"]["name"] for rule in rules)}
    before = 0
    while before != len(dead):
        before = len(dead)
        dead -= {rule["origin"]["name"] for rule in rules if all(symbol["name"] not in dead for symbol in rule["expansion"])}
    return dead


def _unpack(shipped: dict[str, Any]) -> dict[str, Any]:
    """Return what Lark's own loader takes: the data, and the rules and terminals it refers to by number."""
    states = {}
    for number, row in enumerate(shipped["states"]):
        pairs = zip(row[::2], row[1::2], strict=True)
        states[number] = {token: (0, action) if action >= 0 else (1, {"@": -1 - action}) for token, action in pairs}
    table = {
        "tokens": dict(enumerate(shipped["tokens"])),
        "states": states,
        "start_states": {_START: 0},
        "end_states": {_START: shipped["end"]},
    }
    shared = [*shipped["rules"], *shipped["terminals"]]
    rules = [{"@": number} for number in range(len(shipped["rules"]))]
    terminals = [{"@": number} for number in range(len(rules), len(shared))]
    parser = {
        "lexer_conf": {**shipped["lexer"], "terminals": terminals},
        "parser_conf": {**shipped["parser"], "rules": rules},
        "parser": table,
    }
    return {
        "data": {"parser": parser, "rules": rules, "options": {**shipped["options"], "_plugins": {}}},
        "memo": dict(enumerate(shared)),
    }


def _key() -> str:
    return f"lark {__version__}, hcl2.lark {grammar_digest()}"


def _build() -> Lark:
    return Lark(grammar(), parser="lalr", start=_START, propagate_positions=True)


if __name__ == "__main__":
    from drpolicy.terraform.skeletons import SHAPES
    from drpolicy.terraform.syntax import ExpressionParser

    TABLES.write_text(json.dumps(generate(), separators=(",", ":")) + "\n", "utf-8")
    shapes = ExpressionParser().shapes_of(json.loads(SHAPES.read_bytes())["shapes"])
    rows = ",\n".join(f" {json.dumps(each)}: {json.dumps(shapes[each], separators=(',', ':'))}" for each in sorted(shapes))
    SHAPES.write_text(f'{{"grammar": "{grammar_digest()}", "shapes": {{\n{rows}\n}}}}\n', "utf-8")
