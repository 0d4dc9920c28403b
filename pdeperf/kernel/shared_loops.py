"""Which loops of a compiled kernel are shared out over the cores, and what stands in the way."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.kernel.compiled import Compiled, Judged, compiled, definition, judged
from pdeperf.kernel.dependence import Answer
from pdeperf.kernel.unsigned import negated_counter
from pdeperf.kernel.vocabulary import qualified
from pdeperf.kernel.zero_counts import UncountableError, zero_counts
from pdeperf.source import Project
from pdeperf.source.scopes import own_nodes, parameters, scope_of


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why no loop is shared out, and where that stands."""

    node: ast.stmt
    reason: str
    advice: str = ""


def shared_out(item: Compiled, project: Project) -> list[Judged] | Hindrance:
    """The loops that run on all cores, or what stands in the way."""
    loops = list(judged(item, project))
    chosen = _chosen(loops, item, project)
    return _hindrance(item, chosen, loops, project) or chosen


def _chosen(loops: list[Judged], item: Compiled, project: Project) -> list[Judged]:
    """Independent loops that prange can express, with steps of one.

    Beside loops over planes or rows those over the cells of an edge stay serial: starting the threads
    costs more than they take.
    """
    fitting = [
        found
        for found in loops
        if found.proof.answer is Answer.YES
        and isinstance(found.loop.iter, ast.Call)
        and len(found.loop.iter.args) < 3
    ]
    return [found for found in fitting if _is_nest(found.loop, item, project)] or fitting


def _is_nest(loop: ast.For, item: Compiled, project: Project) -> bool:
    """Does each turn have loops of its own, or call a function of the user's?"""
    inside = [node for part in loop.body for node in ast.walk(part)]
    calls = (node for node in inside if isinstance(node, ast.Call))
    return any(isinstance(node, ast.For | ast.While) for node in inside) or any(
        definition(call.func, item.module, project) for call in calls
    )


def _hindrance(
    item: Compiled, chosen: list[Judged], loops: list[Judged], project: Project
) -> Hindrance | None:
    """What stands in the way; None if nothing does."""
    node, module = item.node, item.module
    if not chosen:
        stepped = [found for found in loops if found.proof.answer is Answer.YES]
        if stepped:
            return Hindrance(
                stepped[0].loop, "prange counts in steps of one only", "write the loop with a step of one"
            )
        blocked = loops[0] if loops else None
        if blocked is None:
            return Hindrance(node, "it has no loop over range")
        return Hindrance(blocked.loop, blocked.proof.reason)
    names = {inner.id for inner in module.all(ast.Name)}
    if "prange" in names and qualified(_name("prange"), module, scope_of(module, node)) != "numba.prange":
        return Hindrance(node, "the name prange means something else in this file", "rename it")
    if any(found.proof.branches for found in chosen) and {"max", "min"} & {*parameters(node), *_bound(node)}:
        return Hindrance(node, "the names max and min mean something else in this function", "rename them")
    for found in chosen:
        if (negated := negated_counter(found.loop)) is not None:
            return Hindrance(
                found.loop,
                f"the counter of prange is unsigned: `{ast.unparse(negated)}` errs (line {negated.lineno})",
                "write a difference, `0 - i`, in place of a negated counter",
            )
        for call in (inner for inner in ast.walk(found.loop) if isinstance(inner, ast.Call)):
            called = definition(call.func, module, project)
            if called and any(
                other.node is called[1] and not other.is_serial for other in compiled(called[0])
            ):
                return Hindrance(found.loop, f"`{called[1].name}`, which it calls, is parallel already")
        try:
            zero_counts(item, found.loop, project)
        except UncountableError as problem:
            return Hindrance(found.loop, f"{problem.reason}, which prange does not tell")
    if not any(found.proof.distinct for found in chosen):
        return None
    for statement in ast.walk(node):
        if isinstance(statement, ast.Name) and statement.id == node.name:
            return Hindrance(node, f"`{node.name}` calls itself")
    for other in project.modules.values():
        for inner in other.nodes:
            if (
                isinstance(inner, ast.Attribute)
                and isinstance(inner.value, ast.Name)
                and inner.value.id == node.name
            ):
                return Hindrance(
                    node, f"`{node.name}.{inner.attr}` is used, which only the compiled function has"
                )
    if node.args.vararg or node.args.kwarg or node.args.kwonlyargs:
        return Hindrance(node, "its arguments are starred or keyword-only", "give it plain arguments")
    return None


def _name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


def _bound(node: ast.FunctionDef) -> Iterator[str]:
    for inner in own_nodes(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id
