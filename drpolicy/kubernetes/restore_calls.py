"""The commands of a restore test by their part in it: what restores, waits, asserts, cleans up and records."""

from __future__ import annotations

import re
from collections.abc import Mapping

from drpolicy.kubernetes.images import KNOWN_COMMANDS
from drpolicy.kubernetes.restore_landing import Landing, assigned, is_open, of_body, of_flags
from drpolicy.kubernetes.shell_calls import Call, Options, options
from drpolicy.kubernetes.shell_status import Program
from drpolicy.kubernetes.shell_tree import Compound, Pipeline, simples
from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass
from drpolicy.model.truth import Truth

_RESTORE_KIND = deferred(r"""^[ \t]*+kind:[ \t]*+["']?Restore["']?[ \t\r]*+$""", re.MULTILINE)
_RECORD_KIND = deferred(r"""^[ \t]*+kind:[ \t]*+["']?(?:ConfigMap|Evidence)["']?[ \t\r]*+$""", re.MULTILINE)
_TESTS = frozenset({"[", "[[", "test", "(("})
_RECORDERS = {
    "aws": (("s3", "cp"), ("s3", "sync"), ("s3api", "put-object"), ("dynamodb", "put-item"), ("cloudwatch", "put-metric-data")),
    "kubectl": (("create", "configmap"), ("patch", "configmap"), ("create", "cm"), ("patch", "cm")),
    "drpolicy": (("evidence", "record"),),
    "git": (("push",),),
}
_COPIERS = frozenset({"gsutil", "rclone", "s3cmd"})
_SHORT = {"ns": "namespace", "cm": "configmap", "cj": "cronjob"}
_MARKED = frozenset({"restore", "backup", "schedule", "job", "cronjob", "namespace", "configmap"})
"""Objects on which a mark of the result is a record of it: those that the test is about, and what is made to keep results."""

