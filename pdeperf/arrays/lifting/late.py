"""Runs whose sizes come about inside the region: checked where they stand, beside the user's statements."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Definition
from pdeperf.arrays.kept_text import called_from, kept_trees
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Kept, Nested, Run, bound_by_text, runs_of
from pdeperf.arrays.sizes import roots
from pdeperf.source.flow import reads, writes


def bound_here(items: Sequence[Item], names: Names) -> frozenset[str]:
    """Names, and paths of arrays, that may come to stand for other objects while the region runs."""
    trees = list(kept_trees(items))
    if reaching := _reaching([*trees, *called_from(trees, names)]):
        raise Unliftable(f"`{reaching}` may change any name here")
    entered = (buffer.name for run in runs_of(items) for buffer in run.entry.values())
    bound = (name for run in runs_of(items) for name in run.names)
    paths = {path for path in (*entered, *bound) if "." in path}
    functions = list(called_from(trees, names))
    stored = {ast.unparse(node) for tree in trees for node in ast.walk(tree) if _is_stored(node)}
    inner = [node for function in functions for node in ast.walk(function)]
    attributes = {node.attr for node in inner if isinstance(node, ast.Attribute) and _is_stored(node)}
    shared = {name for node in inner if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    if any(isinstance(node, ast.Name) and node.id == "setattr" for node in inner):
        stored |= {path.split(".")[0] for path in paths}
    late = {
        path
        for path in paths
        if any(path == each or path.startswith(f"{each}.") for each in stored)
        or attributes.intersection(path.split(".")[1:])
    }
    return bound_by_text(items) | late | shared


def _reaching(trees: Sequence[ast.AST]) -> str:
    """A call among some code that binds names which it does not mention."""
    for tree in trees:
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="exec" | "globals" | "vars" | "locals" as name)):
                    return name
    return ""


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)


def guards_of(run: Run, late: frozenset[str], names: Names) -> Iterator[str]:
    """What has to hold of a run's late arrays besides their sizes: their types, and that they are apart."""
    entered = [buffer for buffer in run.entry.values() if roots(buffer.name) & late]
    yield from names.typed(tuple(dict.fromkeys(entered)))
    written = {
        step.target.buffer.name
        for step in run.steps
        if isinstance(step, Definition) and not step.target.buffer.is_temporary
    }
    every = sorted({buffer.name for buffer in run.entry.values()})
    for at, one in enumerate(every):
        for other in every[at + 1 :]:
            if {one, other} & written and (roots(one) | roots(other)) & late:
                yield f"not {names.library}.may_share_memory({one}, {other})"


def where_it_holds(run: Run, rest: Sequence[Item], names: Names) -> list[Item]:
    """A run and what is left of the statement after it, or their statements where its guards fail.

    Raises
    ------
    Unliftable
        If a number has to be known before the guards and may not be computed twice.
    """
    if not run.guards:
        return [run, *rest]
    test = ast.parse(" and ".join(run.guards), mode="eval").body
    first = {id(kept.statement) for kept in run.before}
    others = [part for part in (*run.statements, *run.reduced) if id(part) not in first]
    numbers = frozenset[str]().union(*(writes(kept.statement) for kept in run.before))
    if numbers & frozenset[str]().union(*(writes(part) for part in others)):
        raise Unliftable(f"`{min(numbers)}` is bound beside arrays whose sizes come about here")
    if (reads(test) | numbers) & {step.name for step in run.steps if hasattr(step, "name")}:
        raise Unliftable("sizes that are computed here")
    where = others[0] if others else run.statements[0]
    choice = ast.If(test=test, body=[ast.Pass()], orelse=[ast.Pass()])
    for node in ast.walk(choice):
        ast.copy_location(node, where)
    names.rewritten.add(id(choice))
    names.kept_alive.append(choice)
    before, run.before = list(run.before), []
    return [*before, Nested(choice, {"body": [run, *rest], "orelse": [Kept(part) for part in others]})]
