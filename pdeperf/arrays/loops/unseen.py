"""Is nothing else in a loop aware of which array object a name or an attribute stands for?

Arrays can take turns from one iteration to the next only if nobody keeps one of them in between.
"""

import ast
from collections.abc import Collection, Iterator, Sequence

from pdeperf.arrays.callees import is_static
from pdeperf.arrays.ir import Definition
from pdeperf.arrays.loops.reading import is_only_read, with_parents
from pdeperf.arrays.loops.slots import Loop
from pdeperf.arrays.measuring import Measuring
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Kept, Nested, Run, runs_of
from pdeperf.lifetimes.vocabulary import READING_METHODS
from pdeperf.source import Project

_BUILTINS = frozenset(
    f"builtins.{name}"
    for name in "abs bool enumerate float int len list max min print range round str sum tuple zip".split()
)
_LIBRARIES = ("numpy.", "math.", "time.")
_METHODS = READING_METHODS | {"append", "extend", "items", "values", "get", "add", "pop", "insert", "close"}
_KEYWORDS = frozenset("axis keepdims end sep file flush dtype ord".split())
_MAKING = frozenset(("__init__", "__post_init__"))
_CALLING = frozenset("numpy.vectorize numpy.frompyfunc numpy.apply_along_axis numpy.fromfunction".split())
_PASSED_ON = (ast.Lambda, ast.GeneratorExp, ast.NamedExpr, ast.Await, ast.With, ast.FunctionDef, ast.ClassDef)


def is_unseen(run: Run, loop: Loop, names: Names, *, may_read: bool = False) -> bool:
    """Is nothing else in the loop aware of which array object a name of the run stands for?

    Parameters
    ----------
    may_read
        Where names are bound to new arrays, others may read numbers out of them. Attributes are seen by
        whoever holds the object: only then, and where all other code of the loop is known.
    """
    statement = loop.statement
    touched = set(run.names) | {
        step.target.buffer.array.name for step in run.steps if isinstance(step, Definition)
    }
    roots = {name.split(".")[0].split("[")[0] for name in touched}
    attributes = {name for name in touched if "." in name}
    if attributes and not may_read:
        return False
    if touched & (names.aliases.keys() - names.rebound):
        return False  # entries of a dict are seen by whoever holds it
    if any(
        isinstance(node, ast.Return | ast.Yield | ast.YieldFrom | ast.Try) for node in ast.walk(statement)
    ):
        return False
    if roots & names.captured or view_names(run):
        return False
    others = (other for other in runs_of(loop.items) if other is not run)
    if any(
        view.buffer.array.name in touched and name != view.buffer.array.name
        for other in others
        for name, view in other.names.items()
    ):
        return False  # another run gives the array a second name
    inside = {id(node) for part in run.statements for node in ast.walk(part)} | _lifted(loop.items)
    trees = [statement, *_rewritten(loop.items, names.rewritten)]
    plain = roots - {name.split(".")[0] for name in attributes}
    if not may_read:
        return not any(
            isinstance(node, ast.Name) and node.id in plain and id(node) not in inside
            for tree in trees
            for node in ast.walk(tree)
        )
    standing = [*_head(statement), *_standing(loop.items)]
    return _only_read(trees, plain, inside, names) and (
        not attributes
        or (_only_read(standing, attributes, (), names) and _keeps_no_attribute(standing, attributes, names))
    )


def _only_read(
    trees: Sequence[ast.AST], found: Collection[str], apart_from: Collection[int], names: Names
) -> bool:
    return is_only_read(
        trees,
        found,
        apart_from=apart_from,
        called=names.called,
        rank=names.rank,
        measures=Measuring(names.module, names.scope, names.called).measures,
    )


def view_names(run: Run) -> bool:
    """Does a live name stand for part of an array?"""
    return any(not view.is_whole for name, view in run.names.items() if name in run.live)


