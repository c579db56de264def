"""What becomes of a command's failure: whether it makes the script exit with a status other than zero.

Rules of ``set -e``, lists, pipelines and compound commands: XCU 2.8.1, 2.9.2 to 2.9.4 and ``set`` (IEEE Std 1003.1-2024).
"""

from __future__ import annotations

from functools import cached_property

from drpolicy.kubernetes.shell_calls import Call, Frame, Path, calls
from drpolicy.kubernetes.shell_tree import AndOr, Compound, Pipeline, Script, Sequence, Simple, simples
from drpolicy.model.records import dataclass
from drpolicy.model.truth import Truth

_CALL_DEPTH = 5
_SWALLOWERS = frozenset({"true", ":", "echo", "printf"})
_APART = {
    "nested": "it runs in another shell, with options of its own",
    "trap": "it runs in a trap, after the exit status is decided",
}
_TESTS = frozenset({"[", "[[", "test", "((", "grep", "egrep"})


@dataclass(frozen=True, slots=True)
class Fate:
    """Whether a failure makes the script fail, and the characters that decide it.

    ``endless`` when it leaves the script in a loop, which only a deadline of the job ends.
    """

    truth: Truth
    start: int
    end: int
    why: str
    endless: bool = False


@dataclass(frozen=True, eq=False)
class Program:
    """A script with the shell options that its interpreter was started with."""

    script: Script
    errexit: bool = False
    pipefail: bool = False

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        return calls(self.script)

    @cached_property
    def functions(self) -> dict[str, Compound]:
        """The functions that are defined, the last definition of each name."""
        return {
            frame.node.name: frame.node
            for call in self.calls
            for frame in call.path
            if isinstance(frame.node, Compound) and frame.node.kind == "function"
        }

    @cached_property
    def _settings(self) -> list[tuple[int, str, bool]]:
        found: list[tuple[int, str, bool]] = []
        for call in self.calls:
            if call.name == "set":
                texts = [word.text for word in call.arguments]
                found.extend((call.start, name, on) for name, on in shell_options(texts))
        return found

    def _option(self, name: str, offset: int, initial: bool) -> bool:
        state = initial
        for at, option, on in self._settings:
            if option == name and at < offset:
                state = on
        return state

    def errexit_at(self, offset: int) -> bool:
        """Whether ``set -e`` is on there, in the order of writing."""
        return self._option("errexit", offset, self.errexit)

    def pipefail_at(self, offset: int) -> bool:
        """Whether ``set -o pipefail`` is on there, in the order of writing."""
        return self._option("pipefail", offset, self.pipefail)

    def text(self, start: int, end: int, limit: int = 60) -> str:
        """Return a piece of the script on one line, for a message."""
        joined = " ".join(self.script.text[start:end].split())
        return joined if len(joined) <= limit else joined[: limit - 1] + "…"

    def exits(self, node: Sequence | Pipeline | Compound | Simple, depth: int = 0) -> bool:
        """Whether a node holds an ``exit`` or ``return`` with a status other than zero, or a variable one, or ``false``."""
        parts = node.commands if isinstance(node, Pipeline) else (node,)
        for simple in (simple for part in parts for simple in simples(part)):
            if not simple.words:
                continue
            name = simple.words[0].text
            if name in {"exit", "return"} and len(simple.words) > 1 and simple.words[1].text != "0":
                return True
            if name == "false":
                return True
            if depth < _CALL_DEPTH and name in self.functions and self.exits(self.functions[name], depth + 1):
                return True
        return False

    def assigns_exit(self, node: Sequence | Pipeline | Compound) -> bool:
        """Whether a node sets a variable that an ``exit`` or a test of the script uses."""
        parts = node.commands if isinstance(node, Pipeline) else (node,)
        names = {name for part in parts for simple in simples(part) for name, _ in simple.assignments}
        if not names:
            return False
        return any(
            not names.isdisjoint(variable for word in call.arguments for variable in word.variables)
            for call in self.calls
            if call.name == "exit" or call.name in _TESTS
        )


