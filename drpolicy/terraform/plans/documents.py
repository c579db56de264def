"""The JSON of a plan or a state, read once, with the place of every resource in it.

Values inside a resource have the resource's place: Terraform writes the file on one line, and nobody reads a column in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any, Literal, NoReturn

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.model.spans import Source, Span
from drpolicy.sources.reading import decoded, utf8
from drpolicy.terraform.files import TerraformProblem

SIZE_LIMIT = 1 << 30
"""Bytes of a plan or state file. Those of large estates have some hundred million."""

Kind = Literal["plan", "state"]

_DEPTH = 60
"""Child modules inside each other. Terraform itself has no limit; real estates stay below ten."""

_BLANK = deferred(r"[ \t\r\n]*+")
_HEADER = deferred(r'\{[ \t\r\n]*"(?:address|module|mode)"[ \t\r\n]*:[ \t\r\n]*"(?:[^"\\]|\\.)*+"')
# Keys whose objects are walked, so that the places of the resources in them are known; everything else is decoded whole.
_WALKED = frozenset({"values", "planned_values", "prior_state", "root_module"})
_LISTED = frozenset({"resources", "resource_changes", "deferred_changes"})
_SKIPPED = frozenset({"resource_drift", "relevant_attributes", "checks", "check_results", "output_changes"})


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


_decode = JSONDecoder(parse_constant=_no_number).raw_decode


@dataclass(frozen=True, eq=False)
class PlanSource(Source):
    """A plan or state file. It holds secrets in clear, so no line of it is ever shown."""

    def line(self, number: int) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of the file and where it stands: ``span`` is its address, ``extent`` all of it."""

    data: dict[str, Any]
    span: Span
    extent: Span


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """What a file holds, decoded and not yet understood. ``raw`` is whether it is a ``terraform.tfstate``."""

    kind: Kind
    source: Source
    data: dict[str, Any]
    raw: bool = False

    @property
    def span(self) -> Span:
        """The place of the file as a whole."""
        return self.source.span(0, 0)

    def part(self, name: str) -> dict[str, Any]:
        """Return an object of the top level; an empty one when there is none."""
        found = self.data.get(name)
        return found if isinstance(found, dict) else {}


def read_document(path: str, data: bytes, kind: Kind) -> PlanDocument | TerraformProblem:
    """Read a plan or a state, or say what is wrong with the file and where."""
    if data[:4] == b"PK\x03\x04":
        message = f"{path} is a plan as terraform plan -out writes it; give the output of 'terraform show -json {path}'"
        return TerraformProblem(path, "plan-invalid", message, Source(path, "").span(0, 0))
    if len(data) > SIZE_LIMIT:
        return TerraformProblem(path, "plan-invalid", f"{path} has {len(data):,} bytes; the limit is {SIZE_LIMIT:,}")
    text = decoded(path, utf8(data))
    if not isinstance(text, Source):
        return TerraformProblem(path, "plan-invalid", text.message, text.span)
    source = PlanSource(path, text.text)
    try:
        found, end = _Walk(source).value(_blank(source.text, 0), "", 0)
        if _blank(source.text, end) < len(source.text):
            log = isinstance(found, dict) and "@level" in found
            hint = "it is the log of terraform plan -json; give the output of 'terraform show -json PLANFILE'" if log else "more follows"
            raise _Refused(f"not one JSON document: {hint}", end)
    except _Refused as refused:
        at = min(refused.at, len(source.text))
        return TerraformProblem(path, "plan-invalid", f"{path}: {refused}", source.span(at, min(at + 1, len(source.text))))
    return _understood(source, found, kind)


