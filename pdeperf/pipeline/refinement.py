"""Does the new version keep the order of convergence, over a parameter that sets the resolution?"""

import ast
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pdeperf.guest.scratch import Place, locate
from pdeperf.judge import Capture, Observable
from pdeperf.judge import verdict as judge
from pdeperf.judge.distance import distance
from pdeperf.judge.values import Array, function_of, loop_of
from pdeperf.model import ConvergenceOrder, Outcome, Validation, Workload
from pdeperf.pipeline.settings import PipelineError, Progress
from pdeperf.trial import Original, Setting, measure_original, run_once
from pdeperf.trial.pairs import Effort
from pdeperf.trial.substance import inert_globals
from pdeperf.trial.trial import try_candidate

LARGEST_CHANGE = 0.1
"""An order that changes by more is lost."""
LEAST_ORDER = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """A parameter of the script, and its values from coarse to fine."""

    parameter: str
    values: tuple[float, ...]


def parse(text: str) -> Refinement:
    """Read ``N=32,64,128``.

    Raises
    ------
    ValueError
        With what is wrong.
    """
    found = re.fullmatch(r"\s*([A-Za-z_]\w*)\s*=\s*([-+.\deE]+(?:\s*,\s*[-+.\deE]+)+)\s*", text)
    if found is None:
        raise ValueError(f"{text!r}: write a name and at least three values, N=32,64,128")
    values = tuple(_number(part) for part in found[2].split(","))
    if len(values) < 3:
        raise ValueError(f"{text!r}: an order takes three values, N=32,64,128")
    return Refinement(parameter=found[1], values=tuple(sorted(values)))


def _number(text: str) -> float:
    return int(text) if re.fullmatch(r"\s*[-+]?\d+\s*", text) else float(text)


def with_value(source: str, parameter: str, value: float) -> str | None:
    """The script with one global constant changed; None if it has no such constant."""
    tree = ast.parse(source)
    lines = source.splitlines(keepends=True)
    for node in tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        for target, given in _pairs(node):
            if isinstance(target, ast.Name) and target.id == parameter and _is_constant(given):
                return _replaced(lines, given, repr(value))
    return None


def _pairs(node: ast.Assign | ast.AnnAssign) -> Iterator[tuple[ast.expr, ast.expr]]:
    assert node.value is not None
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=False)
        else:
            yield target, node.value


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _replaced(lines: Sequence[str], node: ast.expr, text: str) -> str:
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    head = lines[first].encode()[: node.col_offset].decode()
    tail = lines[last].encode()[node.end_col_offset :].decode()
    return "".join((*lines[:first], head + text + tail, *lines[last + 1 :]))


def with_argument(argv: tuple[str, ...], parameter: str, value: float) -> tuple[str, ...]:
    """The arguments with ``--parameter value`` set."""
    flags = (f"--{parameter}", f"-{parameter}")
    for position, argument in enumerate(argv):
        if argument in flags and position + 1 < len(argv):
            return (*argv[: position + 1], repr(value), *argv[position + 2 :])
        if argument.startswith(f"{flags[0]}="):
            return (*argv[:position], f"{flags[0]}={value!r}", *argv[position + 1 :])
    return (*argv, flags[0], repr(value))


def refined(
    found: Validation,
    refinement: Refinement,
    workload: Workload,
    before: Mapping[str, str],
    after: Mapping[str, str],
    place: Place,
    runs: Setting,
    progress: Progress,
) -> Validation:
    """Run both versions at each resolution: the results must agree at each, and the order be kept."""
    _, script = locate(workload.script, place.cwd)
    pairs: list[tuple[Capture, Capture]] = []
    for value in refinement.values:
        progress("refine", f"{refinement.parameter}={value}")
        changed = tuple(with_value(files[script], refinement.parameter, value) for files in (before, after))
        old, new = dict(before), dict(after)
        asked = workload
        if changed[0] is not None and changed[1] is not None:
            old[script], new[script] = changed[0], changed[1]
        else:
            asked = replace(workload, argv=with_argument(workload.argv, refinement.parameter, value))
        original = measure_original(asked, place, old, runs)
        if original.failure:
            how = f"with {refinement.parameter}={value}"
            if asked.argv != workload.argv:
                how += (
                    f" (run as `{workload.script} {' '.join(asked.argv)}`: no global constant has this name)"
                )
            raise PipelineError(f"{how}: {original.failure}", exit_code=2)
        pairs.append(_both(original, old, new, place, runs, refinement, value))
        trial = try_candidate(
            asked,
            place,
            old,
            new,
            original,
            effort=Effort(timed=False),
            lenient=True,
        )
        verdict = judge(trial)
        if verdict.outcome in (Outcome.WRONG, Outcome.FAILED):
            reason = f"with {refinement.parameter}={value}: {verdict.reason}"
            comparison = replace(found.comparison, verdict=replace(verdict, reason=reason))
            return replace(found, comparison=comparison)
    if _is_ignored([pair[0] for pair in pairs]):
        raise PipelineError(
            f"--refine {refinement.parameter}: the script has no global constant of this name, and "
            f"`--{refinement.parameter}` does not change its results",
            exit_code=2,
        )
    kept = tuple(orders(refinement, pairs, inert_globals(before[script])))
    if not kept:
        note = f"nothing converges over {refinement.parameter}: no order of convergence was compared"
        found = replace(found, notes=(*found.notes, note))
    return replace(found, orders=kept)


