"""Where one character that a reader sees ends: grapheme clusters, which Terraform counts strings in.

The rules are those of Unicode Standard Annex 29, extended grapheme clusters, version 15 (2026-11), as apparentlymart/go-textseg
has them. Most properties follow from the general category; the tables hold what does not.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import lru_cache

# Other_Grapheme_Extend, and the skin tones (emoji modifiers).
_EXTEND = frozenset(
    "\u09be\u09d7\u0b3e\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u1b35\u200c\u302e\u302f\uff9e\uff9f\U0001133e\U00011357"
    "\U000114b0\U000114bd\U000115af\U00011930\U0001d165\U0001d16e\U0001d16f\U0001d170\U0001d171\U0001d172"
) | frozenset(map(chr, [*range(0x1F3FB, 0x1F400), *range(0xE0020, 0xE0080)]))
_NOT_SPACING = frozenset(
    "\u102b\u102c\u1038\u1062\u1063\u1064\u1067\u1068\u1069\u106a\u106b\u106c\u106d\u1083\u1087\u1088\u1089\u108a\u108b\u108c\u108f\u109a"
    "\u109b\u109c\u1a61\u1a63\u1a64\uaa7b\uaa7d\U00011720\U00011721"
)
_SPACING = frozenset("\u0e33\u0eb3")
_PREPEND = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3\U0001193f\U00011941"
    "\U00011a3a\U00011a84\U00011a85\U00011a86\U00011a87\U00011a88\U00011a89\U00011d46\U00011f02"
)

# Extended_Pictographic, as first and last code points (emoji-data.txt 15.0).
_PICTOGRAPHIC = """
00A9 00A9 00AE 00AE 203C 203C 2049 2049 2122 2122 2139 2139 2194 2199 21A9 21AA 231A 231B 2328 2328 2388 2388 23CF 23CF 23E9 23F3 23F8 23FA
24C2 24C2 25AA 25AB 25B6 25B6 25C0 25C0 25FB 25FE 2600 2605 2607 2612 2614 2685 2690 2705 2708 2712 2714 2714 2716 2716 271D 271D 2721 2721
2728 2728 2733 2734 2744 2744 2747 2747 274C 274C 274E 274E 2753 2755 2757 2757 2763 2767 2795 2797 27A1 27A1 27B0 27B0 27BF 27BF 2934 2935
2B05 2B07 2B1B 2B1C 2B50 2B50 2B55 2B55 3030 3030 303D 303D 3297 3297 3299 3299 1F000 1F0FF 1F10D 1F10F 1F12F 1F12F 1F16C 1F171 1F17E 1F17F
1F18E 1F18E 1F191 1F19A 1F1AD 1F1E5 1F201 1F20F 1F21A 1F21A 1F22F 1F22F 1F232 1F23A 1F23C 1F23F 1F249 1F3FA 1F400 1F53D 1F546 1F64F
1F680 1F6FF 1F774 1F77F 1F7D5 1F7FF 1F80C 1F80F 1F848 1F84F 1F85A 1F85F 1F888 1F88F 1F8AE 1F8FF 1F90C 1F93A 1F93C 1F945 1F947 1FAFF
1FC00 1FFFD
"""
_BOUNDS = [int(each, 16) for each in _PICTOGRAPHIC.split()]
_FIRSTS, _LASTS = _BOUNDS[::2], _BOUNDS[1::2]


@lru_cache(maxsize=4096)
def _property(char: str) -> str:
    """Return the Grapheme_Cluster_Break of a character, or ``pictographic``."""
    point = ord(char)
    if char in "\r\n":
        return char
    if char == "\u200d":
        return "joiner"
    if char in _PREPEND:
        return "prepend"
    category = unicodedata.category(char)
    if char in _EXTEND or category in ("Mn", "Me"):
        return "extend"
    if char in _SPACING or (category == "Mc" and char not in _NOT_SPACING):
        return "spacing"
    if category in ("Cc", "Cf", "Zl", "Zp", "Cs"):
        return "control"
    if 0x1F1E6 <= point <= 0x1F1FF:
        return "flag"
    if 0x1100 <= point <= 0x115F or 0xA960 <= point <= 0xA97C:
        return "L"
    if 0x1160 <= point <= 0x11A7 or 0xD7B0 <= point <= 0xD7C6:
        return "V"
    if 0x11A8 <= point <= 0x11FF or 0xD7CB <= point <= 0xD7FB:
        return "T"
    if 0xAC00 <= point <= 0xD7A3:
        return "LV" if (point - 0xAC00) % 28 == 0 else "LVT"
    at = bisect_right(_FIRSTS, point) - 1
    return "pictographic" if at >= 0 and point <= _LASTS[at] else "other"


_HANGUL = {"L": ("L", "V", "LV", "LVT"), "LV": ("V", "T"), "V": ("V", "T"), "LVT": ("T",), "T": ("T",)}
_CONTROLS = ("\r", "\n", "control")


def graphemes(text: str) -> list[str]:
    """Return the grapheme clusters of a string, in order."""
    if text.isascii() and "\r\n" not in text:
        return list(text)
    clusters: list[str] = []
    start, flags, joined, emoji = 0, 0, False, False
    before = ""
    for at, char in enumerate(text):
        here = _property(char)
        if at and _breaks(before, here, joined, flags):
            clusters.append(text[start:at])
            start, flags, emoji = at, 0, False
        joined = emoji and here == "joiner"
        emoji = here == "pictographic" or (emoji and here in ("extend", "joiner"))
        flags = flags + 1 if here == "flag" else 0
        before = here
    if text:
        clusters.append(text[start:])
    return clusters


def _breaks(before: str, here: str, joined: bool, flags: int) -> bool:
    if before == "\r" and here == "\n":
        return False
    if before in _CONTROLS or here in _CONTROLS:
        return True
    if here in _HANGUL.get(before, ()) or here in ("extend", "joiner", "spacing") or before == "prepend":
        return False
    if joined and here == "pictographic":
        return False
    return not (before == here == "flag" and flags % 2 == 1)
