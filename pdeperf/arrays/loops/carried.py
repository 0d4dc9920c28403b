"""Arrays that each turn of a loop makes anew out of those of the turn before: ``x = d - upper * x``."""

from dataclasses import replace

from pdeperf.arrays.ir import Buffer, Definition, Expr, Read, Reduction, Version, rebuilt
from pdeperf.arrays.loops.schedule import is_new
from pdeperf.arrays.program import Run
from pdeperf.arrays.sizes import Sizes
from pdeperf.arrays.values import View


class NoLines(Exception):  # noqa: N818 - a reason, not a fault
    """Statements that do not go line by line."""


def in_place(run: Run, sizes: Sizes) -> tuple[Run, frozenset[Buffer]]:
    """A loop's body in which names bound to a new array each time keep the array of the time before.

    Returns
    -------
    tuple[Run, frozenset[Buffer]]
        The body, and the arrays that are now overwritten: nobody else may hold these.

    Raises
    ------
    NoLines
        If such an array is not made cell by cell out of the one before.
    """
    changed: dict[Buffer, Buffer] = {}
    names = dict(run.names)
    for name, view in run.names.items():
        if name not in run.live:
            continue
        old = run.entry.get(name)
        makers = [
            step for step in run.steps if isinstance(step, Definition) and step.target.buffer == view.buffer
        ]
        if old is None or len(makers) != 1 or not view.is_whole or not is_new(makers[0]):
            raise NoLines(f"`{name}` is bound in the loop and read later")
        if old.dtype != view.buffer.dtype or len(old.shape) != len(view.buffer.shape):
            raise NoLines(f"`{name}` changes its type")
        pairs = zip(old.shape, view.buffer.shape, strict=True)
        if not all(sizes.equal(one, other) for one, other in pairs):
            raise NoLines(f"`{name}` changes its shape")
        if makers[0].mask is not None or makers[0].index != View.whole(old).index:
            raise NoLines(f"`{name}` is not filled at once")
        if any(isinstance(step, Definition) and step.target.buffer == old for step in run.steps):
            raise NoLines(f"the array of `{name}` changes before it is replaced")
        changed[view.buffer] = old
        names[name] = View.whole(old)
    if not changed:
        return run, frozenset()
    held = [view.buffer for name, view in names.items() if name in run.live]
    if len(set(held)) < len(held):
        raise NoLines("arrays take turns")

    def moved(version: Version) -> Version:
        return replace(version, buffer=changed.get(version.buffer, version.buffer))

    def change(leaf: Expr) -> Expr:
        return replace(leaf, version=moved(leaf.version)) if isinstance(leaf, Read) else leaf

    steps: list[Definition | Reduction] = [
        replace(
            step,
            target=moved(step.target),
            expr=rebuilt(step.expr, change),
            mask=None if step.mask is None else rebuilt(step.mask, change),
        )
        for step in run.steps
        if isinstance(step, Definition)
    ]
    return replace(run, steps=steps, names=names), frozenset(changed.values())
