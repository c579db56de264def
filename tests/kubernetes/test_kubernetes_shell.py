from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drpolicy.kubernetes.shell import parse_script
from drpolicy.kubernetes.shell_calls import calls, options, unwrapped
from drpolicy.kubernetes.shell_status import Fate, Program, fate
from drpolicy.kubernetes.shell_tree import Compound, simples
from drpolicy.kubernetes.shell_words import Operator, Redirect, Word, tokenize
from drpolicy.model.truth import Truth


def words(script: str) -> list[list[str]]:
    return [[word.text for word in simple.words] for simple in simples(parse_script(script).body)]


def names(script: str) -> list[str]:
    return [call.name for call in calls(parse_script(script)) if call.word is not None]


def test_quotes_are_removed_and_expansions_kept() -> None:
    script = """a'b c'"d $x \\" ${y:-z} $(date)"\\ e"""
    (token,) = tokenize(script, 0, 100).tokens
    assert isinstance(token, Word)
    assert token.text == 'ab cd $x " ${y:-z} $(date) e'
    assert token.variables == ("x", "y")
    assert [script[start:end] for start, end in token.inner] == ["date"]
    assert token.quoted and not token.literal


def test_a_comment_is_no_command_and_a_hash_in_a_word_no_comment() -> None:
    assert words("# rm -rf /\necho a#b # velero restore create\n#") == [["echo", "a#b"]]


def test_operators_and_redirections() -> None:
    tokens = tokenize("a 2>&1 >out|b;c&&d||e&", 0, 100).tokens
    assert [token.text for token in tokens if isinstance(token, Operator)] == ["|", ";", "&&", "||", "&"]
    assert [(token.operator, token.target.text) for token in tokens if isinstance(token, Redirect)] == [(">&", "1"), (">", "out")]


def test_a_here_document_is_the_body_of_its_redirection() -> None:
    script = "cat <<'EOF' | kubectl apply -f -\nkind: Restore\n  EOF\nEOF\necho done"
    parsed = parse_script(script)
    assert parsed.problems == ()
    redirect = next(simples(parsed.body)).redirects[0]
    assert redirect.body is not None
    assert script[slice(*redirect.body)] == "kind: Restore\n  EOF\n"
    assert words(script) == [["cat"], ["kubectl", "apply", "-f", "-"], ["echo", "done"]]


def test_compound_commands_nest() -> None:
    script = "if a; then b; elif c; then d; else e; fi\nfor i in 1 2; do f; done\n"
    script += 'until g; do h; done\ncase "$x" in y|z) i;; *) j;; esac\n{ k; }\n(l)\nm() { n; }'
    parsed = parse_script(script)
    assert parsed.problems == ()
    assert [each[0] for each in words(script)] == list("abcdefghijkln")
    kinds = [
        command.kind for item in parsed.body.items for _, pipe in item.items for command in pipe.commands if isinstance(command, Compound)
    ]
    assert kinds == ["if", "for", "until", "case", "group", "subshell", "function"]


def test_conditional_expressions_are_one_command() -> None:
    assert words("[[ $a == b && ( $c < d ) ]] || exit 1\n((i++ > 3)) && x") == [
        ["[[", "$a", "==", "b", "$c", "d", "]]"],
        ["exit", "1"],
        ["((", "i++", "3"],
        ["x"],
    ]


def test_calls_are_found_in_substitutions_traps_and_nested_shells() -> None:
    assert names("""X=$(a "$(b)") Y=`c`\ntrap 'd; e' EXIT\nbash -ec "f"\necho <(g)""") == [
        "b",
        "a",
        "c",
        "trap",
        "d",
        "e",
        "bash",
        "f",
        "g",
        "echo",
    ]


def test_wrappers_are_looked_through() -> None:
    (call,) = calls(parse_script("exec env -i A=b timeout -k 5 60 /usr/bin/kubectl get pods"))
    # The value of -k cannot be told from the duration without knowing every flag of timeout.
    assert call.name in {"kubectl", "60"}
    assert unwrapped(tuple(Word(text, 0, 0) for text in ("timeout", "60", "kubectl")))[0].text == "kubectl"


def test_options_are_told_from_arguments() -> None:
    found = options(next(iter(calls(parse_script("kubectl -n velero wait --for=delete pod/x --all -- -y")))).arguments)
    assert [word.text for word in found.plain] == ["wait", "pod/x", "-y"]
    assert {name: value for name, (value, _) in found.flags.items()} == {"-n": "velero", "--for": "delete", "--all": ""}


def test_a_container_variable_is_no_command() -> None:
    assert names("echo $(TARGET)") == ["echo"]


@pytest.mark.parametrize(
    "script", ["'a", '"a', "$(a", "${a", "`a", "a <<E\nb", "if a", "while", "case", "fi", ")", "a |", "a &&", "{ a", "f()", "((", "[["]
)
def test_what_is_not_closed_is_a_problem_and_no_failure(script: str) -> None:
    assert parse_script(script).problems != ()


