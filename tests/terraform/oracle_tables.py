"""The tables of Terraform's own tests of its functions, read from a checkout as expressions and the values that they must give.

``internal/lang/functions_test.go`` has expressions; the tables of ``internal/lang/funcs/*_test.go`` have the arguments of one function
each. An argument that is unknown becomes a variable that is not set. The licence of the tables allows to read them, not to copy them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from console_answers import values
from go_source import Call, Composite, Name, Node, NotRead, Number, Parser, Token, tokens

from drpolicy.model.reasons import Reason
from drpolicy.model.values import Absent, Known, Members, Object, Unknown, Value
from drpolicy.terraform.conversion import plain, whole
from drpolicy.terraform.functions.json_text import dumps
from drpolicy.terraform.precision import exact, read
from drpolicy.terraform.unknowns import first_unknown

LANG = Path("internal", "lang")
ALIASES = {"base64textencode": "textencodebase64", "base64textdecode": "textdecodebase64"}
TYPES = {"cty.String": "string", "cty.Number": "number", "cty.Bool": "bool", "cty.DynamicPseudoType": "any"}
NO_ERROR = ("", Name("false"), Name("nil"))

MARKS = "whether a value is sensitive or ephemeral is not followed"
NOT_READ = {
    "TestTemplateString": "its arguments are expressions with a scope of their own",
    "TestRedactIfSensitive": "no function of the language",
    **dict.fromkeys(("TestSensitive", "TestNonsensitive", "TestIssensitive", "TestEphemeralAsNull"), MARKS),
}
"""Tables that are passed over, and why."""

_NOT_THERE = "Terraform may run after another program has written the file, so this is Unknown"
_FOR_THE_TEST = "the test makes the directory unreadable, or reads from another one"
DIFFERENT: dict[str, str] = {
    **{
        f'{name}("testdata/missing")': _NOT_THERE
        for name in ("fileexists", "filebase64", "filemd5", "filesha1", "filesha256", "filesha512")
    },
    **{f'{name}("testdata/missing")': _NOT_THERE for name in ("filebase64sha256", "filebase64sha512")},
    'templatefile("testdata/missing", {})': _NOT_THERE,
    'templatefile("testdata/secrets.txt", {})': _NOT_THERE,
    'fileexists("testdata/unreadable/foobar")': _FOR_THE_TEST,
    'templatefile("testdata/recursive.tmpl", tomap({}))': _FOR_THE_TEST,
    'templatefile("testdata/recursive_namespaced.tmpl", tomap({}))': _FOR_THE_TEST,
    "length(var.unknown0)": "of an unknown tuple or object: whether a variable that is not set is null is not known either",
    'strcontains("hello1", 1)': "the table calls the function without the conversion of arguments that an expression has",
}
"""Expressions of which we are known to differ, and why."""

DIFFERENT_FUNCTIONS = {
    "base64gzip": "the bytes depend on the compressor of one version of Go",
    "ephemeralasnull": MARKS,
    "issensitive": MARKS,
    "plantimestamp": "only a run knows it",
    "rsadecrypt": "what it gives is a secret, which no report may show",
    "provider::foo::upper": "a function of the test itself",
}
"""Functions that are Unknown on purpose, and why."""


class Unsettled:
    """A value that the table says is unknown, or that holds something unknown."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN = Unsettled()


class Refused:
    """What the table says is an error."""

    def __repr__(self) -> str:
        return "refused"


REFUSED = Refused()


class Case(NamedTuple):
    """One row: ``expected`` is plain data, ``UNKNOWN`` in it where Terraform does not know, or ``REFUSED``."""

    function: str
    expression: str
    expected: Any
    context: str
    directory: Path


class Skipped(NamedTuple):
    """What could not be read, and why."""

    function: str
    why: str


def compared(checkout: Path, only: str | None) -> Iterator[tuple[str, str, str | None, str | None]]:
    """Yield the function, the expression, how the answers differ, and why a row is not counted."""
    for case in cases(checkout):
        if only and only != case.function:
            continue
        if isinstance(case, Skipped):
            yield case.function, "", None, case.why
            continue
        difference = _difference(case)
        why = None if difference is None else DIFFERENT.get(case.expression) or DIFFERENT_FUNCTIONS.get(case.function)
        yield case.function, case.expression, difference, why


