"""What a restore-test script does and does not prove, each fact with the characters that decide it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from drpolicy.kubernetes import restore_calls as part
from drpolicy.kubernetes.restore_calls import Creation
from drpolicy.kubernetes.restore_checks import verifies as looks
from drpolicy.kubernetes.restore_landing import assigned
from drpolicy.kubernetes.shell_calls import Call
from drpolicy.kubernetes.shell_status import Fate, Program, fate, in_trap
from drpolicy.kubernetes.shell_tree import Compound
from drpolicy.kubernetes.shell_words import Word
from drpolicy.model.patterns import deferred
from drpolicy.model.truth import Truth, some

_FIRST = deferred(r"\.items\[0\]|\.\[0\]|\bfirst\b|\bhead\s+(?:-n\s*)?-?1\b")
_LAST = deferred(r"\|\s*last\b|\.items\[-1:?\]|\.\[-1:?\]|\btail\s+(?:-n\s*)?-?1\b")
_ORDER = deferred(r"\bsort_by\s*\(|--sort-by\b|\bsort\b(?!_by)")
_LARGEST = deferred(r"\bmax_by\s*\(")
_REVERSED = deferred(r"\breverse\b|\bsort\s+(?:-[A-Za-z0-9,]+\s+)*-[A-Za-z0-9,]*r|\btac\b")
_ITEM = deferred(r"^[ \t]*+(scheduleName|backupName|includedNamespaces|namespaceMapping):[ \t]*+(\S*+)", re.MULTILINE)


def find_restore(program: Program, environment: Mapping[str, str]) -> Creation | None:
    """Return the first restore that a script creates; ``None`` when it is no restore test.

    ``environment`` are the container's variables with a literal value.
    """
    return next((found for call in program.calls if (found := part.creation(program, call, environment)) is not None), None)


def _head(made: Creation) -> tuple[int, int]:
    """Return the command that creates the restore without its flags: where something is missed that is nowhere."""
    plain = made.options.plain[:2] if made.call.name == "velero" else made.options.plain[:1]
    return made.call.start, max((word.end for word in plain), default=made.call.end)


def _after(program: Program, made: Creation, accepts: Callable[[Call], bool]) -> list[Call]:
    """Return the commands that run after the restore was created, or in a function, whose calls are not followed for this."""
    return [call for call in program.calls if (call.start >= made.call.start or call.inside("function")) and accepts(call)]


def _absent(program: Program, made: Creation, start: int, end: int, why: str) -> Fate:
    """Nothing of the kind is in the script: FALSE, unless something in it may do anything."""
    hidden = part.opaque(program)
    if hidden is None:
        return Fate(Truth.FALSE, start, end, why)
    return Fate(Truth.UNKNOWN, *hidden, f"what `{program.text(*hidden)}` does is not known")


def picks_latest(program: Program, made: Creation, environment: Mapping[str, str]) -> Fate:
    """Whether the newest backup is restored. ``environment`` are the container's variables with a literal value."""
    call = made.call
    if made.elsewhere:
        return Fate(Truth.UNKNOWN, call.start, call.end, "the manifest of the restore is not in the script")
    if made.body is not None:
        fields = {match[1]: match for match in _ITEM.finditer(program.script.text, *made.body)}
        if (schedule := fields.get("scheduleName")) is not None:
            return Fate(Truth.TRUE, schedule.start(1), schedule.end(2), "scheduleName takes the newest completed backup of the schedule")
        if (backup := fields.get("backupName")) is None:
            return Fate(Truth.FALSE, *_head(made), "the restore names neither a schedule nor a backup")
        name = re.fullmatch(r"[\"']?\$\{?(\w+)\}?[\"']?", backup[2])
        return _picked(program, made, name[1] if name else None, backup.start(2), backup.end(2), environment)
    scheduled = made.options.flags.get("--from-schedule")
    if scheduled is not None:
        word = scheduled[1]
        return Fate(Truth.TRUE, word.start, word.end, "--from-schedule takes the newest completed backup of the schedule")
    given = made.options.flags.get("--from-backup")
    if given is None:
        return Fate(Truth.FALSE, *_head(made), "the restore names neither a schedule nor a backup")
    word = given[1]
    if word.inner:
        return _ordered(program, *word.inner[0])
    return _picked(program, made, word.variables[0] if word.variables else None, word.start, word.end, environment)


