"""Where everything is known, a condition gives what Google's CEL gives, or both give an error."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import pytest
from cel_expr_python import cel
from cel_generate import Generator
from hypothesis import given, settings
from hypothesis import strategies as st

from drpolicy.cel import CelError, Program, compile_expression
from drpolicy.cel.types import BOOL, DOUBLE, DYN, INT, STRING, List, Map, Type
from drpolicy.model.values import Members

OURS: dict[str, Type] = {"b": BOOL, "s": STRING, "t": STRING, "i": INT, "j": INT, "d": DOUBLE, "l": List(STRING), "m": Map(DYN)}
THEIRS = cel.NewEnv(
    variables={
        "b": cel.Type.BOOL,
        "s": cel.Type.STRING,
        "t": cel.Type.STRING,
        "i": cel.Type.INT,
        "j": cel.Type.INT,
        "d": cel.Type.DOUBLE,
        "l": cel.Type.List(cel.Type.STRING),
        "m": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
    }
)
SCOPES: list[dict[str, Any]] = [
    {"b": True, "s": "eu", "t": "orders-a", "i": 3, "j": 0, "d": 1.5, "l": ["eu", "a"], "m": {"x": 1, "eu": 2, "": 2.5}},
    {"b": False, "s": "", "t": "é", "i": -7, "j": 2, "d": -0.0, "l": [], "m": {"y": None, "orders": "eu"}},
]


CONDITIONS = r"""
1 + 2 * 3 - 4 / 3 % 2
(1 + 2) * 3
-5 % 3
-5 / 3
5 / -3
9223372036854775807 + 1
-9223372036854775808
--5
-9223372036854775808 / -1
-9223372036854775808 % -1
-(-9223372036854775808)
0x1F
1e3
.5
5.0 / 0.0
0.0 / 0.0
true ? 1 : 2
true && false || true
!true || true
!!true
1 == 1.0
1 < 1.5
'a' < 'b'
false < true
[1] + [2]
[1, 2] == [1, 2]
[1] == [2]
[] == [1]
{} == {'a': 1}
{'a': 1} == {'a': 1}
{'a': 1}.a
{'a': 1}['b']
[1][0]
[1][1]
[1][-1]
'a' in ['a']
'a' in {'a': 1}
1 in [1, 2]
has({'a': 1}.a)
has(m.x)
has(m.x.y)
m.y == null
m.x == 1
m.x == 1.0
m.x + 1
m.x + 'a'
m.x && true
m.x || true
true || m.x
m.x ? 1 : 2
m.x < 'a'
m.zz == 1 || true
m.zz == 1 && false
false && m.zz == 1
[1, 2, 3].all(x, x > 0)
[1, 0].exists(x, 1 / x == 1)
[0, 1].exists(x, 1 / x == 1)
[0, 1].all(x, 1 / x == 2)
[1, 2].exists_one(x, x == 1)
[1, 0].exists_one(x, 1 / x == 1)
[1, 2].map(x, x * 2)
[1, 0].map(x, 1 / x)
[1, 2].filter(x, x > 1)
[0, 1].filter(x, 1 / x == 1)
{'a': 1}.exists(k, k == 'a')
[[1, 2], [3]].map(x, x.size())
size('é€😀')
'é€😀'.size()
'abc'.startsWith('')
'abc'.contains('bc')
'abc'.matches('^b')
'abc'.matches('b.$')
'a\nb'.matches('a.b')
''.matches('$^')
'abc'.matches('(')
string(1.0)
string(1e21)
string(1e6)
string(123456.75)
string(0.0001)
string(0.00001234)
string(-0.0)
string(1.5e300)
string(12345678.9)
string(true)
string(-3)
string('a')
int('5')
int(' 5')
int('5x')
int(1.9)
int(-1.9)
int(1e19)
int('0x10')
int('1_0')
int('9223372036854775808')
double('1e3')
double('abc')
double('')
double(3)
double('.5')
double('5.')
double('1_0')
'\x41\u00e9\U0001F600\101\n\''
r'\d'
"a\"b"
'a' + 'b'
duration('1h') > duration('59m')
duration('1h') + duration('1m') == duration('61m')
duration('1h') - duration('1m') < duration('1h')
1 in 2
'a' + 1
!1
-'a'
unknown
s.foo()
size(1)
{'a': 1, 'a': 2}
a b
1 +
(
[1, 2
'open
1 ? 2 : 3
m.?x
null == null
i == null
[1, 'a'][1]
// nothing
1 // one
[1,]
{'a': 1,}
in
s.in
m.package
package
m['x']
m[1]
l[0.5]
l[0]
l.size() == 2 ? l[1] : s
s.matches(t)
"""


def theirs(text: str, scope: dict[str, Any]) -> Any:
    try:
        result = THEIRS.compile(text).eval(data=scope)
    except RuntimeError:
        return "error"
    return "error" if result.type() == cel.Type.ERROR else plain(result.plain_value() if hasattr(result, "plain_value") else result.value())


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(getattr(each, "value", lambda each=each: each)()) for each in value]
    if isinstance(value, dict):
        return {key: plain(getattr(each, "value", lambda each=each: each)()) for key, each in value.items()}
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def ours(text: str, scope: dict[str, Any]) -> Any:
    program = compile_expression(text, OURS)
    if not isinstance(program, Program):
        return "error"
    result = program.evaluate(scope)
    if isinstance(result, Members):
        result = list(result)
    return "error" if isinstance(result, CelError) else plain(result)


def same(one: Any, other: Any) -> bool:
    return repr(one) == repr(other)


@given(st.integers(0, 2**48), st.sampled_from(SCOPES))
@settings(max_examples=300, deadline=None)
def test_random_conditions_agree(seed: int, scope: dict[str, Any]) -> None:
    random = Random(seed)
    text = Generator(random, estate=False).boolean(random.randrange(1, 5))
    assert same(ours(text, scope), theirs(text, scope)), (seed, text)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(
    "text",
    CONDITIONS.strip().splitlines(),
)
def test_the_language_agrees(text: str, scope: dict[str, Any]) -> None:
    assert same(ours(text, scope), theirs(text, scope))


@given(st.text(alphabet="ab-e.", max_size=8), st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_patterns_agree(text: str, seed: int) -> None:
    random = Random(seed)
    pieces = ["a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab)", "^", "$", r"\.", r"\w", r"\D", "e", "[a-e-]", "(a*)", "|"]
    marks = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}", "*?"]
    regex = "".join(random.choice(pieces) + random.choice(marks) for _ in range(random.randrange(1, 5)))
    condition = f"'{text}'.matches(r'{regex}')"
    assert same(ours(condition, {}), theirs(condition, {})), condition
