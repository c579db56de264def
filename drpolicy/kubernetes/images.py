"""What container images are known to carry. An image that is not in the table is not known: never guessed from its name."""

from __future__ import annotations

import re
from typing import Final, Literal

from drpolicy.model.patterns import deferred
from drpolicy.model.records import dataclass

_COREUTILS: Final = frozenset(
    {
        "awk", "base64", "basename", "cat", "chmod", "chown", "cp", "cut", "date", "dirname", "du", "env", "expr", "find", "grep",
        "egrep", "gzip", "head", "hostname", "id", "ln", "ls", "md5sum", "mkdir", "mktemp", "mv", "printenv", "pwd", "readlink", "rm",
        "rmdir", "sed", "seq", "sha256sum", "sleep", "sort", "stat", "tail", "tar", "tee", "timeout", "touch", "tr", "uname", "uniq",
        "wc", "whoami", "xargs", "yes",
    }
)  # fmt: skip
_CLIENTS: Final = frozenset(
    {
        "aws", "az", "gcloud", "gsutil", "curl", "docker", "drpolicy", "flux", "git", "helm", "jq", "kubectl", "mc", "mongo", "mongosh",
        "mysql", "mysqladmin", "mariadb", "nc", "oc", "openssl", "pg_isready", "pg_dump", "pg_restore", "psql", "python", "python3",
        "redis-cli", "ssh", "velero", "wget", "yq", "bats", "cqlsh", "clickhouse-client", "sqlcmd", "mongodump", "mysqldump",
        "mysqlcheck", "pytest", "k6", "newman", "nslookup", "dig", "host", "ping", "bc", "perl", "nodetool", "sqlplus", "etcdctl",
        "rclone", "s3cmd", "apk", "apt", "apt-get", "yum", "dnf", "pip", "pip3", "diff", "cmp", "envsubst", "gunzip", "zcat", "unzip",
        "less", "more", "ps", "kill", "watch", "shuf", "od", "xxd", "hexdump", "nproc", "df", "free", "top", "uptime", "numfmt", "tac",
        "rev", "paste", "join", "split", "comm", "nl", "fold", "fmt", "column", "truncate", "sync", "test", "realpath",
    }
)  # fmt: skip
BUILTINS: Final = frozenset(
    {
        ".", ":", "[", "[[", "((", "alias", "bg", "break", "case", "cd", "command", "continue", "echo", "eval", "exec", "exit", "export",
        "false", "fg", "getopts", "hash", "jobs", "kill", "let", "local", "printf", "pwd", "read", "readonly", "return", "set", "shift",
        "shopt", "source", "test", "times", "trap", "true", "type", "typeset", "declare", "ulimit", "umask", "unalias", "unset", "wait",
        "mapfile", "readarray", "time", "function",
    }
)  # fmt: skip
"""Built into the shell, or as good as (POSIX XCU 1.6 and 2.14, bash's manual)."""

KNOWN_COMMANDS: Final = BUILTINS | _COREUTILS | _CLIENTS
"""Commands whose part in a restore test is understood; any other may do anything."""


@dataclass(frozen=True, slots=True)
class Image:
    """What an image has.

    ``shells`` are the interpreters, ``carries`` the tools it has, ``lacks`` those it has not; of any other tool nothing is known,
    unless it is ``complete``. ``source`` says where that is from.
    """

    shells: frozenset[str]
    carries: frozenset[str]
    lacks: frozenset[str]
    source: str
    complete: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    repository: re.Pattern[str]
    tags: Literal["any", "since-1.7", "not-debug"]
    image: Image


def _row(repository: str, tags: Literal["any", "since-1.7", "not-debug"], image: Image) -> _Row:
    return _Row(re.compile(repository), tags, image)


_NONE: Final[frozenset[str]] = frozenset()
_FOREIGN: Final = frozenset({"kubectl", "velero", "aws", "psql", "mysql", "mongosh", "helm", "drpolicy"})

