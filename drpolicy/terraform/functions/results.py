"""The type of what a function gives, for those that give one primitive type whatever their arguments.

The types are those of ``terraform metadata functions`` 1.11 (``return_type``).
"""

from __future__ import annotations

from drpolicy.model.values import Primitive

_NAMES: dict[Primitive, str] = {
    "string": """
        abspath base64decode base64encode base64gzip base64sha256 base64sha512 basename bcrypt chomp cidrhost cidrnetmask cidrsubnet
        dirname file filebase64 filebase64sha256 filebase64sha512 filemd5 filesha1 filesha256 filesha512 formatdate indent join
        jsonencode lower md5 pathexpand plantimestamp replace rsadecrypt sha1 sha256 sha512 strrev substr textdecodebase64
        textencodebase64 timeadd timestamp title tostring trim trimprefix trimspace trimsuffix upper urlencode uuid uuidv5 yamlencode
    """,
    "number": "abs ceil floor length log max min pow signum timecmp tonumber",
    "bool": "alltrue anytrue can endswith fileexists issensitive startswith strcontains tobool",
}

RESULTS: dict[str, Primitive] = {name: type_ for type_, names in _NAMES.items() for name in names.split()}
"""The type by name of function; a function that is not here gives what its arguments decide."""
