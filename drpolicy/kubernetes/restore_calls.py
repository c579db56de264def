"""The commands of a restore test by their part in it: what restores, waits, asserts, verifies, cleans up and records."""

from __future__ import annotations

import re
from dataclasses import dataclass

from drpolicy.kubernetes.images import KNOWN_COMMANDS
from drpolicy.kubernetes.shell_calls import Call, Options, options
from drpolicy.kubernetes.shell_status import Program
from drpolicy.kubernetes.shell_tree import Compound, Pipeline, Simple, simples
from drpolicy.kubernetes.shell_words import Word

_RESTORE_KIND = re.compile(r"""^[ \t]*+kind:[ \t]*+["']?Restore["']?[ \t\r]*+$""", re.MULTILINE)
_RECORD_KIND = re.compile(r"""^[ \t]*+kind:[ \t]*+["']?(?:ConfigMap|Evidence)["']?[ \t\r]*+$""", re.MULTILINE)
_TESTS = frozenset({"[", "[[", "test", "(("})
_LOOKERS = frozenset(
    {
        "psql", "mysql", "mysqladmin", "mysqlcheck", "mariadb", "mongo", "mongosh", "mc", "redis-cli", "pg_isready", "cqlsh",
        "clickhouse-client", "sqlcmd", "sqlplus", "etcdctl", "nodetool", "bats", "pytest", "k6", "newman", "nc",
    }
)  # fmt: skip
_RECORDERS = {
    "aws": (("s3", "cp"), ("s3", "sync"), ("s3api", "put-object"), ("dynamodb", "put-item"), ("cloudwatch", "put-metric-data")),
    "kubectl": (("create", "configmap"), ("patch", "configmap"), ("annotate",), ("label",), ("create", "cm"), ("patch", "cm")),
    "drpolicy": (("evidence", "record"),),
    "git": (("push",),),
}
_COPIERS = frozenset({"gsutil", "rclone", "s3cmd"})


@dataclass(frozen=True, slots=True, eq=False)
class Creation:
    """A command that creates a Restore: with velero, from a manifest in the script (``body``), or from a file that is not here."""

    call: Call
    options: Options
    body: tuple[int, int] | None = None
    elsewhere: bool = False


def creation(program: Program, call: Call) -> Creation | None:
    """Return the restore that a command creates."""
    if call.name not in {"velero", "kubectl", "oc"}:
        return None
    found = options(call.arguments)
    verbs = tuple(word.text for word in found.plain[:2])
    if call.name == "velero":
        return Creation(call, found) if verbs in {("restore", "create"), ("create", "restore")} else None
    if verbs[:1] not in {("create",), ("apply",), ("replace",)}:
        return None
    for body in bodies(call):
        if _RESTORE_KIND.search(program.script.text, *body):
            return Creation(call, found, body)
    path = found.flags.get("-f") or found.flags.get("--filename")
    if path is not None and "restore" in path[0].lower():
        return Creation(call, found, elsewhere=True)
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


def assigned(program: Program, name: str, before: int) -> Word | None:
    """Return the last value that a variable is given before an offset."""
    found = None
    for call in program.calls:
        for variable, word in call.node.assignments:
            if variable == name and word.start < before:
                found = word
    return found


def verifies(program: Program, call: Call) -> bool:
    """Whether a command looks at the restored application or data, and can tell good from bad."""
    if call.name in _LOOKERS:
        return True
    texts = [word.text for word in call.arguments]
    if call.name == "curl":
        fails = any(text in {"--fail", "--fail-with-body"} or (re.match(r"-[A-Za-z]", text) and "f" in text[1:]) for text in texts)
        return not _sends(texts) and (bool(fails) or _judged(call))
    if call.name == "wget":
        return True
    found = options(call.arguments)
    verbs = [word.text for word in found.plain[:2]]
    if call.name == "helm":
        return verbs[:1] == ["test"]
    if call.name not in {"kubectl", "oc"} or not verbs or about_restore(program, call):
        return False
    match verbs[0]:
        case "rollout":
            return verbs[1:] == ["status"]
        case "exec" | "wait":
            return True
        case "run":
            return any(flag in found.flags for flag in ("--rm", "-i", "-it", "-ti", "--attach"))
        case "get" | "logs":
            return _judged(call) and not any("backup" in text for text in verbs)
        case _:
            return False


def _sends(texts: list[str]) -> bool:
    return any(text in {"-d", "--data", "-T", "--data-binary", "--data-raw", "--json", "-F", "PUT"} or text == "POST" for text in texts)


def _judged(call: Call) -> bool:
    """Whether another command judges the output: a grep or test after it, or one that it is an argument of."""
    for frame in reversed(call.path):
        if isinstance(frame.node, Pipeline):
            later = frame.node.commands[frame.position + 1 :]
            if any(simple.words and simple.words[0].text in {"grep", "egrep", "test", "jq"} for each in later for simple in simples(each)):
                return True
        if frame.role == "substitution" and isinstance(frame.node, Simple):
            return bool(frame.node.words) and frame.node.words[0].text in _TESTS
    return False


def deletes(call: Call) -> bool:
    """Whether a command removes what the test made."""
    verbs = [word.text for word in options(call.arguments).plain[:2]]
    if call.name in {"kubectl", "oc"}:
        return verbs[:1] == ["delete"]
    return call.name == "velero" and verbs in (["restore", "delete"], ["delete", "restore"])


def records(program: Program, call: Call, kept: tuple[str, ...]) -> bool:
    """Whether a command writes something down that outlives the job; ``kept`` are the directories where files do."""
    found = options(call.arguments)
    verbs = tuple(word.text for word in found.plain)
    for prefix in _RECORDERS.get(call.name, ()):
        if verbs[: len(prefix)] == prefix:
            return True
    if call.name in _COPIERS:
        return True
    if call.name in {"kubectl", "oc"} and verbs[:1] in {("apply",), ("create",)}:
        return any(_RECORD_KIND.search(program.script.text, *body) for body in bodies(call))
    if call.name == "curl":
        return any("pushgateway" in word.text or "/metrics/job/" in word.text for word in call.arguments)
    targets = [redirect.target.text for redirect in call.node.redirects if redirect.operator in {">", ">>", ">|"}]
    if call.name == "tee":
        targets.extend(verbs)
    return any(target == directory or target.startswith(directory.rstrip("/") + "/") for target in targets for directory in kept)


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