def _picked(program: Program, made: Creation, variable: str | None, start: int, end: int, environment: Mapping[str, str]) -> Fate:
    if variable is None:
        if "{{" in program.script.text[start:end]:
            return Fate(Truth.UNKNOWN, start, end, "the name of the backup is filled in by a template")
        return Fate(Truth.FALSE, start, end, f"`{program.text(start, end)}` is always the same backup")
    value = assigned(program, variable, made.call.start)
    if value is None:
        if variable in environment:
            return Fate(Truth.FALSE, start, end, f"{variable} is always the backup {environment[variable]!r}")
        return Fate(Truth.UNKNOWN, start, end, f"what {variable} holds is not decided in the script")
    if value.inner:
        return _ordered(program, *value.inner[0])
    if value.literal:
        return Fate(Truth.FALSE, value.start, value.end, f"`{program.text(value.start, value.end)}` is always the same backup")
    return Fate(Truth.UNKNOWN, value.start, value.end, f"what `{program.text(value.start, value.end)}` holds is decided at run time")


def _ordered(program: Program, start: int, end: int) -> Fate:
    """Whether a command substitution gives the newest backup."""
    text = program.script.text
    largest = _LARGEST.search(text, start, end)
    if largest is not None:
        return Fate(Truth.TRUE, largest.start(), largest.end(), "it takes the backup with the largest time")
    order, first = _ORDER.search(text, start, end), _FIRST.search(text, start, end)
    last, turned = _LAST.search(text, start, end), _REVERSED.search(text, start, end)
    if order is not None and (chosen := last if turned is None else first) is not None:
        return Fate(
            Truth.TRUE, min(order.start(), chosen.start()), max(order.end(), chosen.end()), "it sorts the backups and takes the newest"
        )
    if order is not None and (chosen := first if turned is None else last) is not None:
        return Fate(Truth.FALSE, chosen.start(), chosen.end(), f"`{chosen[0]}` of the sorted backups is the oldest")
    if order is None and first is not None and first[0].endswith("[0]"):
        why = f"`{first[0]}` is the first backup by name, the oldest of a schedule, whatever its phase (and null when there is only one)"
        return Fate(Truth.FALSE, first.start(), first.end(), why)
    return Fate(Truth.UNKNOWN, start, end, f"which backup `{program.text(start, end)}` gives is not known")


def stale(program: Program, made: Creation) -> Fate | None:
    """Whether a second run of the script finds the restore of the first one, and takes its phase for its own.

    ``None`` when it does not: the name differs each time, the restore is deleted, or it is created and not applied, which says that
    it is there already.
    """
    verb = made.options.plain[0].text if made.options.plain else ""
    if made.landing.name is None or verb not in {"apply", "replace"} or (verb == "replace" and "--force" in made.options.flags):
        return None
    removed = some(part.removes_restore(program, call, made) for call in program.calls)
    if removed is Truth.TRUE:
        return None
    start, end = _head(made)
    if removed is Truth.UNKNOWN:
        return Fate(Truth.UNKNOWN, start, end, "whether the restore of this name is deleted before the next run is not known")
    return _absent(program, made, start, end, "the restore of this name exists already after the first run")


def waits(program: Program, made: Creation) -> Fate:
    """Whether the script waits for the restore to end."""
    call = made.call
    for other in _after(program, made, lambda each: part.waits(program, each, made)):
        if other.node is call.node:
            word = next(made.options.flags[flag][1] for flag in ("--wait", "-w") if flag in made.options.flags)
            return Fate(Truth.TRUE, word.start, word.end, f"`{word.text}` returns when the restore has ended")
        return Fate(Truth.TRUE, other.start, other.end, f"`{program.text(other.start, other.end)}` follows the restore to its end")
    slept = next((each for each in _after(program, made, lambda each: each.name == "sleep")), None)
    if slept is not None:
        why = f"`{program.text(slept.start, slept.end)}` waits for a fixed time, not for the restore to end"
        return _absent(program, made, slept.start, slept.end, why)
    return _absent(program, made, *_head(made), "nothing waits for the restore to end")


def _cases(program: Program, made: Creation) -> Fate | None:
    """Whether a ``case`` tells Completed from the rest and exits."""
    seen: set[int] = set()
    for call in program.calls:
        for frame in call.path:
            node = frame.node
            if isinstance(node, Compound) and node.kind == "case" and id(node) not in seen and node.start >= made.call.start:
                seen.add(id(node))
                if any(pattern.text == "Completed" for pattern in node.patterns) and any(program.exits(body) for body in node.bodies):
                    return Fate(Truth.TRUE, node.start, node.end, "a case exits with a failure for other phases than Completed")
    return None


