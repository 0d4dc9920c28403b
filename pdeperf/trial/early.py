"""Both versions stopped early, where a difference is still one and not the butterfly's."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from math import inf

from pdeperf.judge import Capture, Comparison, Growth, compare
from pdeperf.judge.loops import counterpart, with_loop_named
from pdeperf.judge.noise import SATURATED
from pdeperf.judge.values import header_in, loop_of
from pdeperf.model import Difference
from pdeperf.trial.original import Cut, Original
from pdeperf.trial.run import Terms, run_once
from pdeperf.trial.substance import branch_texts, is_shown

BLIND = 1e-2
"""Where rounding errors move a result further than this, relatively, nothing is known of it."""


def needs_horizon(comparison: Comparison, reference: Original) -> bool:
    """Did chaos, or a tolerance that forgives, hide a result whose way was not compared either?

    What else is compared may have been written before the last turns, or by another loop.
    """
    return not reference.workload.observables and bool(comparison.loose or comparison.unjudged)


def _is_seen_on_the_way(comparison: Comparison, reference: Original) -> bool:
    """Was all compared that the longest loop holds at its early turns, of what rounding errors move?"""
    if not reference.growths:
        return False
    found = reference.growths[0]
    spreads = reference.noise().spreads
    due = {
        name
        for name, spread in spreads.items()
        if loop_of(name)[0] == found.loop
        and loop_of(name)[1] <= found.turns_count
        and 0 < spread.relative <= SATURATED
    }
    return bool(due) and due <= comparison.shown_early


def over_horizon(
    reference: Original,
    after: Mapping[str, str],
    whole: Capture,
    comparison: Comparison,
    forgets: Collection[str],
    limit_s: float,
    *,
    lenient: bool,
) -> Comparison:
    """Compare both versions over the turns that can be judged.

    Where these cannot be had, what chaos leaves of the whole must do: a field that the script computes.
    """
    if _is_seen_on_the_way(comparison, reference):
        kept = not comparison.unjudged or _keeps_branches(after, reference)
        return comparison if kept else _unless_hidden(comparison, reference)
    cut = reference.cut
    if cut is None:
        return _unless_hidden(comparison, reference)
    loop = counterpart(cut.growth.loop, reference.captures[0], whole)
    old_turns = reference.captures[0].loops[cut.growth.loop].turns_count
    # In a compiled function the loop is not seen, and is found by its first line.
    turns = old_turns, whole.loops[loop].turns_count if loop else old_turns
    if max(turns) % max(min(turns), 1):  # a loop that is unrolled turns half as often, not one time less
        note = f"{turns[0]} turns became {turns[1]}"
        left_out = Difference(observable=f"{cut.growth.loop} turns", l2=inf, linf=inf, allowed=0.0, note=note)
        return replace(comparison, differences=(left_out,))
    capture = _cut(reference, cut, after, loop, turns, limit_s)
    if capture is None:
        return _unless_hidden(comparison, reference)
    early = compare(
        [cut.capture],
        with_loop_named(capture, loop or cut.growth.loop, cut.growth.loop),
        (*forgets, *comparison.absent),
        noise=cut.noise,
        tolerances=reference.workload.tolerances,
        apart=comparison.unstable,
        lenient=lenient,
        inputs=reference.inputs if lenient else {},
    )
    if not early.agrees:
        return early
    if comparison.unjudged and not _keeps_branches(after, reference):
        return _unless_hidden(comparison, reference)
    if not is_shown(early.differences, cut.capture, reference.inert):
        return comparison if early.differences else _unless_hidden(comparison, reference)
    words = f"{_horizon_words(cut.growth)}; {early.tolerance}"
    if comparison.loose:
        return replace(comparison, tolerance=f"{comparison.tolerance}; {words}")
    return replace(early, unjudged=comparison.unjudged, unstable=comparison.unstable, tolerance=words)


def _cut(
    reference: Original,
    cut: Cut,
    after: Mapping[str, str],
    loop: str,
    turns: tuple[int, int],
    limit_s: float,
) -> Capture | None:
    """The new version's results over the same turns; None where it cannot be stopped there."""
    old_turns, new_turns = turns
    asked, rest = divmod(cut.growth.turns_count * new_turns, old_turns)
    if rest or not asked:
        return None
    header = header_in(loop) if loop else cut.horizon.loop
    terms = Terms(horizon=replace(cut.horizon, loop=header, turns_count=asked), timeout_s=limit_s)
    new = run_once(reference.workload, reference.place, after, reference.setting, terms)
    return None if new.failure or not new.capture.truncated_count else new.capture


def _unless_hidden(comparison: Comparison, reference: Original) -> Comparison:
    """The comparison where it holds a computed field of the end; nothing where chaos hides them all.

    What rounding errors move by less than :data:`BLIND` was compared, though not sharply.
    """
    first, spreads = reference.captures[0], reference.noise().spreads
    blind = [name for name in comparison.unjudged if name not in spreads or spreads[name].relative > BLIND]
    settled = [
        one
        for one in comparison.differences
        if one.observable in spreads and spreads[one.observable].linf > 0 and not loop_of(one.observable)[0]
    ]
    is_hidden = any(first.observables[name].values.size > 1 for name in blind)
    if not blind or (not is_hidden and is_shown(settled, first, reference.inert)):
        return comparison
    return replace(comparison, differences=())


def _keeps_branches(after: Mapping[str, str], reference: Original) -> bool:
    """Are branches that are first taken where nothing can be judged written as they were?"""
    return branch_texts(after).issuperset(reference.late_branches)


def _horizon_words(found: Growth) -> str:
    rate = f", rounding errors double in {found.doubling_turns:.2g}" if found.doubling_turns else ""
    return f"judged over the first {found.turns_count} turns of `{header_in(found.loop)}`{rate}"
