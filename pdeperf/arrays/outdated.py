"""Loops whose names stand for what their bodies bind anew: ``for q in (s["u"], s["v"]): s["v"] = 2 * q``."""

import ast
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence

from pdeperf.arrays.entries import reached
from pdeperf.arrays.inline import Renamed
from pdeperf.arrays.paths import is_path
from pdeperf.source import Module

_CHANGING = frozenset("update pop popitem clear setdefault append extend insert remove reverse sort".split())
_LENGTHENING = frozenset(("append", "extend"))
_REFLECTING = frozenset(("setattr", "delattr", "exec", "eval", "vars", "globals", "locals"))
_COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.Try)
_Part = ast.Subscript | ast.Attribute


def is_outdated(
    body: Sequence[ast.stmt],
    rounds: Sequence[Mapping[str, ast.expr]],
    module: Module,
    called: Callable[[ast.expr], str],
) -> bool:
    """May a round read an entry or an attribute by the loop's name after the body has bound it anew?

    Written out, the round would read the new one.

    Parameters
    ----------
    rounds
        What the loop's names stand for in each round.
    called
        Full name of a library's function that an expression calls; empty for the user's own.
    """
    every = {
        ast.unparse(value): value
        for names in rounds
        for value in names.values()
        if isinstance(value, ast.Subscript | ast.Attribute)
    }
    if not every:
        return False
    bound: set[str] = set()
    for names in rounds:
        for part in body:
            reads = {
                ast.unparse(names[node.id])
                for node in ast.walk(part)
                if isinstance(node, ast.Name) and node.id in names
            }
            by_calls = _bound_by_calls(part, every, module, called)
            by_stores = _bound_by_stores(Renamed(names).visit(copy.deepcopy(part)), every)
            is_before = isinstance(part, _COMPOUND) or _has_several_targets(part)
            if reads & (bound | by_calls | (by_stores if is_before else set())):
                return True
            bound |= by_calls | by_stores
    return False


def _has_several_targets(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and (len(node.targets) > 1 or isinstance(node.targets[0], ast.Tuple))


def _bound_by_stores(node: ast.AST | list[ast.stmt], every: Mapping[str, _Part]) -> set[str]:
    """Which of the entries and attributes a statement itself binds."""
    nodes = node if isinstance(node, list) else [node]
    stores = [inner for each in nodes for inner in ast.walk(each)]
    return {text for text, part in every.items() for inner in stores if _binds(inner, part, every)}


def _bound_by_calls(
    node: ast.stmt, every: Mapping[str, _Part], module: Module, called: Callable[[ast.expr], str]
) -> set[str]:
    """Which of them may be bound by what a statement calls."""
    functions = list(reached([node], module))
    for call in _calls((node, *functions)):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        is_harmless = name in _LENGTHENING and all(map(_is_from_the_front, every.values()))
        if name in _REFLECTING or (name in _CHANGING and not called(call.func) and not is_harmless):
            return set(every)
    stores = [inner for each in functions for inner in ast.walk(each)]
    return {text for text, part in every.items() for inner in stores if _binds(inner, part, every)}


def _is_from_the_front(part: _Part) -> bool:
    """Does an attribute or an entry stay what it is when a list becomes longer: ``U[0]``, not ``U[-1]``?"""
    match part:
        case ast.Subscript(slice=ast.Constant(value=int() | str())) | ast.Attribute():
            return True
    return False


def _calls(nodes: Sequence[ast.AST]) -> Iterator[ast.Call]:
    for each in nodes:
        yield from (node for node in ast.walk(each) if isinstance(node, ast.Call))


def _binds(node: ast.AST, part: _Part, every: Mapping[str, _Part]) -> bool:
    """May a node bind an entry or an attribute, perhaps by another name of its owner?"""
    if isinstance(getattr(node, "ctx", None), ast.Load) or not isinstance(
        node, ast.Subscript | ast.Attribute
    ):
        return False
    if isinstance(node, ast.Attribute):
        return isinstance(part, ast.Attribute) and node.attr == part.attr
    if isinstance(part, ast.Attribute) or ast.unparse(node.value) in every:
        return False  # it stores into the object itself
    match part.slice, node.slice:
        case ast.Constant(value=str() as key), ast.Constant(value=str() as other):
            return key == other
        case ast.Constant(value=str()), ast.Name() | ast.Attribute() | ast.JoinedStr():
            return is_path(node.value) and ast.unparse(node.value) == ast.unparse(part.value)
    return ast.unparse(node.value) == ast.unparse(part.value)