_OUTCOME = deferred(
    r"result|outcome|status|succe(?:ss|ed)|pass|fail|verified|tested|phase|date|time|second|duration|elapsed|\brto\b|[-_/.]at=|"
    r"\d{4}-\d{2}-\d{2}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Creation:
    """A command that creates a Restore: with velero, from a manifest in the script (``body``), or from a file that is not here."""

    call: Call
    options: Options
    landing: Landing
    body: tuple[int, int] | None = None
    elsewhere: bool = False


def creation(program: Program, call: Call, environment: Mapping[str, str]) -> Creation | None:
    """Return the restore that a command creates. ``environment`` are the container's variables with a literal value."""
    if call.name not in {"velero", "kubectl", "oc"}:
        return None
    found = options(call.arguments)
    verbs = tuple(word.text for word in found.plain[:2])
    if call.name == "velero":
        if verbs not in {("restore", "create"), ("create", "restore")}:
            return None
        return Creation(call, found, of_flags(program, found, environment))
    if verbs[:1] not in {("create",), ("apply",), ("replace",)}:
        return None
    for body in bodies(call):
        if _RESTORE_KIND.search(program.script.text, *body):
            return Creation(call, found, of_body(program, body, environment), body)
    path = found.flags.get("-f") or found.flags.get("--filename")
    if path is not None and "restore" in path[0].lower():
        return Creation(call, found, Landing(environment=environment), elsewhere=True)
    return None


def bodies(call: Call) -> list[tuple[int, int]]:
    """Return the texts that are written into a command: here-documents, its own and those of the commands piped into it."""
    found = [redirect.body for redirect in call.node.redirects if redirect.body is not None]
    for frame in call.path[-1:]:
        if isinstance(frame.node, Pipeline):
            for command in frame.node.commands[: frame.position]:
                for simple in simples(command):
                    found.extend(redirect.body for redirect in simple.redirects if redirect.body is not None)
                    found.extend((word.start, word.end) for word in simple.words[1:])
    return found


def about_restore(program: Program, call: Call) -> bool:
    """Whether a command asks for the state of a restore."""
    found = options(call.arguments)
    texts = [word.text.lower() for word in found.plain]
    if call.name == "velero":
        return texts[:1] == ["restore"] or texts[:2] in (["get", "restore"], ["get", "restores"], ["describe", "restore"])
    return call.name in {"kubectl", "oc"} and any(re.match(r"restores?(?:$|/|\.velero)", text) for text in texts)


def waits(program: Program, call: Call, made: Creation) -> bool:
    """Whether a command returns only when the restore has ended."""
    if call.node is made.call.node:
        return any(made.options.flags.get(flag, ("false", None))[0] in {"", "true"} for flag in ("--wait", "-w"))
    if call.name in {"kubectl", "oc"} and about_restore(program, call):
        return options(call.arguments).plain[0].text == "wait" or _looping(call)
    return about_restore(program, call) and _looping(call)


def _looping(call: Call) -> bool:
    return any(isinstance(frame.node, Compound) and frame.node.kind in {"while", "until", "for"} for frame in call.path)


def asserts_phase(program: Program, call: Call) -> bool:
    """Whether a command succeeds only when a restore has completed, or fails when it has not."""
    texts = [word.text for word in call.arguments]
    if call.name in {"kubectl", "oc"}:
        return bool(texts) and about_restore(program, call) and any("status.phase" in text and "Completed" in text for text in texts)
    if call.name in _TESTS:
        compared = any(text.strip("\"'^$") == "Completed" for text in texts)
        if not compared and any(text == "Failed" for text in texts):
            compared = "PartiallyFailed" in program.script.text
        return compared and not _about_backup(program, call)
    if call.name in {"grep", "egrep", "rg"}:
        piped = isinstance(call.path[-1].node, Pipeline) and call.path[-1].position > 0
        return any("Completed" in text for text in texts) and (piped or bool(call.node.redirects)) and not _about_backup(program, call)
    if call.name == "jq":
        return any(text.startswith("-") and "e" in text for text in texts) and any("Completed" in text for text in texts)
    return False


def _about_backup(program: Program, call: Call) -> bool:
    """Whether what is compared comes from a backup, and not from a restore."""
    frame = call.path[-1]
    around = program.script.text[call.start : call.end]
    if isinstance(frame.node, Pipeline):
        around = program.script.text[frame.node.commands[0].start : call.end]
    for word in call.arguments:
        for name in word.variables:
            value = assigned(program, name, call.start)
            around += "" if value is None else program.script.text[value.start : value.end]
    return "backup" in around.lower() and "restore" not in around.lower()


def removed(program: Program, call: Call, landing: Landing) -> tuple[tuple[str, str], ...]:
    """Return the objects that a command deletes by name, as kind and name; ``*`` is every name."""
    found = options(call.arguments)
    verbs = [word.text for word in found.plain]
    if call.name == "velero":
        if verbs[:2] not in (["restore", "delete"], ["delete", "restore"]):
            return ()
        names = ["*"] if "--all" in found.flags else verbs[2:]
        return tuple(("restore", landing.resolved(program, name)) for name in names)
    if call.name not in {"kubectl", "oc"} or verbs[:1] != ["delete"]:
        return ()
    slashed = [(kind, name) for kind, slash, name in (verb.partition("/") for verb in verbs[1:]) if slash]
    names = ["*"] if "--all" in found.flags else verbs[2:]
    pairs = slashed or [(kind, name) for kinds in verbs[1:2] for kind in kinds.split(",") for name in names]
    return tuple((_kind(kind), landing.resolved(program, name)) for kind, name in pairs)


def _kind(written: str) -> str:
    kind = written.lower().partition(".")[0]
    return _SHORT.get(kind, kind.removesuffix("s"))


def removes_restore(program: Program, call: Call, made: Creation) -> Truth:
    """Whether a command deletes the restore that the script creates; UNKNOWN for one whose name is decided at run time."""
    result = Truth.FALSE
    for kind, name in removed(program, call, made.landing):
        if kind == "restore":
            result = result | (Truth.TRUE if name in {"*", made.landing.name} else Truth.UNKNOWN if is_open(name) else Truth.FALSE)
    if result is Truth.FALSE and _deletes_unseen(call):
        return Truth.UNKNOWN
    return result


def _deletes_unseen(call: Call) -> bool:
    """Whether a command deletes what a file, a selector or the standard input names."""
    found = options(call.arguments)
    if call.name not in {"kubectl", "oc", "velero"} or "delete" not in [word.text for word in found.plain[:2]]:
        return False
    selecting = any(flag in found.flags for flag in ("-f", "--filename", "-k", "--kustomize", "-l", "--selector", "--field-selector"))
    return selecting or call.path[-1].position > 0


def deletes(program: Program, call: Call, made: Creation) -> Truth:
    """Whether a command removes what the test made: a restored namespace, what is in one, or a restore."""
    objects = removed(program, call, made.landing)
    found = options(call.arguments)
    result = Truth.FALSE
    for kind, name in objects:
        match kind:
            case "namespace":
                result = result | made.landing.holds(name)
            case "restore":
                result = Truth.TRUE
            case _:
                given = found.flags.get("-n") or found.flags.get("--namespace")
                inside = Truth.UNKNOWN if given is None else made.landing.holds(made.landing.resolved(program, given[0]))
                result = result | inside
    if result is Truth.FALSE and _deletes_unseen(call):
        return Truth.UNKNOWN
    return result


def records(program: Program, call: Call, kept: tuple[str, ...], made: Creation) -> Truth:
    """Whether a command writes something down that outlives the job; ``kept`` are the directories where files do."""
    found = options(call.arguments)
    verbs = tuple(word.text for word in found.plain)
    for prefix in _RECORDERS.get(call.name, ()):
        if verbs[: len(prefix)] == prefix:
            return Truth.TRUE
    if call.name in _COPIERS:
        return Truth.TRUE
    if call.name in {"kubectl", "oc"}:
        if verbs[:1] in {("apply",), ("create",)}:
            return Truth.of(any(_RECORD_KIND.search(program.script.text, *body) for body in bodies(call)))
        return _marks(program, verbs, made) if verbs[:1] in {("annotate",), ("label",)} else Truth.FALSE
    if call.name == "curl":
        return Truth.of(any("pushgateway" in word.text or "/metrics/job/" in word.text for word in call.arguments))
    targets = [redirect.target.text for redirect in call.node.redirects if redirect.operator in {">", ">>", ">|"}]
    if call.name == "tee":
        targets.extend(verbs)
    lasting = (target == directory or target.startswith(directory.rstrip("/") + "/") for target in targets for directory in kept)
    return Truth.of(any(lasting))


def _marks(program: Program, verbs: tuple[str, ...], made: Creation) -> Truth:
    """Whether an annotation or a label says an outcome or a time, on an object that is there afterwards."""
    marks = [verb for verb in verbs[1:] if "=" in verb]
    objects = [verb for verb in verbs[1:] if "=" not in verb and not verb.endswith("-")]
    written, _, slashed = objects[0].partition("/") if objects else ("", "", "")
    kind, name = _kind(written), slashed or (objects[1] if len(objects) > 1 else "")
    if kind not in _MARKED:
        return Truth.UNKNOWN if is_open(written) else Truth.FALSE
    gone = (kind, made.landing.resolved(program, name))
    if any(gone in removed(program, other, made.landing) for other in program.calls):
        return Truth.FALSE
    if any(_OUTCOME.search(mark) for mark in marks):
        return Truth.TRUE
    return Truth.UNKNOWN if any(is_open(mark) for mark in marks) else Truth.FALSE


def opaque(program: Program) -> tuple[int, int] | None:
    """Return the first thing in a script that may do anything: another script, an unknown command, what could not be read."""
    nested = {id(frame.node) for call in program.calls for frame in call.path if frame.role == "nested"}
    for call in program.calls:
        if call.word is None or call.name in program.functions:
            continue
        path = call.word.text
        interpreted = call.name in {"python", "python3", "perl", "eval", "source", "."}
        shell = call.name in {"sh", "bash", "ash", "dash", "zsh", "ksh"}
        if shell and id(call.node) in nested:
            continue
        foreign = "/" in path and path not in {"/velero", "./velero"} and not path.startswith(("/bin/", "/usr/bin/", "/usr/local/bin/"))
        if interpreted or shell or foreign or not call.word.literal or call.name not in KNOWN_COMMANDS:
            return call.start, call.end
    if program.script.problems:
        return program.script.problems[0], min(program.script.problems[0] + 1, len(program.script.text))
    return None