def _difference(case: Case) -> str | None:
    value = values({"x": case.expression}, case.context, _files(case.directory))["x"]
    if case.expected is REFUSED:
        refused = value is None or (isinstance(value, Unknown) and value.reason in (Reason.REFUSED, Reason.FUNCTION_NOT_EVALUATED))
        # Whether an argument that is not known is refused, its type alone says.
        return None if refused or ("var.unknown" in case.expression and isinstance(value, Unknown)) else f"{_shown(value)}, but is refused"
    if value is None:
        return f"not an expression, but is {case.expected}"
    return None if _agrees(value, case.expected) else f"{_shown(value)}, but is {case.expected}"


def _agrees(value: Value[Any], expected: Any) -> bool:
    """Whether a value is the one that is expected; what Terraform does not know, must not be known."""
    match value, expected:
        case _, Unsettled():
            return first_unknown([value]) is not None
        case Absent(), None:
            return True
        case Known(Members() as inner), list():
            return (
                inner.certain
                and len(inner.elements) == len(expected)
                and all(_agrees(member.value, each) for member, each in zip(inner.elements, expected, strict=True))
            )
        case Known(Object() as inner), dict():
            return (
                inner.rest is None
                and set(inner.fields) == set(expected)
                and all(_agrees(inner.fields[name], each) for name, each in expected.items())
            )
        case Known(bool() | str() | int() | float() as ours), bool() | str() | int() | float():
            if isinstance(ours, (bool, str)) or isinstance(expected, (bool, str)):
                return type(ours) is type(expected) and ours == expected
            return exact(ours) == exact(expected)
        case _:
            return False


def _shown(value: Value[Any] | None) -> str:
    if value is None:
        return "no expression"
    unknown = first_unknown([value])
    return unknown.symbol if unknown else dumps(plain(value))


@lru_cache(maxsize=8)
def _files(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.suffix != ".go"
    }


def cases(checkout: Path) -> Iterator[Case | Skipped]:
    """Yield every row of both kinds of table."""
    yield from _expressions(checkout / LANG / "functions_test.go", checkout / LANG / "testdata" / "functions-test")
    for path in sorted((checkout / LANG / "funcs").glob("*_test.go")):
        yield from _arguments(path)


def _expressions(path: Path, directory: Path) -> Iterator[Case | Skipped]:
    found = tokens(path.read_text("utf-8"))
    names = _constants(found)
    given = Parser(found, _after(found, 0, "LocalValues", ":")).expression()
    context = "".join(f"  {name} = {_notation(each, [])}\n" for name, each in _elements(given))
    at = _after(found, 0, "tests", ":=", "map")
    while found[at].text != "struct":
        at += 1
    parser = Parser(found, at + 1)
    parser.passed()
    parser.at += 1
    while found[parser.at].kind == "text":
        function = found[parser.at].text.strip('"')
        parser.at += 3
        while found[parser.at].text == "{":
            start = parser.at
            try:
                row = parser.expression()
                assert isinstance(row, Composite)
                source, want = (_resolved(each, names) for _, each in row.elements)
                yield Case(function, _text(source), _plain(want), f"locals {{\n{context}}}\n", directory)
            except NotRead as why:
                parser.at = start
                parser.passed()
                yield Skipped(function, f"{path.name}: {why}")
            parser.at += found[parser.at].text == ","
        parser.at += 2


def _arguments(path: Path) -> Iterator[Case | Skipped]:
    source = path.read_text("utf-8")
    for body in re.split(r"^func (?=Test)", source, flags=re.MULTILINE)[1:]:
        test = re.match(r"\w+", body)
        assert test is not None
        function = test[0].removeprefix("Test").partition("_")[0].lower()
        function = ALIASES.get(function, function)
        if test[0] in NOT_READ:
            yield Skipped(function, f"{test[0]}: {NOT_READ[test[0]]}")
            continue
        found = tokens(body.split("\n}\n", 1)[0] + "\n}")
        names = {**_constants(tokens(source)), **_constants(found)}
        try:
            at = _after(found, 0, "tests", ":=")
        except NotRead:
            yield Skipped(function, f"{test[0]}: has no table")
            continue
        struct = next(index for index in range(at, len(found)) if found[index].text == "struct")
        parser = Parser(found, struct + 1)
        parser.passed()
        fields = _fields(body[found[struct + 1].at + 1 : found[parser.at - 1].at])
        parser.at += 1
        while found[parser.at].text != "}":
            parser.at += 2 if found[parser.at].kind == "text" else 0
            start = parser.at
            try:
                row = parser.expression()
                assert isinstance(row, Composite)
                yield _case(function, fields, _resolved(row, names), path.parent)
            except NotRead as why:
                parser.at = start
                parser.passed()
                yield Skipped(function, f"{test[0]}: {why}")
            parser.at += found[parser.at].text == ","


