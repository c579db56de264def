"""Where an expression is evaluated: the run, the deployment, the module instance, and the names that are bound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, field
from drpolicy.model.spans import Source, Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Unknown, Value
from drpolicy.sources.trees import Tree
from drpolicy.terraform.files import Body, Declaration, Expr, Module, ModuleLibrary, TerraformProblem
from drpolicy.terraform.stubs import Stubs
from drpolicy.terraform.tree import Expression
from drpolicy.terraform.unknowns import EvaluationError, Exhausted, TooLarge, extended

if TYPE_CHECKING:
    from drpolicy.terraform.functions.table import Function

DEPTH_LIMIT = 150
"""Expressions nested in each other, across references. Python's own recursion limit allows several times as many frames."""

STEP_LIMIT = 200_000
"""Expressions evaluated in one deployment, repetitions in ``for`` included."""


PROBLEM_LIMIT = 100
"""Problems of one file that are reported."""


@dataclass(frozen=True, slots=True)
class GivenText:
    """The text that is given for a variable outside any file; ``by`` says how: ``--var region``, ``TF_VAR_region``."""

    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """One set of inputs of a root. Paths are relative to the tree; later var-files win, ``variables`` win over them."""

    var_files: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    workspace: str | None = None
    name: str | None = None
    """The deployment's name; by default the path of the root."""
    environment: Value[str] | None = None
    """The environment that the configuration gives it."""
    account: Value[str] | None = None
    """The account that the configuration gives it."""
    implied: bool = False
    """Whether nobody lists it: the var-files of the root imply it."""


@dataclass(slots=True, eq=False)
class Run:
    """What one load shares and counts. Everything else is immutable or belongs to one module instance."""

    tree: Tree
    library: ModuleLibrary
    parse: Callable[[str], Expression]
    parse_template: Callable[[str], Expression]
    """Reads a template that stands in no quotes."""

    evaluate: Callable[[Expression, Frame], Value[Any]]
    stubs: Stubs
    """Modules that describe sources which are not on disk."""

    roots: list[Scope] = field(default_factory=list)
    """Every deployment of the load: what ``terraform_remote_state`` may read."""

    problems: list[TerraformProblem] = field(default_factory=list)
    reported: set[TerraformProblem] = field(default_factory=set)
    reported_of: dict[str, int] = field(default_factory=dict)
    """How many problems each file has, listed or not."""

    parsed: dict[str, Expression] = field(default_factory=dict)
    texts: dict[str, Source | None] = field(default_factory=dict)
    outcomes: defaultdict[str, dict[int, Reason | None]] = field(default_factory=lambda: defaultdict(dict))
    """What became of each attribute that was evaluated, by file and offset: the reason why it is unknown somewhere."""

    depth: int = 0
    steps: int = 0
    evaluated: int = 0
    scopes: int = 0
    doubts: int = 0
    """How often something was evaluated that Terraform may yet refuse: what ``try`` and ``can`` look at."""

    serial: int = 0

    def report(self, problem: TerraformProblem) -> None:
        """Add a problem, unless it is known. Of one file only the first ``PROBLEM_LIMIT`` are kept, and that is said."""
        if problem in self.reported:
            return
        self.reported.add(problem)
        count = self.reported_of[problem.path] = self.reported_of.get(problem.path, 0) + 1
        if count <= PROBLEM_LIMIT:
            self.problems.append(problem)
        elif count == PROBLEM_LIMIT + 1:
            message = f"more than {PROBLEM_LIMIT} problems in this file; repair these and check again to see the others"
            self.problems.append(TerraformProblem(problem.path, "limit-reached", message, problem.span))

    def fresh(self, unknown: Unknown, suffix: str) -> Unknown:
        """Return an Unknown because of another one that is equal to nothing else: which element it is, say, of an unknown list."""
        self.serial += 1
        part = extended(unknown, suffix)
        return Unknown(part.reason, f"{part.symbol}#{self.serial}", part.origin, part.target, root=part.root)


