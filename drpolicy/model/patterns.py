"""Regular expressions that are compiled when they are first used: a run needs few of the 250 that its modules name.

Compiling all of them took a tenth of a hook's time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from re import compile as deferred
else:

    class deferred:
        """A regular expression with the methods of a compiled one."""

        def __init__(self, text: str, flags: int = 0) -> None:
            self._written = text, flags

        def __getattr__(self, name: str) -> Any:
            # Found once: from then on the method is an attribute of its own, and as fast as a compiled pattern's.
            method = self.__dict__[name] = getattr(re.compile(*self._written), name)
            return method


__all__ = ["deferred"]
