"""Numbers that stay the same while loops run: taken out of lists, small arrays and formulas before them.

``c[1] * (u[2:] - u[:-2])`` in a loop over cells would read ``c[1]`` for each of them, and a compiler that
cannot tell whether a store changes it reads it anew each time, one cell after the other.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pdeperf.arrays.ir import ANYWHERE, Buffer, Counter, Definition, Expr, Read, Reduction, Scalar, rebuilt
from pdeperf.arrays.kept_text import called_from, hidden_from, kept_trees
from pdeperf.arrays.names import Names
from pdeperf.arrays.paths import is_entry, is_path, is_setting, plain
from pdeperf.arrays.program import Item, Kept, Nested, Run, runs_of
from pdeperf.arrays.sizes import Sizes
from pdeperf.arrays.steady import Steady
from pdeperf.arrays.unroll import table
from pdeperf.kernel.kinds import FLOAT, INT, NPFLOAT, Kind

_ELEMENTS = {"float64": NPFLOAT, "int64": Kind("npint")}
_KINDS = (FLOAT, INT, *_ELEMENTS.values())
_ENTERED = (ast.For, ast.While, ast.With)


@dataclass(slots=True)
class Constants:
    """Numbers of a region that are computed before it.

    Attributes
    ----------
    first
        What new names stand for whose types are still to be checked.
    known
        The same for those that are numbers where the region's conditions hold.
    """

    first: dict[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)


def assignments(texts: Mapping[str, str]) -> Iterator[str]:
    """What binds names to texts, one line for all entries of a list: ``c_0, c_1 = c[0], c[1]``."""
    groups: dict[str, list[str]] = {}
    for name, text in texts.items():
        groups.setdefault(text.partition("[")[0] if text.endswith("]") else text, []).append(name)
    for group in groups.values():
        yield f"{', '.join(group)} = {', '.join(texts[name] for name in group)}"


def without_invariants(
    items: Sequence[Item], names: Names, sizes: Sizes, bound: frozenset[str]
) -> tuple[list[Item], Constants]:
    """A region's items with names for such numbers.

    Parameters
    ----------
    bound
        Names and paths that may come to stand for something else while the region runs.
    """
    found = _Invariants(items, names, sizes, bound)
    return found.block(items), found.constants


class _Invariants:
    def __init__(self, items: Sequence[Item], names: Names, sizes: Sizes, bound: frozenset[str]) -> None:
        self._names, self._sizes = names, sizes
        self.constants = Constants()
        self._known: dict[str, str] = {}
        runs = list(runs_of(items))
        stored = {
            step.target.buffer.array.name
            for run in runs
            for step in run.steps
            if isinstance(step, Definition)
        }
        made = {name for run in runs for name in run.names}
        numbers = {step.name for run in runs for step in run.steps if isinstance(step, Reduction)}
        self._changing = frozenset(bound | stored | made | numbers)
        trees = list(kept_trees(items))
        trees += [*called_from(trees, names), *hidden_from(trees, names)]
        self._steady = Steady(trees, names.kind_in, names.called)
        self._is_certain = True

    def block(self, items: Sequence[Item]) -> list[Item]:
        """A block's items."""
        found: list[Item] = []
        for item in items:
            if isinstance(item, Run):
                item = self._run(item)
            elif isinstance(item, Nested):
                around, self._is_certain = self._is_certain, isinstance(item.statement, _ENTERED)
                self._is_certain &= around
                blocks = {name: self.block(block) for name, block in item.blocks.items()}
                self._is_certain = around
                item = replace(item, blocks=blocks)
            found.append(item)
        return found

    def _run(self, run: Run) -> Run:
        before: dict[str, str] = {}
        stored = {step.target.buffer.array for step in run.steps if isinstance(step, Definition)}
        own = {step.name for step in run.steps if isinstance(step, Reduction)}

        def change(leaf: Read | Counter | Scalar) -> Expr:
            if isinstance(leaf, Scalar) and not leaf.names & own:
                return self._scalar(leaf, before if not run.guards else None)
            if isinstance(leaf, Read) and leaf.version.buffer.array not in stored:
                return self._element(leaf, before if not run.guards else None)
            return leaf

        steps = [self._step(step, change) for step in run.steps]
        kept = [*run.before, *(self._assigned(name, text, run) for name, text in before.items())]
        return replace(run, steps=steps, before=kept)

    def _step(
        self, step: Definition | Reduction, change: Callable[[Read | Counter | Scalar], Expr]
    ) -> Definition | Reduction:
        if not step.counts:
            return step  # a single element: nothing is repeated
        expr = rebuilt(step.expr, change)
        if isinstance(step, Reduction):
            return replace(step, expr=expr)
        return replace(step, expr=expr, mask=rebuilt(step.mask, change) if step.mask is not None else None)

    def _assigned(self, name: str, text: str, run: Run) -> Kept:
        """``c_1 = c[k]`` before a run's loops."""
        statement = ast.parse(f"{name} = {text}").body[0]
        for node in ast.walk(statement):
            ast.copy_location(node, [*run.statements, *run.reduced][0])
        self._names.rewritten.add(id(statement))
        self._names.kept_alive.append(statement)
        return Kept(statement)

    def _element(self, leaf: Read, before: dict[str, str] | None) -> Expr:
        """An element of an array that is the same for all cells."""
        buffer = leaf.version.buffer
        if leaf.version.number or buffer.whole is not None or buffer.dtype not in _ELEMENTS:
            return leaf
        if not leaf.index or any(each.axis is not None or each == ANYWHERE for each in leaf.index):
            return leaf
        if buffer.is_temporary or buffer.name in self._names.aliases:
            return leaf
        places = ", ".join(str(self._sizes.plain(index.offset)) for index in leaf.index)
        text = f"{buffer.name}[{places}]"
        own = self._named(text, _ELEMENTS[buffer.dtype], before, of=buffer)
        return leaf if own is None else Scalar(own, buffer.dtype, names=frozenset((own,)))

    def _scalar(self, leaf: Scalar, before: dict[str, str] | None) -> Scalar:
        """A number's text with names for entries of lists, calls and powers in it."""
        if not re.search(r"[\[(]|\*\*", leaf.text):
            return leaf
        tree = ast.parse(leaf.text, mode="eval")
        changed = _Renamed(self, before).visit(tree).body
        text = ast.unparse(changed)
        if text == ast.unparse(ast.parse(leaf.text, mode="eval")):
            return leaf
        is_plain = isinstance(changed, ast.Name | ast.Constant | ast.Attribute | ast.Subscript | ast.Call)
        names = frozenset(node.id for node in ast.walk(changed) if isinstance(node, ast.Name))
        return replace(leaf, text=text if is_plain else f"({text})", names=names)

    def name_for(self, node: ast.expr, before: dict[str, str] | None) -> str | None:
        """A name for a part of a number's text; None if it stays where it is."""
        kind = self._names.kind_of(node)
        if kind not in _KINDS:
            return None
        return self._named(ast.unparse(node), kind, before)

    def _named(
        self, text: str, kind: Kind, before: dict[str, str] | None, of: Buffer | None = None
    ) -> str | None:
        if text in self._known:
            return self._known[text]
        tree = ast.parse(text, mode="eval").body
        is_sure = of is not None or self._is_written_out(tree)
        if (is_sure or self._is_certain) and self._is_constant(tree):
            own = self._known[text] = self._names.fresh_plain(_stem(tree))
            (self.constants.known if is_sure else self.constants.first)[own] = text
            self._names.before |= {own}
        elif before is not None and not isinstance(tree, ast.BinOp):
            own = next((name for name, other in before.items() if other == text), "")
            own = own or self._names.fresh_plain(_stem(tree))
            before[own] = text
        else:
            return None
        self._names.note_kind(own, kind)
        return own

    def _is_constant(self, tree: ast.expr) -> bool:
        """Has it one value all the while the region runs?"""
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and self._names.called(node):
                continue
            if isinstance(node, ast.Name) and (
                node.id not in self._names.before or node.id in self._changing
            ):
                return False
            if isinstance(node, ast.Attribute) and not self._names.called(node):
                path = ast.unparse(node)
                if not is_path(node) or self._names.is_property(node) or path in self._changing:
                    return False
                if not self._steady.keeps(path):
                    return False
            if isinstance(node, ast.Subscript) and is_setting(node) and not is_entry(node):
                if not self._names.keeps_entry(node):
                    return False
            elif isinstance(node, ast.Subscript) and not (is_setting(node) and is_setting(tree)):
                path = ast.unparse(node.value)
                if not is_path(node.value) or not self._steady.keeps(path):
                    return False
        return True

    def _is_written_out(self, tree: ast.expr) -> bool:
        """Is it an entry of a list of numbers that the file writes out once?"""
        match tree:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int(place))):
                known = table(name, self._names.module, self._names.called)
                return known is not None and known.is_numbers and place < known.length
        return False


