"""Damage to Terraform files, by a seeded random source: what editors, merges, attackers and disks do to text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

PIECES: Sequence[bytes] = (
    b'"', b"'", b"{", b"}", b"[", b"]", b"(", b")", b"${", b"%{", b"%{ if x }", b"%{ for x in y }", b"~}", b"<<EOF\n", b"<<-EOF\n",
    b"EOF\n", b"/*", b"*/", b"#", b"//", b"\\", b"\\u12", b"\\U0010ffff", b"$${", b"%%{", b"\t", b"\n", b"\r", b"\r\n", b"\n\n",
    b" ", b"=", b"==", b"=>", b"?", b":", b"...", b".", b",", b"!", b"-", b"*", b"[*]", b".*.", b"&&", b"||", b">=", b"null",
    b"true", b"[]", b"{}", b"()", b"-1", b"1e999", b"9" * 400, b"0x1f", b"1.", b"for x in ", b"for k, v in ", b" if ",
    b"each.value", b"count.index", b"self.x", b"var.x", b"local.x", b"module.x.y", b"data.x.y.z", b"path.module",
    b"terraform.workspace", b'dynamic "x" {\n', b"count = 3\n", b"for_each = {}\n", b"provider = aws.x\n", b'source = "."\n',
    b'source = "../.."\n', b"range(1000000)", b"setproduct(x, x, x)", b'file("../../../etc/passwd")',
    b'templatefile("main.tf", {})', b"jsonencode(local)", b"\0", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80",
    "\u202e한글\u2028\x85".encode(), b"\x1b[2J", b"<<<<<<< HEAD\n", b"=======\n", b">>>>>>> other\n",
)  # fmt: skip


def _slice(text: bytes, random: Random, most: int = 400) -> tuple[int, int]:
    start = random.randint(0, len(text))
    return start, min(len(text), start + random.randint(0, most))


def _flipped(text: bytes, other: bytes, random: Random) -> bytes:
    if not text:
        return text
    at = random.randrange(len(text))
    return text[:at] + bytes([text[at] ^ (1 << random.randrange(8))]) + text[at + 1 :]


def _dropped(text: bytes, other: bytes, random: Random) -> bytes:
    start, end = _slice(text, random)
    return text[:start] + text[end:]


def _doubled(text: bytes, other: bytes, random: Random) -> bytes:
    start, end = _slice(text, random)
    return text[:end] + text[start:end] * random.choice((1, 2, 5, 40)) + text[end:]


def _moved(text: bytes, other: bytes, random: Random) -> bytes:
    start, end = _slice(text, random)
    rest = text[:start] + text[end:]
    at = random.randint(0, len(rest))
    return rest[:at] + text[start:end] + rest[at:]


def _inserted(text: bytes, other: bytes, random: Random) -> bytes:
    at = random.randint(0, len(text))
    return text[:at] + random.choice(PIECES) * random.choice((1, 1, 1, 3, 300)) + text[at:]


def _replaced(text: bytes, other: bytes, random: Random) -> bytes:
    start, end = _slice(text, random, 12)
    return text[:start] + random.choice(PIECES) + text[end:]


def _spliced(text: bytes, other: bytes, random: Random) -> bytes:
    start, end = _slice(other, random, 4000)
    at = random.randint(0, len(text))
    return text[:at] + other[start:end] + text[at:]


def _nested(text: bytes, other: bytes, random: Random) -> bytes:
    start, end = _slice(text, random)
    opening, closing = random.choice(
        ((b"(", b")"), (b"[", b"]"), (b"{ x = ", b"}"), (b'"${', b'}"'), (b"x {\n", b"\n}\n"), (b"f(", b")"), (b"!", b""))
    )
    times = random.choice((2, 30, 150, 250, 1000))
    return text[:start] + opening * times + text[start:end] + closing * times + text[end:]


def _cut(text: bytes, other: bytes, random: Random) -> bytes:
    return text[: random.randint(0, len(text))]


MUTATIONS: Sequence[Callable[[bytes, bytes, Random], bytes]] = (
    _flipped,
    _dropped,
    _doubled,
    _moved,
    _inserted,
    _replaced,
    _spliced,
    _nested,
    _cut,
)


def mutated(text: bytes, other: bytes, random: Random) -> bytes:
    """Return a text with a few mutations; ``other`` is what is spliced in. The result is at most a few times as long."""
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        text = random.choice(MUTATIONS)(text, other, random)
        if len(text) > 2_000_000:
            break
    return text