@given(
    st.lists(
        st.sampled_from(
            [
                *"'\"$(){}`\\;&|<>#\n =ax",
                "if ",
                "then ",
                "fi\n",
                "do ",
                "done ",
                "case ",
                " in ",
                "esac",
                "<<E",
                "$((",
                "[[ ",
                "]]",
                "while ",
            ]
        )
    ).map("".join)
)
@example("<<a <<a\n")
@example("case x in ;; esac")
def test_any_text_is_read_and_every_place_is_inside_it(script: str) -> None:
    parsed = parse_script(script)
    program = Program(parsed)
    for call in program.calls:
        assert 0 <= call.start <= call.end <= len(script)
        found = fate(program, call)
        assert 0 <= found.start <= found.end <= len(script)


@pytest.mark.parametrize("piece", ["$(", "(", "if ", "`", "case x in ", "{ ", "'", "<<a\n", "a|", "a&&", "f() ", '"$(', "trap '"])
def test_deep_and_long_texts_end(piece: str) -> None:
    program = Program(parse_script(piece * 5000))
    assert len(program.calls) <= 5001


def decided(script: str, name: str = "check", *, errexit: bool = False) -> tuple[Truth, str, str]:
    program = Program(parse_script(script), errexit=errexit)
    found: Fate = fate(program, next(call for call in program.calls if call.name == name))
    return found.truth, script[found.start : found.end], found.why


@pytest.mark.parametrize(
    ("script", "truth", "deciding"),
    [
        ("check", Truth.TRUE, "check"),
        ("check\nlast", Truth.FALSE, "last"),
        ("set -e\ncheck\nlast", Truth.TRUE, "check"),
        ("set -o errexit\ncheck; last", Truth.TRUE, "check"),
        ("set -e\nset +e\ncheck\nlast", Truth.FALSE, "last"),
        ("check && last", Truth.TRUE, "check"),
        ("set -e\ncheck && x\nlast", Truth.FALSE, "last"),
        ("set -e\ncheck || true\nlast", Truth.FALSE, "true"),
        ("check || exit 1\nlast", Truth.TRUE, "exit 1"),
        ("check || exit 0\nlast", Truth.UNKNOWN, "exit 0"),
        ("check || { echo no; exit 2; }\nlast", Truth.TRUE, "{ echo no; exit 2; }"),
        ("check || FAILED=1\nlast\nexit $FAILED", Truth.TRUE, "FAILED=1"),
        ("die() { echo x; exit 1; }\ncheck || die\nlast", Truth.TRUE, "die"),
        ("check || recover\nlast", Truth.UNKNOWN, "recover"),
        ("set -e\ncheck | tee log\nlast", Truth.FALSE, "tee log"),
        ("set -eo pipefail\ncheck | tee log\nlast", Truth.TRUE, "check"),
        ("if ! check; then exit 1; fi\nlast", Truth.TRUE, "exit 1"),
        ("if check; then echo ok; fi\nlast", Truth.FALSE, "if check; then echo ok; fi"),
        ("set -e\n! check\nlast", Truth.FALSE, "last"),
        ("set -e\n{ check; more; } || echo no\nlast", Truth.FALSE, "more"),
        ("set -e\ncheck &\nlast", Truth.FALSE, "check"),
        ("set -e\nX=$(check)\nlast", Truth.TRUE, "check"),
        ("set -e\nX=$(check; more)\nlast", Truth.TRUE, "check"),
        ("set -e\n(check; more)\nlast", Truth.TRUE, "check"),
        ("set -e\n(check; more) || true\nlast", Truth.FALSE, "more"),
        ("set -e\necho $(check)\nlast", Truth.FALSE, "echo $(check)"),
        ("set -e\nsh -c 'check'\nlast", Truth.UNKNOWN, "sh -c 'check'"),
        ("check\nif [ $? -ne 0 ]; then exit 1; fi", Truth.TRUE, "if [ $? -ne 0 ]; then exit 1; fi"),
        ("set -e\ntrap check EXIT\nlast", Truth.UNKNOWN, "trap check EXIT"),
        ("set -e\nend() { clean; exit 0; }\ntrap end EXIT\ncheck\nlast", Truth.FALSE, "exit 0"),
        ("set -e\nf() { check; more; }\nf\nlast", Truth.TRUE, "f"),
        ("set -e\nf() { check; more; }\nif f; then exit 1; fi", Truth.FALSE, "more"),
        ("set -e\nf() { check; }\nlast", Truth.FALSE, "f() { check; }"),
        ("for i in 1 2; do check; done", Truth.UNKNOWN, "for i in 1 2; do check; done"),
    ],
)
def test_the_fate_of_a_failure(script: str, truth: Truth, deciding: str) -> None:
    assert decided(script)[:2] == (truth, deciding)


def test_the_interpreter_can_switch_errexit_on() -> None:
    assert decided("check\nlast", errexit=True) == (Truth.TRUE, "check", "set -e ends the script when it fails")


def test_a_loop_until_success_is_endless() -> None:
    program = Program(parse_script("until check; do sleep 5; done\nlast"))
    found = fate(program, program.calls[0])
    assert (found.truth, found.endless, found.why) == (Truth.FALSE, True, "the until loop never ends when it does not come true")