def _keeps_no_attribute(trees: Sequence[ast.AST], attributes: Collection[str], names: Names) -> bool:
    """Is the code that stays in a loop known not to keep the arrays of some attributes?

    Whoever holds the object can see them. That code may read other attributes, and call what is known:
    libraries, functions that only measure, and methods that no class of the user's has.
    """
    if any(name.count(".") != 1 or "[" in name for name in attributes):
        return False
    objects = {name.partition(".")[0] for name in attributes}
    ends = {name.partition(".")[2] for name in attributes}
    own = _defined(names.project)
    if own is None:
        return False
    for tree in trees:
        for node, above in with_parents(tree):
            match node:
                case ast.Name(id=name) if name in objects:
                    if not above or not isinstance(above[-1], ast.Attribute):
                        return False  # the object is handed on, or gets another name
                case ast.Attribute(attr=attr) if attr in own:
                    if not isinstance(above[-1], ast.Call) or above[-1].func is not node:
                        return False  # a method that is kept for later
                case ast.Attribute(ctx=ast.Store() | ast.Del()) if names.rank(ast.unparse(node)):
                    return False  # another array, perhaps of another size
                case ast.Attribute(attr=attr, value=value) if attr in ends:
                    if not isinstance(value, ast.Name) or value.id not in objects:
                        return False  # perhaps the same object by another name
                case ast.Call() if not _is_known(node, own, names):
                    return False
                case ast.For(iter=ast.Name() | ast.Attribute()) if names.rank(ast.unparse(node.iter)) == 0:
                    return False  # perhaps a generator, which runs code of its own
                case ast.expr() | ast.stmt() if isinstance(node, _PASSED_ON):
                    return False
    return True


def _defined(project: Project) -> frozenset[str] | None:
    """Names of all functions of the user's; None where some run without being called by name."""
    found: set[str] = set()
    for node in (each for module in project.modules.values() for each in module.nodes):
        match node:
            case ast.FunctionDef(name=name, decorator_list=decorators):
                if (decorators and not is_static(node)) or (name.startswith("__") and name not in _MAKING):
                    return None
                found.add(name)
            case ast.Yield() | ast.YieldFrom() | ast.AsyncFunctionDef():
                return None
    return frozenset(found)


def _is_known(call: ast.Call, own: Collection[str], names: Names) -> bool:
    """Does a call run no code of the user's that might keep something?"""
    name = names.called(call.func)
    if any(keyword.arg not in _KEYWORDS for keyword in call.keywords):
        return False
    if name:
        return name in _BUILTINS or (name.startswith(_LIBRARIES) and name not in _CALLING)
    if isinstance(call.func, ast.Attribute) and call.func.attr in _METHODS and call.func.attr not in own:
        return True
    return Measuring(names.module, names.scope, names.called).measures(call)


def _head(statement: ast.stmt) -> Iterator[ast.AST]:
    """What a compound statement evaluates itself."""
    for name, value in ast.iter_fields(statement):
        if name in ("test", "target", "iter"):
            yield value


def _standing(items: Sequence[Item]) -> Iterator[ast.AST]:
    """The code that stays in a loop as it is."""
    for item in items:
        match item:
            case Kept(statement=statement, text=text):
                yield ast.parse(text) if text else statement
            case Run(statements=statements, before=before, guards=guards):
                yield from _standing(before)
                if guards:
                    yield from statements
            case Nested(statement=statement, blocks=blocks):
                yield from _head(statement)
                for block in blocks.values():
                    yield from _standing(block)


def _lifted(items: Sequence[Item]) -> set[int]:
    """Nodes of statements that have become loops."""
    found: set[int] = set()
    for item in items:
        if isinstance(item, Run):
            if item.guards:
                continue  # the statements themselves still run where sizes do not fit
            reduced = (part.test if isinstance(part, ast.If) else part for part in item.reduced)
            found |= {id(node) for part in (*item.statements, *reduced) for node in ast.walk(part)}
        elif isinstance(item, Nested):
            for block in item.blocks.values():
                found |= _lifted(block)
    return found


def _rewritten(items: Sequence[Item], changed: Collection[int]) -> Iterator[ast.AST]:
    """What is left of statements whose reductions have become loops."""
    for item in items:
        if isinstance(item, Kept) and id(item.statement) in changed:
            yield item.statement
        elif isinstance(item, Nested):
            if id(item.statement) in changed:
                yield getattr(item.statement, "test", item.statement)
            for block in item.blocks.values():
                yield from _rewritten(block, changed)