class _Renamed(ast.NodeTransformer):
    """Names in place of entries, calls and powers."""

    def __init__(self, home: _Invariants, before: dict[str, str] | None) -> None:
        self._home, self._before = home, before

    def _as_name(self, node: ast.expr) -> ast.AST | None:
        own = self._home.name_for(node, self._before)
        return None if own is None else ast.Name(id=own, ctx=ast.Load())

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if is_entry(node) or (isinstance(node.value, ast.Attribute) and node.value.attr == "shape"):
            return node
        return self._as_name(node) or node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return self._as_name(node) or self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if isinstance(node.op, ast.Pow):
            return self._as_name(node) or self.generic_visit(node)
        return self.generic_visit(node)


def _stem(node: ast.expr) -> str:
    """What a number is called."""
    match node:
        case ast.Subscript(value=value, slice=place):
            name, entry = ast.unparse(value).rpartition(".")[2], ast.unparse(place).strip("()")
            return plain(f"{name}_{entry}".replace("-", "m"))
        case ast.Call(func=func):
            return f"{ast.unparse(func).rpartition('.')[2]}_here"
        case ast.BinOp(left=ast.Name(id=name), right=ast.Constant(value=int(power))) if not name[
            -1
        ].isdigit():
            return f"{name}{power}"
        case ast.BinOp(left=left, right=right):
            return plain(f"{ast.unparse(left)}_{ast.unparse(right)}")
    return "number"
