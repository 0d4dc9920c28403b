"""Which of the functions that a parameter was given is meant at one call, and what it is given besides."""

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pdeperf.kernel.callee_use import Problem
from pdeperf.kernel.definitions import is_compiled, single_definition
from pdeperf.kernel.paths import is_path
from pdeperf.source import Project
from pdeperf.source.scopes import parameters

if TYPE_CHECKING:
    from pdeperf.kernel.callee_search import Search
    from pdeperf.kernel.found_functions import Found
    from pdeperf.kernel.lowering import Lowering


def given_to(call: ast.Call, found: "Found") -> dict[str, ast.expr]:
    """What a call gives for each parameter."""
    names = [name for name in parameters(found.node) if name != found.self_name]
    given = dict(zip(names[len(found.leading) :], call.args, strict=False))
    return given | {word.arg: word.value for word in call.keywords if word.arg}


def functions_given(
    given: Mapping[str, ast.expr], found: "Found", caller: "Lowering", search: "Search"
) -> tuple[tuple[str, str], ...]:
    """The parameters that get functions, with what this call names for each.

    ``rusanov(a, b, flux_x)`` and ``rusanov(c, d, flux_y)`` are compiled as two functions: each call is
    written for the function that it names.
    """
    if not isinstance(found.node, ast.FunctionDef) or is_compiled(found.node):
        return ()
    result: list[tuple[str, str]] = []
    for name, value in given.items():
        seen = search.observed.look(found.module, found.node, name)
        if seen is None or not seen.functions or not isinstance(value, ast.Name):
            continue
        if value.id in caller.meant:
            result.append((name, caller.meant[value.id]))
            continue
        owner = caller.scope.resolve(value.id)
        if owner is None or not owner.is_module or value.id in caller.assigned:
            continue
        named = single_definition(value.id, owner.node)
        meant = [one for one in seen.functions if (place := search.located(one)) and place[1] is named]
        result += [(name, one) for one in meant if len(meant) == 1]
    return tuple(result)


def told_apart(found: "Found", search: "Search") -> str:
    """What tells a function's copies apart that are made for different functions: ``_minmod``."""
    names: list[str] = []
    for name, one in found.given:
        seen = search.observed.look(found.module, found.node, name)
        names += [one.rpartition(":")[2].strip("_")] if seen is not None and len(seen.functions) > 1 else []
    return "".join(f"_{name}" for name in names)


def is_spread_plainly(call: ast.Call, caller: "Lowering") -> bool:
    """Is nothing starred but a tuple of numbers, at the end: ``f(u, i, *args)``?"""
    if any(not word.arg for word in call.keywords):
        return False
    starred = [part for part in call.args if isinstance(part, ast.Starred)]
    if not starred:
        return True
    value = starred[0].value
    seen = caller.look(ast.unparse(value)) if is_path(value) else None
    alone = len(starred) == 1 and call.args[-1] is starred[0] and not call.keywords
    return alone and seen is not None and seen.kind.base == "tuple"


def places_of_objects(call: ast.Call, found: "Found") -> frozenset[int | str]:
    """Positions and keywords of the arguments that are objects."""
    names = [name for name in parameters(found.node) if name != found.self_name][len(found.leading) :]
    objects = dict(found.objects)
    places: set[int | str] = {at for at, name in enumerate(names[: len(call.args)]) if name in objects}
    return frozenset(places | {word.arg for word in call.keywords if word.arg in objects})


def unknown(call: ast.Call, name: str, seen: str, project: Project) -> Problem:
    """Why a call of a function that was seen, ``heat.py:7:<lambda>``, cannot be followed."""
    file, line, *_ = (*seen.split(":"), "", "")
    nodes = ast.walk(project[file].tree) if file in project else ()
    if sum(isinstance(node, ast.Lambda) and str(node.lineno) == line for node in nodes) > 1:
        reason = f"it calls `{name}`, one of several lambdas at {file}:{line}"
        return Problem(call.lineno, reason, "put each of them on a line of its own, or define it by def")
    if any(row.subject == name and row.value == "functools.partial" for row in project.observed):
        advice = f"define it at top level: `def {name}(...): return ...`"
        return Problem(call.lineno, f"it calls `{name}`, a functools.partial", advice)
    what = "a library's function" if seen else "something that is not a function of yours"
    return Problem(call.lineno, f"it calls `{name}`, {what}")