def asserts_phase(program: Program, made: Creation) -> Fate:
    """Whether any other phase than Completed has a consequence."""
    checks = [(call, fate(program, call)) for call in _after(program, made, lambda each: part.asserts_phase(program, each))]
    for call, found in checks:
        if found.truth is Truth.TRUE or _until(call):
            return Fate(Truth.TRUE, call.start, call.end, f"`{program.text(call.start, call.end)}` requires the phase Completed")
    if (case := _cases(program, made)) is not None:
        return case
    undecided = next((found for _, found in checks if found.truth is Truth.UNKNOWN), None)
    if undecided is not None:
        return undecided
    if checks:
        return checks[-1][1]
    call = made.call
    return _absent(program, made, *_head(made), "nothing looks at the phase of the restore; velero exits with 0 when it failed")


def _until(call: Call) -> bool:
    """Whether a loop goes on until the command succeeds, so that nothing after it runs before."""
    return any(isinstance(frame.node, Compound) and frame.node.kind == "until" and frame.role == "condition" for frame in call.path)


def verifies(program: Program, made: Creation) -> Fate:
    """Whether something of the restored application or data is looked at, and a bad answer is not thrown away on the spot."""
    swallowed = undecided = None
    for call in _after(program, made, lambda each: looks(program, each, made) is not Truth.FALSE):
        found = fate(program, call)
        if found.truth is Truth.FALSE and "swallows" in found.why:
            swallowed = found
        elif looks(program, call, made) is Truth.TRUE:
            return Fate(Truth.TRUE, call.start, call.end, f"`{program.text(call.start, call.end)}` looks at what was restored")
        elif undecided is None:
            why = f"whether `{program.text(call.start, call.end)}` looks at what was restored is not known"
            undecided = Fate(Truth.UNKNOWN, call.start, call.end, why)
    if undecided is not None:
        return undecided
    if swallowed is not None:
        return swallowed
    shown = next((each for each in _after(program, made, _shows) if each is not made.call), None)
    if shown is not None and part.deletes(program, shown, made) is Truth.FALSE and not part.about_restore(program, shown):
        why = f"`{program.text(shown.start, shown.end)}` succeeds whatever state the application is in"
        return _absent(program, made, shown.start, shown.end, why)
    return _absent(program, made, *_head(made), "nothing looks at the restored application or its data")


def _shows(call: Call) -> bool:
    return call.name in {"kubectl", "curl", "wget"}


def can_fail(program: Program, made: Creation) -> Fate:
    """Whether a restore that failed makes the script exit with a failure."""
    accepted = _after(program, made, lambda each: part.asserts_phase(program, each) or looks(program, each, made) is not Truth.FALSE)
    found = [_consequence(program, made, call) for call in accepted]
    if (case := _cases(program, made)) is not None:
        found.append(case)
    for truth in (Truth.TRUE, Truth.UNKNOWN):
        decided = next((each for each in found if each.truth is truth), None)
        if decided is not None:
            return decided
    if found:
        return found[-1]
    last = program.script.body.items[-1]
    call = made.call
    if program.errexit_at(call.start):
        start, end = _head(made)
        why = f"no command fails when the restore did: `{program.text(start, end)}` exits with 0 all the same"
        return _absent(program, made, start, end, why)
    why = f"without set -e the exit status is that of the last command, `{program.text(last.start, last.end)}`"
    return _absent(program, made, last.start, last.end, why)


def _consequence(program: Program, made: Creation, call: Call) -> Fate:
    """Return what becomes of a check's failure; of a command that may be no check, at best that it is not known."""
    found = fate(program, call)
    if found.truth is Truth.TRUE and not part.asserts_phase(program, call) and looks(program, call, made) is Truth.UNKNOWN:
        why = f"whether `{program.text(call.start, call.end)}` looks at what was restored is not known"
        return Fate(Truth.UNKNOWN, call.start, call.end, why)
    return found


