"""Costly functions of arrays that no turn of a loop changes: computed once before it, and read from then on.

``u = np.sin(np.pi * X) * np.cos(t)`` in a time loop takes the sine of the same places in every step.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pdeperf.arrays.ir import (
    ANYWHERE,
    Buffer,
    Counter,
    Definition,
    Expr,
    Index,
    Op,
    Read,
    Reduction,
    Scalar,
    Version,
    walk,
)
from pdeperf.arrays.kept_text import called_from, hidden_from, kept_trees
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Nested, Run, bound_by_text, runs_of
from pdeperf.arrays.sizes import Size, Sizes, names_of, roots
from pdeperf.arrays.steady import Steady
from pdeperf.arrays.values import View

_COSTLY = frozenset(
    f"numpy.{name}"
    for name in (
        "exp expm1 exp2 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh "
        "arctanh cbrt hypot arctan2"
    ).split()
) | {"**"}
_MOST = 8
"""Arrays that are kept at most."""


def computed_once(items: Sequence[Item], names: Names, sizes: Sizes, bound: frozenset[str]) -> list[Item]:
    """A region's items; what is computed once comes first.

    Parameters
    ----------
    bound
        Names and paths that may come to stand for something else while the region runs.
    """
    if sizes.late or not any(isinstance(item, Nested) for item in items):
        return list(items)
    found = _Once(items, names, sizes, bound)
    changed = found.block(items, in_loop=False)
    if not found.known:
        return list(items)
    return [found.first(), *changed]


class _Once:
    def __init__(self, items: Sequence[Item], names: Names, sizes: Sizes, bound: frozenset[str]) -> None:
        self._names, self._sizes = names, sizes
        self.known: dict[tuple[Expr, tuple[Size, ...]], Buffer] = {}
        runs = list(runs_of(items))
        stored = {
            step.target.buffer.array.name
            for run in runs
            for step in run.steps
            if isinstance(step, Definition)
        }
        made = {name for run in runs for name in run.names}
        numbers = {step.name for run in runs for step in run.steps if isinstance(step, Reduction)}
        self._bound = bound | bound_by_text(items)
        self._changing = self._bound | stored | made | numbers
        trees = list(kept_trees(items))
        trees += [*called_from(trees, names), *hidden_from(trees, names)]
        self._steady = Steady(trees, names.kind_in, names.called)
        self._entry = {name: buffer for run in runs for name, buffer in run.entry.items()}

    def block(self, items: Sequence[Item], *, in_loop: bool) -> list[Item]:
        """A block's items, with reads of the arrays that are kept."""
        found: list[Item] = []
        for item in items:
            if isinstance(item, Nested):
                inside = in_loop or isinstance(item.statement, ast.For | ast.While)
                blocks = {name: self.block(block, in_loop=inside) for name, block in item.blocks.items()}
                item = replace(item, blocks=blocks)
            elif isinstance(item, Run) and in_loop and item.relied is None and not item.guards:
                item = self._run(item)
            found.append(item)
        return found

    def first(self) -> Run:
        """What computes them."""
        steps: list[Definition | Reduction] = []
        for (expr, counts), buffer in self.known.items():
            index = tuple(Index(axis) for axis in range(len(counts)))
            own = replace(buffer, is_temporary=True)
            steps.append(Definition(Version(own, 1), counts, index, expr))
        names = {each.name: View.whole(replace(each, is_temporary=True)) for each in self.known.values()}
        read = {
            leaf.version.buffer for expr, _ in self.known for leaf in walk(expr) if isinstance(leaf, Read)
        }
        entry = {name: buffer for name, buffer in self._entry.items() if buffer in read}
        return Run(steps=steps, names=dict(names), entry=entry, live=frozenset(names))

    def _run(self, run: Run) -> Run:
        before = set(self.known.values())
        steps = [self._step(step) for step in run.steps]
        used = {leaf.version.buffer for step in steps for leaf in walk(step.expr) if isinstance(leaf, Read)}
        mine = {each.name: each for each in self.known.values() if each in used or each not in before}
        return replace(run, steps=steps, entry=run.entry | mine) if mine else run

    def _step(self, step: Definition | Reduction) -> Definition | Reduction:
        if not step.counts or not all(self._is_known(size) for size in step.counts):
            return step
        return replace(step, expr=self._changed(step.expr, step.counts))

    def _changed(self, expr: Expr, counts: tuple[Size, ...]) -> Expr:
        if not isinstance(expr, Op):
            return expr
        if self._is_worth(expr):
            return self._kept(expr, counts)
        args = tuple(self._changed(part, counts) for part in expr.args)
        return expr if args == expr.args else replace(expr, args=args)

    def _is_worth(self, expr: Op) -> bool:
        """Is it the same in every turn, for each cell another number, and much to compute?"""
        parts = list(walk(expr))
        if expr.dtype != "float64" or any(isinstance(part, Op) and part.name == "gather" for part in parts):
            return False
        is_costly = any(isinstance(part, Op) and part.name in _COSTLY for part in parts)
        has_cells = any(isinstance(part, Read | Counter) for part in parts)
        return is_costly and has_cells and all(self._is_same(part) for part in parts)

    def _is_same(self, part: Expr) -> bool:
        match part:
            case Scalar(text=text):
                return self._stays(names_of(text), roots(text))
            case Read(version=version, index=index):
                name = version.buffer.array.name
                is_there = not version.number and not version.buffer.is_temporary and ANYWHERE not in index
                places = (
                    size for each in index for size in (each.offset, each.shift, each.modulus or Size())
                )
                stays = self._stays(frozenset((name.split(".")[0],)), frozenset((name,)))
                return is_there and stays and self._steady.keeps(name) and all(map(self._is_known, places))
            case Counter(index=index):
                return self._is_known(index.offset)
        return True

    def _stays(self, own: frozenset[str], paths: frozenset[str]) -> bool:
        """Do names and paths mean the same all the while, and before it?"""
        own, paths = (frozenset(filter(self._is_ours, each)) for each in (own, paths))
        is_plain = all(path.isidentifier() or path in self._entry for path in paths)
        return own <= self._names.before and is_plain and not (own | paths) & self._changing

    def _is_ours(self, path: str) -> bool:
        """Is it no library's, as ``np.pi`` is?"""
        return not self._names.called(ast.parse(path, mode="eval").body)

    def _is_known(self, size: Size) -> bool:
        """Is a size known before the region?"""
        return all(
            names_of(symbol) <= self._names.before and not roots(symbol) & self._bound
            for symbol in self._sizes.plain(size).symbols
        )

    def _kept(self, expr: Op, counts: tuple[Size, ...]) -> Expr:
        shape = tuple(self._sizes.plain(size) for size in counts)
        if (expr, shape) not in self.known:
            if len(self.known) == _MOST:
                return expr
            name = self._names.fresh_plain(_stem(expr))
            self.known[expr, shape] = Buffer(name, shape, "float64")
            self._names.note_array(name, "float64", shape, self._sizes)
        buffer = self.known[expr, shape]
        return Read(Version(buffer), tuple(Index(axis) for axis in range(len(shape))))


def _stem(expr: Op) -> str:
    """What an array is called: after the first costly function and what it is taken of."""
    return next(_stems(expr), "once")


def _stems(expr: Op) -> Iterator[str]:
    for part in walk(expr):
        if isinstance(part, Op) and part.name in _COSTLY:
            yield f"{part.name.rpartition('.')[2].replace('**', 'power')}_once"
