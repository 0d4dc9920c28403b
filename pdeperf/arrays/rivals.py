"""Other versions of the kernels that a candidate has made: rows staggered, loops on all cores."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pdeperf.kernel.compiled import Compiled, Judged, compiled
from pdeperf.kernel.dependence import Answer, Parallelism
from pdeperf.kernel.multicore import in_parallel
from pdeperf.kernel.shared_loops import Hindrance, shared_out
from pdeperf.kernel.staggered import staggered, writable
from pdeperf.kernel.wavefront import Staggering, sweeps
from pdeperf.kernel.zero_counts import UncountableError
from pdeperf.model import Candidate, Patch, Safety
from pdeperf.source import Module, Project, parsed


def has_cells(region: Sequence[ast.stmt]) -> bool:
    """Does the user write loops over cells beside array statements?"""
    loops = (node for part in region for node in ast.walk(part) if isinstance(node, ast.For))
    return any(isinstance(node, ast.For) for loop in loops for part in loop.body for node in ast.walk(part))


def with_staggered_rows(candidate: Candidate, project: Project) -> Candidate | None:
    """The same with the rows of sweeps that run in order advancing together; None without such sweeps."""
    apart: list[str] = []

    def changed(item: Compiled, after: Project) -> str | None:
        found = [each for each in sweeps(item, after) if isinstance(each, Staggering)]
        chosen = [each for each in found if not writable(item, each)]
        if not chosen:
            return None
        pairs = sorted({pair for each in chosen for pair in each.distinct})
        apart.extend(f"{one} and {other} do not share memory (checked at each call)" for one, other in pairs)
        return staggered(item, chosen)

    found = _changed(candidate, project, changed)
    if found is None:
        return None
    title = f"{candidate.title}, rows of sweeps staggered"
    return replace(found, title=title, assumes=(*candidate.assumes, *apart))


def on_all_cores(
    candidate: Candidate, project: Project, known: frozenset[str] = frozenset()
) -> Candidate | None:
    """The same with the kernels' independent nests of loops under ``prange``; None without such nests.

    Parameters
    ----------
    known
        Counters of loops that are known to be independent.
    """
    sums: set[str] = set()

    def changed(item: Compiled, after: Project) -> str | None:
        chosen: list[Judged] | Hindrance = list(_known(item, known))
        chosen = chosen or shared_out(item, after)
        if isinstance(chosen, Hindrance) or not any(_has_loops(each.loop) for each in chosen):
            return None
        try:
            text = in_parallel(item, chosen, after)
        except UncountableError:  # a function that a known loop calls may raise
            return None
        sums.update(name for each in chosen for name in each.proof.reductions)
        return text

    found = _changed(candidate, project, changed)
    if found is None:
        return None
    return replace(
        found,
        title=f"{candidate.title}, on all cores",
        safety=Safety.ROUNDING if sums else candidate.safety,
        assumes=(*candidate.assumes, *(f"{name} may be added up in another order" for name in sorted(sums))),
    )


def _known(item: Compiled, counters: frozenset[str]) -> Iterator[Judged]:
    """The loops with some counters, unless an error may end one: Numba runs such loops on one core."""
    for node in ast.walk(item.node):
        is_one = (
            isinstance(node, ast.For) and isinstance(node.target, ast.Name) and node.target.id in counters
        )
        if is_one and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node)):
            assert isinstance(node, ast.For)
            yield Judged(node, Parallelism(answer=Answer.YES))


def _has_loops(loop: ast.For) -> bool:
    return any(isinstance(node, ast.For) for part in loop.body for node in ast.walk(part))


def _changed(
    candidate: Candidate, project: Project, change: Callable[[Compiled, Project], str | None]
) -> Candidate | None:
    """A candidate whose new serial kernels are changed where they can be, one after the other."""
    patches = list(candidate.patches)
    is_changed = False
    for number, patch in enumerate(patches):
        before = project[patch.file]
        known = {item.name for item in compiled(before)}
        # A change may leave a serial version beside the kernel, which is not changed again.
        for name in [item.name for item in _serial(_after(patch, before)) if item.name not in known]:
            module = _after(patches[number], before)
            after = Project({**project.modules, patch.file: module}, ())
            item = next((each for each in _serial(module) if each.name == name), None)
            if item is not None and (text := change(item, after)) is not None:
                patches[number] = replace(patch, after=text)
                is_changed = True
    return replace(candidate, patches=tuple(patches)) if is_changed else None


def _after(patch: Patch, before: Module) -> Module:
    return parsed(patch.file, patch.after, is_script=before.is_script)


def _serial(module: Module) -> Iterator[Compiled]:
    return (item for item in compiled(module) if item.is_serial)