def shell_options(words: list[str]) -> list[tuple[str, bool]]:
    """Return the options that arguments of ``set`` or of a shell switch: ``-euo pipefail``, ``+e``, ``-ec``."""
    found: list[tuple[str, bool]] = []
    for index, word in enumerate(words):
        if len(word) < 2 or word[0] not in "-+" or word.startswith("--"):
            continue
        on = word[0] == "-"
        if "e" in word[1:]:
            found.append(("errexit", on))
        if "o" in word[1:] and index + 1 < len(words) and words[index + 1] in {"errexit", "pipefail"}:
            found.append((words[index + 1], on))
    return found


def fate(program: Program, call: Call) -> Fate:
    """Decide what becomes of a failure of the command. UNKNOWN where it depends on what the script does at run time."""
    found = _Tracer(program, call).run(call.path, 0)
    if found.truth is Truth.TRUE:
        for other in program.calls:
            if other.name == "exit" and [word.text for word in other.arguments] == ["0"] and in_trap(program, other):
                return Fate(Truth.FALSE, other.start, other.end, "a trap ends the script with `exit 0`, whatever failed")
    return found


def in_trap(program: Program, call: Call, trap: Call | None = None) -> bool:
    """Whether a command runs in a trap, or in the given one: directly, or in a function that the trap calls."""

    def directly(each: Call) -> bool:
        return any(frame.role == "trap" and (trap is None or frame.node is trap.node) for frame in each.path)

    if directly(call):
        return True
    functions = {frame.node.name for frame in call.path if isinstance(frame.node, Compound) and frame.role == "function"}
    return bool(functions) and any(each.name in functions and directly(each) for each in program.calls)