_IMAGES: Final = (
    _row(
        r"(?:velero|velero-io|vmware-tanzu)/velero",
        "since-1.7",
        Image(
            _NONE,
            frozenset({"/velero", "/velero-restore-helper", "/velero-helper"}),
            _NONE,
            "velero/velero has no shell since 1.7 (distroless, then Paketo run-tiny), and its program is /velero, which is not on PATH"
            " (Dockerfile of velero-io/velero, 2026-08; issue 4892)",
            complete=True,
        ),
    ),
    _row(
        r"gcr\.io/distroless/.+",
        "not-debug",
        Image(_NONE, _NONE, _FOREIGN | _COREUTILS, "distroless images hold no shell (README of GoogleContainerTools/distroless)"),
    ),
    _row(
        r"(?:bitnami|bitnamilegacy)/kubectl",
        "any",
        Image(
            frozenset({"sh", "bash"}),
            frozenset({"kubectl"}) | _COREUTILS,
            _FOREIGN - {"kubectl"},
            "bitnami/kubectl is Debian with kubectl, without velero (Dockerfile of bitnami/containers, bitnami/kubectl/1.28)",
        ),
    ),
    _row(
        r"(?:library/)?alpine",
        "any",
        Image(
            frozenset({"sh", "ash"}), _COREUTILS | {"wget", "nc"}, _FOREIGN | {"jq", "curl", "bash"}, "alpine holds busybox and apk only"
        ),
    ),
    _row(
        r"(?:library/)?busybox",
        "any",
        Image(frozenset({"sh", "ash"}), _COREUTILS | {"wget", "nc"}, _FOREIGN | {"jq", "curl", "bash"}, "busybox holds busybox only"),
    ),
    _row(
        r"amazon/aws-cli|public\.ecr\.aws/aws-cli/aws-cli",
        "any",
        Image(
            frozenset({"sh", "bash"}),
            frozenset({"aws"}),
            _FOREIGN - {"aws"},
            "amazon/aws-cli is Amazon Linux with the AWS CLI (docker/Dockerfile of aws/aws-cli, v2)",
        ),
    ),
)

_VERSION = deferred(r"v?(\d{1,6})\.(\d{1,6})(?:[.+-].*)?")


@dataclass(frozen=True, slots=True)
class ImageName:
    """The parts of an image reference; Docker Hub's own host is left out of the repository."""

    repository: str
    tag: str


def image_name(reference: str) -> ImageName:
    """Take an image reference apart. A missing tag is ``latest`` unless a digest is given, which leaves the tag empty."""
    bare, at, _ = reference.strip().partition("@")
    host, slash, path = bare.rpartition("/")
    name, colon, tag = path.partition(":")
    repository = f"{host}{slash}{name}"
    for prefix in ("docker.io/", "index.docker.io/", "registry-1.docker.io/"):
        repository = repository.removeprefix(prefix)
    return ImageName(repository, tag if colon else "" if at else "latest")


def attested_image(listed: str, source: str) -> Image:
    """Return the image that a list of programs describes. It is taken as the whole of what the image holds but for core utilities.

    Of these, where the list names a shell, nothing is said by leaving them out: whoever lists ``sh`` rarely lists ``sleep``.
    """
    named = frozenset(tool for tool in re.split(r"[,\s]+", listed) if tool)
    shells = frozenset(tool for tool in named if tool in {"sh", "bash", "ash", "dash", "zsh", "ksh"})
    # The one program that images keep outside PATH, see velero's own.
    aside = frozenset({"/velero"} if "velero" in named else ())
    return Image(shells, named | aside | (_COREUTILS if shells else _NONE), _NONE, source, complete=True)


def known_image(reference: str) -> Image | None:
    """Return what is known of an image; ``None`` when it is not in the table, or its tag does not say enough."""
    name = image_name(reference)
    for row in _IMAGES:
        if row.repository.fullmatch(name.repository) and _matches(row.tags, name.tag):
            return row.image
    return None


def _matches(tags: Literal["any", "since-1.7", "not-debug"], tag: str) -> bool:
    match tags:
        case "any":
            return True
        case "not-debug":
            return bool(tag) and not tag.startswith("debug")
        case "since-1.7":
            if tag in {"latest", "main"}:
                return True
            version = _VERSION.fullmatch(tag)
            return version is not None and (int(version[1]), int(version[2])) >= (1, 7)
