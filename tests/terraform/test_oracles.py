"""The readers of tests in other checkouts, on small checkouts of our own."""

from __future__ import annotations

from pathlib import Path

from oracle_specsuite import compared as compared_with_specsuite
from oracle_tables import REFUSED, UNKNOWN, Case, Skipped, cases
from oracle_tables import compared as compared_with_tables

EXPRESSIONS = """package lang

func TestFunctions(t *testing.T) {
	tests := map[string][]struct {
		src  string
		want cty.Value
	}{
		// A comment.
		"upper": {
			{
				`upper("a")`,
				cty.StringVal("A"),
			},
			{
				fmt.Sprintf("upper(%#v)", Text),
				cty.StringVal("B\\"C\\n"),
			},
			{`upper(local.given)`, cty.StringVal("wrong")},
			{`upper("d")`, cty.StringVal(now())},
		},
		"setunion": {
			{`setunion(["b"], ["a"])`, cty.SetVal([]cty.Value{cty.StringVal("b"), cty.StringVal("a")})},
		},
	}
	data := &dataForTests{
		LocalValues: map[string]cty.Value{
			"given": cty.StringVal("${x}"),
		},
	}
}

const (
	Text = `b"c
`
)
"""

ARGUMENTS = """package funcs

func TestStartsWith(t *testing.T) {
	name := cty.StringVal("ab")
	tests := []struct {
		String, Prefix cty.Value
		Want           cty.Value
		Err            string
	}{
		{name, cty.StringVal("a"), cty.True, ``},
		{cty.UnknownVal(cty.String).RefineNotNull(), cty.StringVal("a").Mark("m"), cty.UnknownVal(cty.Bool), ``},
		{cty.NumberIntVal(1), cty.EmptyTupleVal, cty.NilVal, `a message`},
		{cty.StringVal("é"), cty.Func(), cty.True, ``},
	}
}

func TestSensitive(t *testing.T) {
}
"""


def checkout(root: Path) -> Path:
    lang = root / "internal" / "lang"
    (lang / "funcs").mkdir(parents=True)
    (lang / "functions_test.go").write_text(EXPRESSIONS, "utf-8")
    (lang / "funcs" / "string_test.go").write_text(ARGUMENTS, "utf-8")
    return root


def test_rows_of_tables(tmp_path: Path) -> None:
    found = list(cases(checkout(tmp_path)))
    assert [(each.function, each.expression, each.expected) for each in found if isinstance(each, Case)] == [
        ("upper", 'upper("a")', "A"),
        ("upper", 'upper("b\\"c\\n")', 'B"C\n'),
        ("upper", "upper(local.given)", "wrong"),
        ("setunion", 'setunion(["b"], ["a"])', ["a", "b"]),
        ("startswith", 'startswith("ab", "a")', True),
        ("startswith", 'startswith(var.unknown0, "a")', UNKNOWN),
        ("startswith", "startswith(1, [])", REFUSED),
    ]
    assert [each.function for each in found if isinstance(each, Skipped)] == ["upper", "startswith", "sensitive"]


def test_a_difference_from_a_table_is_told(tmp_path: Path) -> None:
    found = list(compared_with_tables(checkout(tmp_path), None))
    assert [(case, difference) for _, case, difference, why in found if difference is not None and why is None] == [
        ("upper(local.given)", '"${X}", but is wrong')
    ]


def test_the_suite_of_hcl(tmp_path: Path) -> None:
    tests = tmp_path / "specsuite" / "tests" / "structure"
    tests.mkdir(parents=True)
    place = "diagnostics {\n  error {\n    from {\n      line = 1\n      column = %d\n      byte = 0\n    }\n  }\n}\n"
    for name, text, test in (
        (
            "good",
            'a = "x${bar}"\nb "one" {\n  c = 1 + 1\n}\n',
            'result = {\n  a = "xBar"\n  b = {\n    one = {\n      c = 2\n    }\n  }\n}\n',
        ),
        ("other", "a = 1\n", "result = {\n  a = 2\n}\n"),
        ("bad", "a = 1, b = 2\n", place % 6),
        ("elsewhere", "a = 1, b = 2\n", place % 7),
    ):
        (tests / f"{name}.hcl").write_text(text, "utf-8")
        (tests / f"{name}.hcldec").write_text('variables {\n  bar = "Bar"\n}\n', "utf-8")
        (tests / f"{name}.t").write_text(test, "utf-8")
    assert {name: difference for _, name, difference, _ in compared_with_specsuite(tmp_path)} == {
        "structure/good": None,
        "structure/other": '{"a":1}, but is {"a":2}',
        "structure/bad": None,
        "structure/elsewhere": "problems at [(1, 6)], but are at [(1, 7)]",
    }
