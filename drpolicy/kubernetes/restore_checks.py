"""The commands that look at what was restored, and can tell good from bad."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from drpolicy.kubernetes.restore_calls import Creation, about_restore
from drpolicy.kubernetes.restore_landing import Landing, is_open
from drpolicy.kubernetes.shell import parse_script
from drpolicy.kubernetes.shell_calls import SHELLS, Call, calls, options, unwrapped
from drpolicy.kubernetes.shell_status import Program
from drpolicy.kubernetes.shell_tree import Pipeline, Simple, simples
from drpolicy.kubernetes.shell_words import Word
from drpolicy.model.patterns import deferred
from drpolicy.model.truth import Truth, every, some

_TESTS: Final = frozenset({"[", "[[", "test", "(("})
_LOOKERS: Final = frozenset(
    {
        "psql", "mysql", "mysqladmin", "mysqlcheck", "mariadb", "mongo", "mongosh", "mc", "redis-cli", "pg_isready", "cqlsh",
        "clickhouse-client", "sqlcmd", "sqlplus", "etcdctl", "nodetool", "bats", "pytest", "k6", "newman", "nc",
    }
)  # fmt: skip
_IDLE: Final = frozenset(
    {
        "true", ":", "echo", "printf", "ls", "pwd", "date", "whoami", "hostname", "id", "uname", "sleep", "env", "printenv", "exit",
        "set", "cd", "export", "uptime", "ps", "df", "du",
    }
)  # fmt: skip
"""What succeeds in any container that runs, whatever data it has."""

_SILENT: Final = frozenset({"true", ":", "echo", "printf", "sleep", "exit", "set", "cd", "export"})
"""What says nothing of the container even to someone who reads its output."""

_ELSEWHERE: Final = (
    "slack.com", "discord.com", "discordapp.com", "hc-ping.com", "healthchecks.io", "pagerduty.com", "opsgenie.com", "telegram.org",
    "webhook.office.com", "chat.googleapis.com", "statuspage.io", "uptimerobot.com", "cronitor.link", "nosnch.in", "github.com",
    "githubusercontent.com", "dl.k8s.io", "get.helm.sh",
)  # fmt: skip
"""Domains of services that are told of results, or that tools are fetched from: never what was restored."""

_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})
_AUTHORITY = deferred(r"(?:[A-Za-z][A-Za-z0-9+.-]*+://)?([^/?#]*+)")
_PORT = deferred(r":(?:\d++|\$\w++)$")
_FAILING = deferred(r"-[A-Za-z]*f[A-Za-z]*")
_SENDING = deferred(
    r"-d.*|--data(?:-[a-z]+)?(?:=.*)?|-T.*|--upload-file(?:=.*)?|--json(?:=.*)?|-F.*|--form(?:-string)?(?:=.*)?|"
    r"(?:-X|--request=|--method=)?(?:POST|PUT|PATCH|DELETE)|--post-(?:data|file)(?:=.*)?|--body-(?:data|file)(?:=.*)?",
    re.DOTALL,
)
_VALUED: Final = {
    "curl": frozenset(
        {
            "-A", "-b", "-c", "-e", "-E", "-H", "-K", "-m", "-o", "-r", "-u", "-w", "-x", "-X", "-y", "-Y", "-z", "--cacert", "--capath",
            "--cert", "--connect-timeout", "--connect-to", "--cookie", "--header", "--key", "--max-time", "--noproxy", "--output",
            "--proxy", "--referer", "--request", "--resolve", "--retry", "--retry-delay", "--retry-max-time", "--user", "--user-agent",
            "--write-out", "--unix-socket",
        }
    ),
    "wget": frozenset(
        {"-a", "-e", "-o", "-O", "-P", "-t", "-T", "-U", "-w", "--header", "--output-document", "--timeout", "--tries", "--user-agent"}
    ),
}  # fmt: skip
"""Flags whose value is the next word (curl.1 and wget.1)."""


def verifies(program: Program, call: Call, made: Creation) -> Truth:
    """Whether a command looks at the restored application or data, and can tell good from bad."""
    if call.name in _LOOKERS:
        return Truth.TRUE
    if call.name in {"curl", "wget"}:
        return _fetches(program, call.name, call.arguments, made, within=False, judged=_judged(call))
    found = options(call.arguments)
    verbs = [word.text for word in found.plain[:2]]
    if call.name == "helm":
        return Truth.of(verbs[:1] == ["test"]) & _aimed(program, call, made)
    if call.name not in {"kubectl", "oc"} or not verbs or about_restore(program, call):
        return Truth.FALSE
    match verbs[0]:
        case "rollout":
            return Truth.of(verbs[1:] == ["status"]) & _aimed(program, call, made)
        case "exec":
            return _runs(program, _command(call, found.plain[2:]), made, _judged(call), within=True) & _aimed(program, call, made)
        case "wait":
            looks = found.flags.get("--for", ("", None))[0] != "delete" and not any("backup" in text for text in verbs)
            return Truth.of(looks) & _aimed(program, call, made)
        case "run":
            attached = any(flag in found.flags for flag in ("--rm", "-i", "-it", "-ti", "--attach"))
            command = _command(call, ())
            seen = _runs(program, command, made, _judged(call), within=False) if command else _aimed(program, call, made)
            return Truth.of(attached) & seen
        case "get" | "logs":
            return Truth.of(_judged(call) and not any("backup" in text for text in verbs)) & _aimed(program, call, made)
        case _:
            return Truth.FALSE


def _aimed(program: Program, call: Call, made: Creation) -> Truth:
    """Whether a command is about a restored namespace. One that names none fails where the application is not, so it is let pass."""
    flags = options(call.arguments).flags
    given = flags.get("-n") or flags.get("--namespace")
    if given is None:
        return Truth.UNKNOWN if "-A" in flags or "--all-namespaces" in flags else Truth.TRUE
    return made.landing.holds(made.landing.resolved(program, given[0]))


def _command(call: Call, otherwise: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return what a command has run in a container: all that follows ``--``."""
    texts = [word.text for word in call.arguments]
    return call.arguments[texts.index("--") + 1 :] if "--" in texts else otherwise