class _Tracer:
    def __init__(self, program: Program, call: Call) -> None:
        self._program = program
        self._call = call

    def run(self, path: Path, depth: int) -> Fate:
        """Follow the failure outwards. ``exempt``: the failing command is one that ``set -e`` does not act upon."""
        program, exempt = self._program, False
        for frame in path:
            if isinstance(frame.node, Simple) and frame.role in _APART:
                return Fate(Truth.UNKNOWN, frame.node.start, frame.node.end, _APART[frame.role])
        for index in range(len(path) - 1, -1, -1):
            frame = path[index]
            decided: Fate | None = None
            match frame.node:
                case Pipeline() as pipeline:
                    decided, exempt = self._pipeline(pipeline, frame, path[:index], exempt)
                case AndOr() as item:
                    decided, exempt = self._and_or(item, frame, exempt)
                case Sequence() as sequence:
                    decided = self._sequence(sequence, frame, path[:index], exempt, depth)
                case Compound() as compound:
                    if frame.role == "function":
                        return self._called(compound, depth)
                    decided, exempt = self._compound(compound, frame, exempt)
                case Simple() as simple:
                    if frame.role == "substitution" and simple.words:
                        why = f"its status is lost inside the arguments of `{program.text(simple.start, simple.end)}`"
                        return Fate(Truth.FALSE, simple.start, simple.end, why)
            if decided is not None:
                return decided
        return Fate(Truth.TRUE, self._call.start, self._call.end, "its status is the status of the script")

    def _pipeline(self, pipeline: Pipeline, frame: Frame, outer: Path, exempt: bool) -> tuple[Fate | None, bool]:
        last = pipeline.commands[-1]
        if frame.position < len(pipeline.commands) - 1 and not self._program.pipefail_at(self._call.start):
            why = f"a pipeline has the status of its last command, `{self._program.text(last.start, last.end)}`"
            return Fate(Truth.FALSE, last.start, last.end, why), exempt
        return None, exempt or pipeline.negated

    def _and_or(self, item: AndOr, frame: Frame, exempt: bool) -> tuple[Fate | None, bool]:
        following = item.items[frame.position + 1 :]
        testing = self._call.name in _TESTS
        for operator, pipeline in following:
            first, last = pipeline.commands[0], pipeline.commands[-1]
            handler = self._program.text(first.start, last.end)
            if operator == "&&" and not testing:
                continue
            if self._program.exits(pipeline) or self._program.assigns_exit(pipeline):
                return Fate(Truth.TRUE, first.start, last.end, f"`{handler}` follows when it fails"), exempt
            if operator == "&&":
                continue
            name = first.words[0].text if isinstance(first, Simple) and first.words else ""
            if name in _SWALLOWERS or name in {"break", "continue", "sleep"}:
                return Fate(Truth.FALSE, first.start, last.end, f"`|| {handler}` swallows its failure"), exempt
            return Fate(Truth.UNKNOWN, first.start, last.end, f"`{handler}` decides what its failure means"), exempt
        if item.background:
            return Fate(Truth.FALSE, item.start, item.end, "it runs in the background, where its status is lost"), exempt
        return None, exempt or bool(following)

    def _sequence(self, sequence: Sequence, frame: Frame, outer: Path, exempt: bool, depth: int) -> Fate | None:
        program = self._program
        function = next((each.node for each in reversed(outer) if each.role == "function"), None)
        guarded = not exempt and not _ignored(outer) and program.errexit_at(self._call.start)
        if guarded and isinstance(function, Compound):
            site = self._site(function)
            if site is None or not _ignored(site.path):
                return self._called(function, depth)
        elif guarded and any(each.role == "substitution" or _is_subshell(each) for each in outer):
            # It ends with a failure there; what that means is decided outside.
            return None
        elif guarded:
            return Fate(Truth.TRUE, self._call.start, self._call.end, "set -e ends the script when it fails")
        if frame.position == len(sequence.items) - 1:
            return None
        following = sequence.items[frame.position + 1]
        if "$?" in program.script.text[following.start : following.end]:
            reads = [simple for _, pipeline in following.items for command in pipeline.commands for simple in simples(command)]
            decided = any(program.exits(pipeline) for _, pipeline in following.items) or any(
                program.assigns_exit(pipeline) for _, pipeline in following.items
            )
            truth = Truth.TRUE if decided and reads else Truth.UNKNOWN
            return Fate(truth, following.start, following.end, f"`{program.text(following.start, following.end)}` reads its status")
        last = sequence.items[-1]
        final = program.text(last.start, last.end)
        return Fate(Truth.FALSE, last.start, last.end, f"without set -e the exit status is that of the last command, `{final}`")

    def _compound(self, compound: Compound, frame: Frame, exempt: bool) -> tuple[Fate | None, bool]:
        program = self._program
        if frame.role == "condition":
            branches = [body for body in compound.bodies if program.exits(body) or program.assigns_exit(body)]
            if branches:
                items = branches[0].items
                return Fate(Truth.TRUE, items[0].start, items[-1].end, "a branch exits with a failure"), exempt
            if compound.kind in {"while", "until"}:
                why = f"the {compound.kind} loop never ends when it does not come true"
                return Fate(Truth.FALSE, compound.start, compound.end, why, endless=True), exempt
            return Fate(Truth.FALSE, compound.start, compound.end, "no branch of the `if` exits with a failure"), exempt
        if compound.kind in {"while", "until", "for"}:
            why = f"whether it is the last round of the {compound.kind} loop is decided at run time"
            return Fate(Truth.UNKNOWN, compound.start, compound.end, why), exempt
        return None, exempt

    def _called(self, function: Compound, depth: int) -> Fate:
        site = self._site(function)
        if depth >= _CALL_DEPTH or site is None:
            why = f"the function {function.name} is never called" if site is None else "its calls are too deep to follow"
            return Fate(Truth.FALSE if site is None else Truth.UNKNOWN, function.start, function.end, why)
        return _Tracer(self._program, site).run(site.path, depth + 1)

    def _site(self, function: Compound) -> Call | None:
        """Return the first call of a function that is not in its own body."""
        for call in self._program.calls:
            if call.name == function.name and not any(frame.node is function for frame in call.path):
                return call
        return None


def _is_subshell(frame: Frame) -> bool:
    return isinstance(frame.node, Compound) and frame.node.kind == "subshell"


def _ignored(path: Path) -> bool:
    """Whether ``set -e`` does not act there: inside a condition, left of ``&&`` or ``||``, or after ``!``."""
    for frame in reversed(path):
        if frame.role in {"substitution", "trap", "nested", "function"}:
            return False
        if frame.role == "condition":
            return True
        if isinstance(frame.node, AndOr) and frame.position < len(frame.node.items) - 1:
            return True
        if isinstance(frame.node, Pipeline) and frame.node.negated:
            return True
    return False
