"""The expressions of ``golden/*.txt`` by the function or syntax form that they are about, and the files that they read.

A line is an expression; ``⏎`` in it is a newline. A line that begins with ``## `` names the section.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent / "golden"
ANSWERS = HERE / "answers.json"

FILES: dict[str, bytes] = {
    "hello.txt": b"Hello\n",
    "crlf.txt": b"a\r\nb\r\n",
    "bom.txt": b"\xef\xbb\xbfa\n",
    "unicode.txt": "e\u0301 é\n".encode(),
    "binary.bin": base64.b64decode("AP+A/g=="),
    "sub/a.tpl": b"Hello ${name}!\n",
    "sub/loop.tpl": b"%{ for x in items ~}\n- ${x}\n%{ endfor ~}\n",
    "sub/lone.tpl": b"${list}",
    "sub/bad.tpl": b"a ${ b\n",
    "sub/recursive.tpl": b'${templatefile("sub/a.tpl", {})}',
    "sub/call.tpl": b"${upper(a)}-${jsonencode([a])}\n",
    "sub/path.tpl": b"${path.module}",
    "sub/quotes.tpl": b'a "b" \\n $${c} %%{d}\n',
    "sub/strip.tpl": b"  %{ if on ~}\n  yes\n  %{~ else ~}\n  no\n  %{~ endif }\n",
    "sub/plain.txt": b"x",
}
"""What stands beside ``main.tf``."""


_SHORT_CIRCUIT = "since Terraform 1.12 the second operand is not evaluated when the first decides, and nothing is lost by it before"
_INFINITE = "infinity is a value to Terraform, which jsonencode refuses; here it is a limit"
_NOT_THERE = "Terraform may run after another program has written the file, so this is Unknown"
_MARKS = "whether a value is sensitive or ephemeral is not followed"
_IPV4_IN_IPV6 = "Terraform takes such addresses for IPv4 in one place and for IPv6 in the next"
_GZIP = "the bytes depend on the compressor of one version of Go"

EXCLUDED: dict[str, str] = {
    **dict.fromkeys(("false && null", "true || null", 'true || "x"', 'false && "x"', "true || [][0]", "false && [][0]"), _SHORT_CIRCUIT),
    **dict.fromkeys(("1 / 0", "5 / 0", "try(1/0, 5)"), _INFINITE),
    **dict.fromkeys(
        ('file("missing.txt")', 'file("hello.txt ")', 'fileexists("missing.txt")', 'templatefile("missing.tpl", {})'), _NOT_THERE
    ),
    **dict.fromkeys(('filebase64("missing.txt")', 'filemd5("missing.txt")', 'fileset("missing", "*")'), _NOT_THERE),
    **dict.fromkeys(('issensitive("a")', 'issensitive(sensitive("a"))', "issensitive(null)"), _MARKS),
    **dict.fromkeys(('ephemeralasnull("a")', "ephemeralasnull(null)"), _MARKS),
    **dict.fromkeys(('cidrhost("::ffff:10.0.0.0/120", 1)', 'cidrsubnets("::ffff:10.0.0.0/112", 4, 8)'), _IPV4_IN_IPV6),
    **dict.fromkeys(('base64gzip("hello")', 'base64gzip("")', f'base64gzip("{42 * "a"}")'), _GZIP),
    **dict.fromkeys(('textencodebase64("€", "GBK")', 'textdecodebase64("gA==", "GBK")'), "Python's GBK has no euro sign"),
    'fileset(".", "**")': "the state and its lock that the console itself writes",
    'cidrsubnet("10.0.0.0/8", 8, -1)': "what Terraform gives is no subnet of the prefix",
    'cidrsubnet("10.0.0.0/8", 8, -256)': "what Terraform gives is no subnet of the prefix",
    'cidrsubnet("10.0.0.0/8", 8, -257)': "what Terraform gives is no subnet of the prefix",
    'cidrsubnet("10.0.0.0/8", -1, 0)': "what Terraform gives is no subnet of the prefix",
    'can(provider::aws::arn_parse("x"))': "the console had no providers; the answer happens to be the same",
    "can(nosuch(1))": "a later Terraform may have the function",
    "try(nosuch(1), 2)": "a later Terraform may have the function",
    'length(bcrypt("a"))': "the hash is salted, and its length is not worth knowing",
    "var.nosuch": "an undeclared variable is Unknown, as it may be declared in a file that was not read",
    'tonumber("1p3")': "hexadecimal exponents are read by Go alone",
    'tonumber("1e99999")': "larger than is evaluated",
    'regex("\\\\p{Greek}+", "abγδ")': "Python's character data has no scripts",
}
"""Where we are known to differ, and why. We are Unknown in all of them but the first, or refuse."""


class Row(NamedTuple):
    """One expression, and the file and section that it stands in."""

    file: str
    section: str
    expression: str


def corpus() -> Iterator[Row]:
    """Yield every expression once, in order."""
    seen: set[str] = set()
    for path in sorted(HERE.glob("*.txt")):
        section = ""
        for line in path.read_text("utf-8").split("\n"):
            if line.startswith("## "):
                section = line[3:]
            elif line and line not in seen:
                seen.add(line)
                yield Row(path.stem, section, line.replace("⏎", "\n"))
