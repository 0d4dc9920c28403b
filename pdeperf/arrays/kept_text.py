"""Code of a region that still runs as it was written, and the functions that it may call."""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from pdeperf.arrays.entries import reached
from pdeperf.arrays.names import Names
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.program import Item, Kept, Nested, Run
from pdeperf.kernel.kinds import UNKNOWN
from pdeperf.source.flow import writes

_METHODS = frozenset(
    "append extend insert pop copy sum mean max min any all std var dot reshape ravel flatten astype tolist "
    "item fill sort update write writerow format join strip split keys values items get set_data set_title "
    "set_array set_text set_ydata plot imshow savefig close flush draw pause".split()
)
_CHANGING = frozenset("fill sort put resize itemset setfield partition byteswap setflags".split())


def kept_trees(items: Sequence[Item]) -> Iterator[ast.AST]:
    """What still runs as it was written: statements, and the heads of loops and branches."""
    for item in items:
        match item:
            case Kept():
                yield item.statement
            case Run():
                yield from (kept.statement for kept in item.before)
            case Nested(statement=ast.With(items=heads)):
                yield from heads
                yield from kept_trees([each for block in item.blocks.values() for each in block])
            case Nested():
                head = getattr(item.statement, "test", None) or getattr(item.statement, "iter", None)
                if head is not None:
                    yield head
                yield from kept_trees([each for block in item.blocks.values() for each in block])


def called_from(trees: Sequence[ast.AST], names: Names) -> Iterator[ast.FunctionDef]:
    """The file's functions that some code may call."""
    known = {node.name for node in names.module.nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    if _calls_unknown(trees, known, names):
        yield from (each for each in names.module.all(ast.FunctionDef))
        return
    yield from reached(trees, names.module)


def hidden_from(trees: Sequence[ast.AST], names: Names) -> Iterator[ast.AST]:
    """What else some code may run: lambdas, and statements that keep methods of arrays, ``put = u.fill``."""
    known = {node.name for node in names.module.nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    if not _calls_unknown([*trees, *called_from(trees, names)], known, names):
        return
    parents = names.module.parents
    for node in names.module.nodes:
        if isinstance(node, ast.Lambda):
            yield node
        elif isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            above = parents.get(node)
            is_called = isinstance(above, ast.Call) and above.func is node
            last = node.attr if isinstance(node, ast.Attribute) else node.id
            if last == "partial" if is_called else last in _CHANGING or last.startswith("__"):
                yield next(
                    (each for each in names.module.ancestors(node) if isinstance(each, ast.stmt)), node
                )


def _calls_unknown(trees: Sequence[ast.AST], known: Collection[str], names: Names) -> bool:
    """Is something called of which the file does not tell what it is?"""
    for tree in trees:
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or names.called(node.func):
                continue
            last = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if last not in known and not _is_of_a_value(node.func, names):
                return True
    return False


def _is_of_a_value(func: ast.expr, names: Names) -> bool:
    """Is it a method of an array, a list or the like: ``frames.append``, ``u.copy``?"""
    if not isinstance(func, ast.Attribute):
        return False
    return func.attr in _METHODS or (is_path(func.value) and names.kind_of(func.value) != UNKNOWN)


def without_unread(items: Sequence[Item], names: Names) -> list[Item]:
    """A region without the dicts and lists that it puts together where a run ends and nobody reads."""
    trees = list(kept_trees(items))
    read = names.live_after(names.region) | names.captured
    read |= {
        node.id
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }

    def is_idle(item: Item) -> bool:
        match item:
            case Kept(statement=ast.Assign(targets=[ast.Name(id=name)]) as statement):
                return id(statement) in names.own_text and name not in read
        return False

    def within(block: Sequence[Item]) -> list[Item]:
        found: list[Item] = []
        for item in block:
            if is_idle(item):
                assert isinstance(item, Kept)
                names.dropped |= writes(item.statement)
            elif isinstance(item, Nested):
                blocks = {name: within(part) for name, part in item.blocks.items()}
                found.append(replace(item, blocks=blocks))
            else:
                found.append(item)
        return found

    return within(items)