def _is_ignored(captures: Sequence[Capture]) -> bool:
    """Has the parameter no bearing on any result?"""
    first, *others = captures
    return all(
        first.observables.keys() == other.observables.keys()
        and all(
            max(distance(item, other.observables[name]).relative()) == 0
            for name, item in first.observables.items()
        )
        for other in others
    )


def _both(
    original: Original,
    old: Mapping[str, str],
    new: Mapping[str, str],
    place: Place,
    runs: Setting,
    refinement: Refinement,
    value: float,
) -> tuple[Capture, Capture]:
    later = run_once(original.workload, place, {**old, **new}, runs)
    if later.failure:
        raise PipelineError(f"with {refinement.parameter}={value}: {later.failure}")
    return original.captures[0], later.capture


def orders(
    refinement: Refinement, pairs: Sequence[tuple[Capture, Capture]], inert: Collection[str] = ()
) -> Iterator[ConvergenceOrder]:
    """The observed orders of each result that converges, over the three finest resolutions."""
    sizes = refinement.values[-3:]
    captures = pairs[-3:]
    for name, item in captures[-1][0].observables.items():
        if function_of(name) or loop_of(name)[0] or name == refinement.parameter:
            continue
        if name in inert and item.values.size <= 1:  # a step width; grids nest, and have no order
            continue
        if any(name not in one.observables for pair in captures for one in pair):
            continue
        before = _order([pair[0].observables[name] for pair in captures], sizes)
        after = _order([pair[1].observables[name] for pair in captures], sizes)
        if before is None or before < LEAST_ORDER:
            continue
        kept = after is not None and abs(after - before) <= LARGEST_CHANGE
        yield ConvergenceOrder(
            observable=name,
            parameter=refinement.parameter,
            resolutions=refinement.values,
            before=before,
            after=after if after is not None else math.nan,
            kept=kept,
        )


def _order(items: Sequence[Observable], sizes: Sequence[float]) -> float | None:
    """From the differences between three resolutions, carried to the coarse grid; None if there is none."""
    fields = [
        item.values.astype(float) for item in items if item.values.dtype.kind == "f" and not item.reduced
    ]
    if len(fields) < 3 or len({field.ndim for field in fields}) != 1:
        return None
    coarse = fields[0].shape
    carried = [_carried(field, coarse) for field in fields]
    if any(one is None or not np.all(np.isfinite(one)) for one in carried):
        return None
    first, second, third = (one for one in carried if one is not None)
    scale = float(np.max(np.abs(third), initial=0.0))
    gaps = [float(np.sqrt(np.mean((a - b) ** 2))) for a, b in ((first, second), (second, third))]
    if min(gaps) <= 1e-12 * scale or gaps[1] >= gaps[0]:
        return None
    ratio = math.sqrt(sizes[2] / sizes[0])
    return math.log(gaps[0] / gaps[1]) / math.log(ratio)


def _carried(field: Array, coarse: tuple[int, ...]) -> Array | None:
    """A finer field at the points, or in the cells, of the coarse grid; None where these do not nest."""
    for axis, count in enumerate(coarse):
        fine = field.shape[axis]
        if fine == count:
            continue
        if count > 1 and (fine - 1) % (count - 1) == 0:
            field = np.take(field, range(0, fine, (fine - 1) // (count - 1)), axis=axis)
        elif count and fine % count == 0:
            shape = (*field.shape[:axis], count, fine // count, *field.shape[axis + 1 :])
            field = field.reshape(shape).mean(axis=axis + 1)
        else:
            return None
    return field