def _fields(lines: str) -> list[str]:
    """Return the names of a struct's fields."""
    return [name.strip() for names in re.findall(r"^\s*(\w+(?:, *\w+)*)\s", lines, re.MULTILINE) for name in names.split(",")]


def _case(function: str, fields: list[str], row: Node, directory: Path) -> Case:
    assert isinstance(row, Composite)
    named: dict[str, Node] = {}
    for index, (key, value) in enumerate(row.elements):
        named[key.name if isinstance(key, Name) else fields[index]] = value
    error: Node = ""
    want: Node | None = None
    arguments: list[Node] = []
    for field, value in named.items():
        if field in ("Err", "WantErr", "WantError"):
            error = value
        elif field == "Want":
            want = value
        elif isinstance(value, Composite) and value.type == "[]cty.Value":
            arguments += [each for _, each in value.elements]
        else:
            arguments.append(value)
    if function == "to":
        function, target = "convert", _type(arguments.pop())
    unknown: list[str] = []
    written = [_notation(each, unknown) for each in arguments]
    if function == "convert":
        written.append(target)
    expression = f"{function}({', '.join(written)})"
    context = "".join(f'variable "unknown{at}" {{\n  type = {each}\n}}\n' for at, each in enumerate(unknown))
    expected = REFUSED if error not in NO_ERROR else _plain(want) if want is not None else UNKNOWN
    return Case(function, expression, expected, context, directory)


def _after(found: list[Token], at: int, *words: str) -> int:
    for start in range(at, len(found) - len(words)):
        if all(found[start + index].text == word for index, word in enumerate(words)):
            return start + len(words)
    raise NotRead("there is no table")


def _constants(found: list[Token]) -> dict[str, Node]:
    """Return what ``name := literal`` and ``name = literal`` give."""
    named: dict[str, Node] = {}
    for at, token in enumerate(found[:-2]):
        if token.kind == "name" and found[at + 1].text in (":=", "=") and token.text not in ("tests", "err"):
            try:
                named.setdefault(token.text, _resolved(Parser(found, at + 2).expression(), named))
            except NotRead:
                continue
    return named


def _resolved(node: Node, names: Mapping[str, Node]) -> Node:
    match node:
        case Name(name) if name in names:
            return names[name]
        case Call(None, "fmt.Sprintf", (str() as pattern, *rest)):
            texts = [_quoted(_text(_resolved(each, names))) for each in rest]
            return pattern.replace("%#v", "%s") % tuple(texts)
        case Call(of, name, arguments):
            return Call(of if of is None else _resolved(of, names), name, tuple(_resolved(each, names) for each in arguments))
        case Composite(kind, elements):
            return Composite(kind, tuple((key, _resolved(each, names)) for key, each in elements))
        case _:
            return node


def _text(node: Node) -> str:
    if not isinstance(node, str):
        raise NotRead(f"{node} is no text")
    return node