def _runs(program: Program, words: tuple[Word, ...], made: Creation, judged: bool, *, within: bool, depth: int = 0) -> Truth:
    """Whether what is run in a container looks at something there; ``judged`` when another command reads its output."""
    words = unwrapped(words)
    if not words:
        return Truth.FALSE
    name = words[0].text.rpartition("/")[2]
    if is_open(name):
        return Truth.UNKNOWN
    if name in SHELLS:
        script = next((following for word, following in pairwise(words) if _takes_script(word.text)), None)
        if script is None:
            return Truth.TRUE if len(words) > 1 else Truth.FALSE
        if depth > 2:
            return Truth.UNKNOWN
        inner = calls(parse_script(script.text))
        return some(
            _runs(program, (each.word, *each.arguments), made, judged or _judged(each), within=within, depth=depth + 1)
            for each in inner
            if each.word is not None
        )
    if name in {"curl", "wget"}:
        return _fetches(program, name, words[1:], made, within=within, judged=judged)
    return Truth.of(name not in (_SILENT if judged else _IDLE))


def _takes_script(text: str) -> bool:
    return text.startswith("-") and not text.startswith("--") and text.endswith("c")


def _fetches(program: Program, name: str, arguments: tuple[Word, ...], made: Creation, *, within: bool, judged: bool) -> Truth:
    """Whether curl or wget fetches something from what was restored, and fails when that is not well."""
    texts = [word.text for word in arguments]
    if any(_SENDING.fullmatch(text) for text in texts):
        return Truth.FALSE
    # wget fails by itself on an answer that is an error.
    fails = name == "wget" or any(text in {"--fail", "--fail-with-body"} or _FAILING.fullmatch(text) for text in texts)
    if not fails and not judged:
        return Truth.FALSE
    landed = [host_restored(program, made.landing, url, within=within) for url in _addresses(name, texts)]
    return some(landed) if landed else Truth.UNKNOWN


def _addresses(name: str, texts: list[str]) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(texts):
        text = texts[at]
        at += 1
        if text == "--url" and at < len(texts):
            found.append(texts[at])
            at += 1
        elif text.startswith("--url="):
            found.append(text.removeprefix("--url="))
        elif text in _VALUED[name]:
            at += 1
        elif text.startswith("-") and not text.startswith("--") and f"-{text[-1]}" in _VALUED[name] and len(text) > 2:
            # Letters in one word, of which the last takes a value: -fsSo /dev/null; or the value is in the word itself: -m10.
            at += 1 if text[1:].isalpha() and not text.startswith(("-O", "-o")) else 0
        elif not text.startswith("-"):
            found.append(text)
    return found


def host_restored(program: Program, landing: Landing, url: str, *, within: bool) -> Truth:
    """Whether the host of a URL is part of what was restored. ``within``: it is fetched from inside a restored container.

    Names of Services are those of "DNS for Services and Pods" (Kubernetes documentation): ``name.namespace.svc.cluster.local``, of
    which all after the name may be left out.
    """
    match = _AUTHORITY.match(landing.resolved(program, url))
    host = _PORT.sub("", match[1].rpartition("@")[2]) if match is not None else ""
    host = host.removeprefix("[").removesuffix("]").rstrip(".")
    if not host or "${" in host or "$(" in host or "`" in host or "{{" in host:
        return Truth.UNKNOWN
    if host.lower() in _LOCAL:
        return Truth.TRUE if within else _forwarded(program, landing)
    labels = host.split(".")
    if "svc" in labels[2:]:
        return landing.holds(labels[labels.index("svc", 2) - 1])
    if len(labels) == 1:
        return Truth.TRUE if within and not is_open(host) else Truth.UNKNOWN
    if len(labels) == 2 and landing.holds(labels[1]) is Truth.TRUE:
        return Truth.TRUE
    apart = any(host.lower() == domain or host.lower().endswith(f".{domain}") for domain in _ELSEWHERE)
    return Truth.FALSE if apart else Truth.UNKNOWN


def _forwarded(program: Program, landing: Landing) -> Truth:
    """Whether a port of what was restored is forwarded to the job's own pod; without any, another container may do so."""
    found: list[Truth] = []
    for call in program.calls:
        given = options(call.arguments)
        if call.name in {"kubectl", "oc"} and [word.text for word in given.plain[:1]] == ["port-forward"]:
            namespace = given.flags.get("-n") or given.flags.get("--namespace")
            found.append(Truth.TRUE if namespace is None else landing.holds(landing.resolved(program, namespace[0])))
    if not found or (every(found) is Truth.FALSE and some(found) is Truth.TRUE):
        return Truth.UNKNOWN
    return some(found)


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
