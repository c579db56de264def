"""From a plan or a state to the root that it is of: alone, or laid over the HCL beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from drpolicy.model.provenance import Written
from drpolicy.model.reasons import Reason
from drpolicy.model.records import dataclass, replace
from drpolicy.model.resources import ModuleCall, TerraformRoot
from drpolicy.model.spans import Span
from drpolicy.model.truth import Truth
from drpolicy.model.values import Unknown
from drpolicy.terraform.files import TerraformProblem
from drpolicy.terraform.plans.addresses import ModuleAddress, without_keys
from drpolicy.terraform.plans.configuration import Configuration, mapping
from drpolicy.terraform.plans.documents import PlanDocument
from drpolicy.terraform.plans.entries import Entry, entries_of
from drpolicy.terraform.plans.resources import Resources


@dataclass(slots=True)
class PlannedRoot:
    """A plan or state being turned into resources. ``beside`` is the root of the same configuration, read from HCL, if there is one."""

    document: PlanDocument
    name: str
    path: str
    beside: TerraformRoot | None
    wanted: Callable[[str], bool]
    computed: Callable[[str, str], bool]
    """Whether the provider fills an attribute of a type in after apply when nobody writes it."""

    problems: list[TerraformProblem]
    unread: dict[str, int]

    def root(self) -> TerraformRoot:
        """Return the root with the resources of the plan or state."""
        entries = entries_of(self.document, self.problems)
        configuration = self._configuration(entries)
        made = Resources(self.document, configuration, entries, self.beside, self.computed)
        resources = []
        for entry in self._ordered(entries):
            if self.wanted(entry.type):
                resources.append(made.resource(entry))
            else:
                self.unread[entry.type] = self.unread.get(entry.type, 0) + 1
        calls = tuple(self._calls(configuration, entries))
        if self.beside is None:
            where = self.document.span
            backend = Unknown(Reason.OUTSIDE_SCOPE, f"{self.name}:terraform.backend", Written(where))
            return TerraformRoot(self.name, self.path, False, tuple(resources), made.providers.all(), calls, backend, where, 0, 0)
        self._compare(self.beside, configuration, entries)
        ours = {call.address for call in self.beside.modules}
        modules = tuple(replace(call, outcome="evaluated") for call in self.beside.modules)
        return replace(
            self.beside,
            library=False,
            resources=tuple(resources),
            modules=(*modules, *(call for call in calls if call.address not in ours and without_keys(call.address) not in ours)),
        )

    def _ordered(self, entries: tuple[Entry, ...]) -> list[Entry]:
        """Return the entries in the order of the HCL beside them, so that what is said of two of them is said the same way round."""
        blocks = self.beside.resources if self.beside is not None else ()
        places = {without_keys(each.address): at for at, each in reversed(list(enumerate(blocks)))}
        return sorted(entries, key=lambda entry: places.get(without_keys(entry.address), len(places)))

    def _configuration(self, entries: tuple[Entry, ...]) -> Configuration:
        configuration = self.document.part("configuration")
        return Configuration(
            self.name,
            mapping(configuration.get("root_module")),
            mapping(configuration.get("provider_config")),
            self.document.part("variables"),
            frozenset(entry.address for entry in entries),
        )

    def _calls(self, configuration: Configuration, entries: tuple[Entry, ...]) -> Iterator[ModuleCall]:
        found: dict[ModuleAddress, Span] = {}
        for entry in entries:
            module = entry.module
            while module.calls and module not in found:
                found[module] = entry.span
                module = module.parent
        for module, span in sorted(found.items(), key=lambda pair: pair[0].prefix):
            source = configuration.call(module.calls).get("source")
            address = module.prefix.removesuffix(".")
            yield ModuleCall(self.name, address, source if isinstance(source, str) else "", span, "evaluated")

    def _compare(self, beside: TerraformRoot, configuration: Configuration, entries: tuple[Entry, ...]) -> None:
        """Report what the HCL has and the file does not know: it is then of an older configuration, or was never applied."""
        known = {without_keys(entry.address) for entry in entries}
        for calls, address in configuration.addresses():
            known.add("".join(f"module.{call}." for call in calls) + address)
        missing = sorted(
            {
                block: each.span
                for each in beside.resources
                if each.presence is Truth.TRUE and not each.data and (block := without_keys(each.address)) not in known
            }.items()
        )
        if missing:
            names = ", ".join(block for block, _ in missing[:10]) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
            doubt = "make the plan again" if self.document.kind == "plan" else "they are not applied, or the state is older"
            path = self.document.source.path
            message = f"{path} does not know {names}, so nothing was judged of {'it' if len(missing) == 1 else 'them'}; {doubt}"
            self.problems.append(TerraformProblem(path, "plan-stale", message, missing[0][1]))