def _understood(source: Source, found: Any, kind: Kind) -> PlanDocument | TerraformProblem:
    def wrong(message: str) -> TerraformProblem:
        return TerraformProblem(source.path, "plan-invalid", f"{source.path}: {message}", source.span(0, min(1, len(source.text))))

    if not isinstance(found, dict):
        return wrong(f"no {kind}: the document is not a JSON object")
    if "format_version" not in found and found.get("version") == 4 and "lineage" in found:
        return PlanDocument("state", source, found, raw=True) if kind == "state" else wrong("it is a state; give it with --state")
    version = found.get("format_version")
    if not isinstance(version, str):
        hint = " (a state of version 4 is read, older ones are not)" if "lineage" in found else ""
        return wrong(f"no {kind}: 'format_version' is missing{hint}; give the output of 'terraform show -json'")
    if version.partition(".")[0] not in ("0", "1"):
        return wrong(f"format_version {version!r} is not known; 1.x is read")
    made: Kind = "plan" if "planned_values" in found or "resource_changes" in found or "configuration" in found else "state"
    if made != kind:
        return wrong(f"it is a {made}; give it with --{made}")
    return PlanDocument(kind, source, found)


class _Refused(Exception):
    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def _blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return at if match is None else match.end()


@dataclass(slots=True)
class _Walk:
    """Goes through the objects that lead to resources by hand, and leaves the rest to the decoder. Raises ``_Refused``."""

    source: Source

    def value(self, at: int, key: str, depth: int) -> tuple[Any, int]:
        text = self.source.text
        if depth > _DEPTH:
            raise _Refused(f"modules are nested more than {_DEPTH} levels deep", at)
        if text.startswith("{", at) and (key in _WALKED or not key):
            return self._object(at, depth)
        if text.startswith("[", at) and key in _LISTED:
            return self._list(at, lambda start: self._part(start))
        if text.startswith("[", at) and key == "child_modules":
            return self._list(at, lambda start: self.value(start, "", depth + 1))
        found, end = self._decoded(at)
        return (None, end) if key in _SKIPPED else (found, end)

    def _decoded(self, at: int) -> tuple[Any, int]:
        try:
            return _decode(self.source.text, at)
        except JSONDecodeError as error:
            message = error.msg[:1].lower() + error.msg[1:]
            raise _Refused(f"not valid JSON: {message}", error.pos) from None
        except RecursionError:
            raise _Refused("nested too deeply", at) from None
        except ValueError as error:
            raise _Refused(f"not valid JSON: {str(error)[:80]}", at) from None

    def _part(self, at: int) -> tuple[Any, int]:
        found, end = self._decoded(at)
        if not isinstance(found, dict):
            return found, end
        header = _HEADER.match(self.source.text, at, end)
        return Part(found, self.source.span(at, at + 1 if header is None else header.end()), self.source.span(at, end)), end

    def _list(self, at: int, element: Any) -> tuple[list[Any], int]:
        found: list[Any] = []
        here = _blank(self.source.text, at + 1)
        if self.source.text.startswith("]", here):
            return found, here + 1
        while True:
            value, here = element(here)
            found.append(value)
            here, closed = self._separator(here, "]")
            if closed:
                return found, here

    def _object(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        text, found = self.source.text, dict[str, Any]()
        here = _blank(text, at + 1)
        if text.startswith("}", here):
            return found, here + 1
        while True:
            if not text.startswith('"', here):
                raise _Refused("not valid JSON: a key in double quotes is expected here", here)
            name, here = self._decoded(here)
            here = _blank(text, here)
            if not text.startswith(":", here):
                raise _Refused("not valid JSON: ':' is expected here", here)
            found[name], here = self.value(_blank(text, here + 1), name, depth + 1)
            here, closed = self._separator(here, "}")
            if closed:
                return found, here

    def _separator(self, at: int, closing: str) -> tuple[int, bool]:
        at = _blank(self.source.text, at)
        if self.source.text.startswith(closing, at):
            return at + 1, True
        if not self.source.text.startswith(",", at):
            raise _Refused(f"not valid JSON: ',' or '{closing}' is expected here", at)
        return _blank(self.source.text, at + 1), False


def parts(listed: Any) -> Iterator[Part]:
    """Yield the resources of a list; what is no object is passed over."""
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, Part):
            yield each


def module_parts(module: Any, depth: int = 0) -> Iterator[Part]:
    """Yield the resources of a module of ``planned_values`` or ``values``, and of its children."""
    if isinstance(module, dict) and depth <= _DEPTH:
        yield from parts(module.get("resources"))
        children = module.get("child_modules")
        for child in children if isinstance(children, list) else ():
            yield from module_parts(child, depth + 1)