def _quoted(text: str) -> str:
    """Return a text as the language writes it."""
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise NotRead("text that is not UTF-8")
    plain = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${").replace("%{", "%%{").replace("\n", "\\n").replace("\r", "\\r")
    )
    return '"' + "".join(char if char >= " " else f"\\u{ord(char):04x}" for char in plain) + '"'


def _elements(node: Node) -> list[tuple[str, Node]]:
    if not isinstance(node, Composite):
        raise NotRead(f"{node} is no literal")
    return [("" if key is None else _text(key), each) for key, each in node.elements]


def _notation(node: Node, unknown: list[str]) -> str:
    """Return a value as an expression."""
    match node:
        case Call(None, "cty.StringVal", (text,)):
            return _quoted(_text(text))
        case Call(None, "cty.NumberIntVal" | "cty.NumberFloatVal", (Number(digits),)):
            return digits if "x" not in digits else str(int(digits, 16))
        case Call(None, "cty.MustParseNumberVal", (str() as digits,)):
            return digits
        case Call(None, "cty.BoolVal", (Name(name),)):
            return name
        case Name("cty.Zero"):
            return "0"
        case Name("cty.True" | "cty.False" as name):
            return name.removeprefix("cty.").lower()
        case Call(None, "cty.NullVal", _):
            return "null"
        case Call(None, "cty.UnknownVal", (type_,)):
            unknown.append(_type(type_))
            return f"var.unknown{len(unknown) - 1}"
        case Name("cty.DynamicVal"):
            unknown.append("any")
            return f"var.unknown{len(unknown) - 1}"
        case Call(None, "cty.ListValEmpty" | "cty.SetValEmpty" | "cty.MapValEmpty" as name, _):
            return {"L": "tolist([])", "S": "toset([])", "M": "tomap({})"}[name[4]]
        case Name("cty.EmptyTupleVal"):
            return "[]"
        case Name("cty.EmptyObjectVal"):
            return "{}"
        case Call(None, "cty.ListVal" | "cty.SetVal" | "cty.TupleVal" as name, (inner,)):
            items = f"[{', '.join(_notation(each, unknown) for _, each in _elements(inner))}]"
            return {"L": f"tolist({items})", "S": f"toset({items})", "T": items}[name[4]]
        case Call(None, "cty.MapVal" | "cty.ObjectVal" as name, (inner,)):
            fields = f"{{ {', '.join(f'{_quoted(key)} = {_notation(each, unknown)}' for key, each in _elements(inner))} }}"
            return f"tomap({fields})" if name == "cty.MapVal" else fields
        case Call(of, "StringPrefix", (str() as prefix,)) if of is not None:
            return f'"{prefix}${{{_notation(of, unknown)}}}"'
        case Call(of, _, _) if of is not None:
            # A mark or a refinement of the value before the dot.
            return _notation(of, unknown)
        case _:
            raise NotRead(f"{node} is no value")


def _type(node: Node) -> str:
    match node:
        case Name(name) if name in TYPES:
            return TYPES[name]
        case Name("cty.EmptyTuple"):
            return "tuple([])"
        case Name("cty.EmptyObject"):
            return "object({})"
        case Call(None, "cty.List" | "cty.Set" | "cty.Map" as name, (inner,)):
            return f"{name.removeprefix('cty.').lower()}({_type(inner)})"
        case Call(None, "cty.Tuple", (Composite() as inner,)):
            return f"tuple([{', '.join(_type(each) for _, each in inner.elements)}])"
        case Call(None, "cty.Object", (Composite() as inner,)):
            return f"object({{ {', '.join(f'{key} = {_type(each)}' for key, each in inner.elements)} }})"
        case _:
            raise NotRead(f"{node} is no type")


def _plain(node: Node) -> Any:
    """Return a wanted value as data."""
    match node:
        case Call(None, "cty.StringVal", (text,)):
            return _text(text)
        case Call(None, "cty.NumberIntVal" | "cty.NumberFloatVal" | "cty.MustParseNumberVal", (Number() | str() as digits,)):
            text = digits.digits if isinstance(digits, Number) else digits
            return int(text, 0) if re.fullmatch(r"-?(?:0x[0-9a-fA-F]+|\d+)", text) else whole(read(text))
        case Call(None, "cty.BoolVal", (Name(name),)):
            return name == "true"
        case Name("cty.Zero"):
            return 0
        case Name("cty.True" | "cty.False" as name):
            return name == "cty.True"
        case Call(None, "cty.NullVal", _):
            return None
        case Call(None, "cty.UnknownVal", _) | Name("cty.DynamicVal"):
            return UNKNOWN
        case Call(None, "cty.ListValEmpty" | "cty.SetValEmpty", _) | Name("cty.EmptyTupleVal"):
            return []
        case Call(None, "cty.MapValEmpty", _) | Name("cty.EmptyObjectVal"):
            return {}
        case Call(None, "cty.ListVal" | "cty.TupleVal", (inner,)):
            return [_plain(each) for _, each in _elements(inner)]
        case Call(None, "cty.SetVal", (inner,)):
            return sorted((_plain(each) for _, each in _elements(inner)), key=repr)
        case Call(None, "cty.MapVal" | "cty.ObjectVal", (inner,)):
            return {key: _plain(each) for key, each in _elements(inner)}
        case Call(of, _, _) if of is not None:
            return _plain(of)
        case _:
            raise NotRead(f"{node} is no value")