def scoped(program: Program, made: Creation) -> Fate:
    """Whether only named namespaces are restored."""
    call, flags = made.call, made.options.flags
    if made.elsewhere:
        return Fate(Truth.UNKNOWN, call.start, call.end, "the manifest of the restore is not in the script")
    if made.body is not None:
        fields = {match[1]: match for match in _ITEM.finditer(program.script.text, *made.body)}
        named, mapping = fields.get("includedNamespaces"), fields.get("namespaceMapping")
        if named is not None and "*" not in named[2]:
            return Fate(Truth.TRUE, named.start(1), named.end(2), "includedNamespaces names what is restored")
        at = mapping or named
        start, end = (at.start(1), at.end(1)) if at is not None else _head(made)
        return Fate(Truth.FALSE, start, end, "without includedNamespaces everything in the backup is restored in place")
    included = flags.get("--include-namespaces")
    if included is not None and "*" not in included[0].split(","):
        return Fate(Truth.TRUE, included[1].start, included[1].end, "--include-namespaces names what is restored")
    chosen = flags.get("--selector") or flags.get("-l") or flags.get("--or-selector")
    if chosen is not None:
        return Fate(Truth.UNKNOWN, chosen[1].start, chosen[1].end, "what the selector selects is decided at run time")
    mapped: tuple[str, Word] | None = flags.get("--namespace-mappings") or included
    start, end = (mapped[1].start, mapped[1].end) if mapped is not None else _head(made)
    return Fate(Truth.FALSE, start, end, "without --include-namespaces everything in the backup is restored in place")


def cleans_up(program: Program, made: Creation) -> Fate:
    """Whether what was restored is removed whatever happens, short of the pod being killed."""
    told = [(call, part.deletes(program, call, made)) for call in program.calls]
    certain = _cleaned(program, made, [call for call, truth in told if truth is Truth.TRUE])
    if certain is not None and certain.truth is Truth.TRUE:
        return certain
    possible = _cleaned(program, made, [call for call, truth in told if truth is not Truth.FALSE])
    if possible is not None and possible.truth is Truth.TRUE:
        why = f"whether `{program.text(possible.start, possible.end)}` removes what was restored is not known"
        return Fate(Truth.UNKNOWN, possible.start, possible.end, why)
    return certain or possible or _absent(program, made, *_head(made), "nothing removes what was restored")


def _cleaned(program: Program, made: Creation, deletions: list[Call]) -> Fate | None:
    """Whether some of these commands runs whatever happens; ``None`` when none runs after the restore."""
    for trap in (call for call in program.calls if call.name == "trap"):
        signals = {word.text for word in trap.arguments[1:]}
        ordinary = [each for each in deletions if not in_trap(program, each, trap)]
        if len(ordinary) < len(deletions) and (signals & {"EXIT", "0"} or ("ERR" in signals and ordinary)):
            return Fate(Truth.TRUE, trap.start, trap.end, f"`{program.text(trap.start, trap.end)}` runs however the script ends")
    last = next((call for call in reversed(deletions) if call.start > made.call.start), None)
    if last is None:
        return None
    ending = next((call for call in program.calls if call.name == "exit" and made.call.start < call.start < last.start), None)
    plain = len(last.path) == 3 and last.path[1].position == 0
    text = program.text(last.start, last.end)
    if program.errexit_at(last.start):
        return Fate(Truth.FALSE, last.start, last.end, f"set -e ends the script before `{text}` when something fails; use trap … EXIT")
    if ending is not None:
        return Fate(Truth.FALSE, ending.start, ending.end, f"`{program.text(ending.start, ending.end)}` ends the script before `{text}`")
    if not plain:
        return Fate(Truth.FALSE, last.start, last.end, f"`{text}` runs only under a condition; use trap … EXIT")
    return Fate(Truth.TRUE, last.start, last.end, f"nothing stops the script before `{text}`")


def records(program: Program, made: Creation, kept: tuple[str, ...]) -> Fate:
    """Whether the result is written down where it outlives the job; ``kept`` are the directories where files do."""
    told = [(call, part.records(program, call, kept, made)) for call in _after(program, made, lambda _: True)]
    found = next((call for call, truth in told if truth is Truth.TRUE), None)
    if found is not None:
        return Fate(Truth.TRUE, found.start, found.end, f"`{program.text(found.start, found.end)}` writes it down")
    sent = next((call for call, truth in told if truth is Truth.UNKNOWN or _may_send(program, made, call)), None)
    if sent is not None:
        why = f"what becomes of `{program.text(sent.start, sent.end)}` is not known"
        return Fate(Truth.UNKNOWN, sent.start, sent.end, why)
    return _absent(program, made, *_head(made), "neither the result nor its times are written down")


def _may_send(program: Program, made: Creation, call: Call) -> bool:
    return call.name in {"curl", "wget"} and looks(program, call, made) is not Truth.TRUE