@dataclass(slots=True, eq=False)
class Deployment:
    """A root with its inputs."""

    name: str
    path: str
    inputs: Mapping[str, Expr | GivenText | Value[Any]]
    """A variable's value as a var-file has it, as the command line or the environment gives it, or as a plan or Terragrunt has it."""

    installed: Mapping[str, str]
    """The directories of modules by their key, as ``terraform init`` left them in ``.terraform/modules/modules.json``."""

    given: Inputs = Inputs()
    """The set of inputs that it is made with."""

    @property
    def workspace(self) -> str | None:
        return self.given.workspace


class Resolver(Protocol):
    """Answers the first name of a traversal, and says how many of the names that follow it has used."""

    def __call__(self, frame: Frame, root: str, names: tuple[str, ...], span: Span) -> tuple[Value[Any], int]: ...


@dataclass(slots=True, eq=False)
class Scope:
    """One instance of a module: ``prefix`` is what its addresses begin with (``module.db["a"].``)."""

    run: Run
    deployment: Deployment
    module: Module
    resolver: Resolver
    prefix: str = ""
    presence: Truth = Truth.TRUE
    why: Unknown | None = None
    parent: Scope | None = None
    call: Declaration | None = None
    call_body: Body | None = None
    bindings: Mapping[str, Value[Any]] = field(default_factory=dict)
    """``each`` and ``count`` of the call, in the parent."""

    key: str = ""
    """The key of the module in ``modules.json``."""

    depth: int = 0
    memo: dict[tuple[str, ...], Any] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    """Functions that are called before Terraform's own are looked for."""

    def symbol(self, name: str) -> str:
        """Return the symbol of something unknown in this module instance."""
        return f"{self.deployment.name}:{self.prefix}{name}"

    @property
    def instance_symbol(self) -> str:
        """The symbol of this module instance as a whole."""
        return f"{self.deployment.name}:{self.prefix.removesuffix('.')}"

    def identity(self, address: str) -> str:
        """Return the key of a resource of this module instance."""
        return f"{self.deployment.name}//{self.prefix}{address}"


@dataclass(frozen=True, slots=True)
class Frame:
    """Where one expression stands: its file, the offset of its text, and the names bound around it."""

    scope: Scope
    source: Source
    base: int
    bindings: Mapping[str, Value[Any]]

    def span(self, start: int, end: int) -> Span:
        return self.source.span(self.base + start, self.base + end)

    def binding(self, names: Mapping[str, Value[Any]]) -> Frame:
        return Frame(self.scope, self.source, self.base, {**self.bindings, **names})


_PENDING = object()


def memoised(scope: Scope, key: tuple[str, ...], span: Span, compute: Callable[[], Value[Any]]) -> Value[Any]:
    """Compute a named value once. A name that needs itself is a cycle; one that Terraform refuses is Unknown."""
    found = scope.memo.get(key)
    if found is _PENDING:
        scope.run.report(TerraformProblem(span.path, "reference-cycle", f"{scope.prefix}{'.'.join(key)} depends on itself", span))
        return Unknown(Reason.CYCLE, scope.symbol(".".join(key)), Written(span))
    if found is not None:
        result: Value[Any] = found
        return result
    run = scope.run
    doubts = run.doubts
    scope.memo[key] = _PENDING
    try:
        value = guarded(scope, ".".join(key), span, compute)
    finally:
        del scope.memo[key]
        run.doubts = doubts
    scope.memo[key] = value
    return value


def guarded(scope: Scope, name: str, span: Span, compute: Callable[[], Value[Any]]) -> Value[Any]:
    """Compute a value; what Terraform would refuse, and what is too deep, is Unknown."""
    depth = scope.run.depth
    try:
        return compute()
    except TooLarge as error:
        if isinstance(error, Exhausted):
            message = f"{error}: simplify this expression, or write its value"
            scope.run.report(TerraformProblem(span.path, "limit-reached", message, span))
        return Unknown(Reason.LIMIT_REACHED, f"{scope.symbol(name)}: {error}", Written(span))
    except EvaluationError as error:
        return Unknown(Reason.FUNCTION_NOT_EVALUATED, f"{scope.symbol(name)}: {error}", Written(span))
    except RecursionError:
        return Unknown(Reason.LIMIT_REACHED, scope.symbol(name), Written(span))
    finally:
        scope.run.depth = depth
