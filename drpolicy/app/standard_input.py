"""What standard input has to hold to be judged: Kubernetes objects, and nothing else.

A renderer that fails writes nothing, an error message, or the half of a document. In a pipe nobody sees its exit code, so each of
these would read as a cluster where all is well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drpolicy.kubernetes.objects import end_of_names
from drpolicy.model.findings import Diagnostic
from drpolicy.model.spans import Source
from drpolicy.model.values import Absent, Known, Object
from drpolicy.sources.documents import Document, Documents
from drpolicy.sources.json_documents import json_document
from drpolicy.sources.problems import Problem
from drpolicy.sources.reading import decoded, utf8

_ADVICE = "see why its writer failed ('set -o pipefail' makes that fail the pipe)"


def with_standard_input(diagnostics: Iterable[Diagnostic], path: str, data: bytes) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of a run with those of standard input, which was read as ``path``.

    Files of a tree may be anything; what was asked for as manifests has to be manifests, so that here each problem is an error.
    """
    source = decoded(path, utf8(data))
    kept = [each for each in diagnostics if each.path != path and (each.span is None or each.span.path != path or not _of_text(each))]
    if isinstance(source, Problem):
        return (*kept, _error(source.code, source.message, source))
    return (*kept, *_problems(source, len(data)))


def _of_text(diagnostic: Diagnostic) -> bool:
    """Whether a diagnostic says that a text is not YAML or JSON: it is said here, of each document."""
    return diagnostic.code.startswith(("yaml-", "json-"))


def _problems(source: Source, size: int) -> Iterator[Diagnostic]:
    read = _documents(source)
    objects = [each for each in read.documents if _is_object(each)]
    for problem in read.problems:
        yield _error(problem.code, f"standard input: {problem.message}", problem)
    if not source.text.strip():
        message = f"standard input is empty ({_count(size, 'byte')}): no manifest was judged; {_ADVICE}"
        yield Diagnostic("error", "standard-input-empty", message, source.span(0, 0), source.path, "incomplete")
    elif not objects and not read.problems:
        lines = _count(source.text.rstrip().count("\n") + 1, "line")
        what = f"standard input holds no Kubernetes object ({_count(size, 'byte')} in {lines}): no manifest was judged"
        yield Diagnostic("error", "standard-input-empty", f"{what}; {_ADVICE}", source.span(0, 0), source.path, "incomplete")
    elif objects:
        for document in read.documents:
            if not _is_object(document) and not _is_nothing(document):
                message = "standard input: this document is no Kubernetes object, it lacks apiVersion or kind, and was not judged"
                yield Diagnostic("error", "standard-input-foreign", message, document.span, source.path, "incomplete")


def _documents(source: Source) -> Documents:
    if source.path.endswith(".json"):
        return json_document(source)
    from drpolicy.sources.yaml_documents import documents, is_yaml

    # Of what is YAML the names tell enough; of anything else each problem is wanted.
    return documents(source, until=_end_of_names) if is_yaml(source) else documents(source)


def _end_of_names(document: str) -> int | None:
    return end_of_names(document, lambda group, kind: False)


def _is_object(document: Document) -> bool:
    root = document.root.value if isinstance(document.root, Known) else None
    return isinstance(root, Object) and {"apiVersion", "kind"} <= root.fields.keys()


def _is_nothing(document: Document) -> bool:
    """Whether a document holds only comments, as what a chart leaves of a template that a condition switches off."""
    return isinstance(document.root, Absent) or (isinstance(document.root, Known) and document.root.value is None)


def _error(code: str, message: str, problem: Problem) -> Diagnostic:
    return Diagnostic("error", code, message, problem.span, problem.path, "incomplete")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
