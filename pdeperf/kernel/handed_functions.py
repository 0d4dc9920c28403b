"""Functions that are called by another name: ``f(u)`` after ``f = self.rhs``, ``rhs = make_rhs(nu)``."""

import ast
import re
from typing import TYPE_CHECKING

from pdeperf.kernel.callee_use import Problem
from pdeperf.kernel.definitions import Definition
from pdeperf.kernel.found_functions import Found
from pdeperf.kernel.kinds import BOOL, FLOAT, INT
from pdeperf.kernel.made_functions import bound_cells, is_made, made_at, method_check
from pdeperf.kernel.paths import is_path, root_name
from pdeperf.kernel.replaced import is_assigned
from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS, bound_names, parameters

if TYPE_CHECKING:
    from pdeperf.kernel.callee_search import Search
    from pdeperf.kernel.lowering import Lowering

Located = tuple[Module, Definition, str]
_CELL_KINDS = (INT, FLOAT, BOOL)
"""What a compiled function may bind anew in a cell: numbers that come back as they are."""


def bound_method(func: ast.Name, located: Located, caller: "Lowering") -> Found | None:
    """``k = self.material.conductivity`` somewhere in the function, and ``k(T)``."""
    module, node, name = located
    made = [
        part.value
        for part in ast.walk(caller.scope.node)
        if isinstance(part, ast.Assign) and func.id in {n for t in part.targets for n in bound_names(t)}
    ]
    if len(made) != 1 or not isinstance(made[0], ast.Attribute) or func.id in parameters_of(caller):
        return None
    value = made[0]
    plain = isinstance(node, ast.FunctionDef) and not node.decorator_list and parameters(node)
    is_method = isinstance(module.parents.get(node), ast.ClassDef) and value.attr == name
    if not (plain and is_method and is_path(value)) or root_name(value) in caller.assigned:
        return None
    receiver = ast.unparse(value.value)
    guard = f"{func.id} == {ast.unparse(value)}"
    return Found(module, node, name, receiver, self_name=parameters(node)[0], guard=guard)


def handed(
    call: ast.Call, func: ast.expr, located: Located, caller: "Lowering", search: "Search"
) -> Found | Problem | None:
    """``rhs = make_rhs(nu)`` and ``rhs(u, i)``; ``integrate(self.rhs, u)`` and ``f(u)``."""
    module, node, name = located
    text = caller.canonical(ast.unparse(func))  # a condition begins with another word
    func = ast.parse(text, mode="eval").body
    is_here = module is search.home and caller.module is module
    if not is_here or root_name(func) in caller.assigned | caller.elements.keys():
        return None
    if isinstance(node, ast.FunctionDef) and (check := method_check(text, node, module)):
        if not parameters(node) or is_assigned(name, None, search.observed.provable.program, search.project):
            return None
        receiver = f"{text}.__self__"
        if _is_own(func, module.parents[node], caller):
            receiver, check = text.rpartition(".")[0], f"{check} and {receiver} is {text.rpartition('.')[0]}"
        return Found(module, node, name, receiver, parameters(node)[0], guard=check)
    if not is_made(node, module):
        return None
    made = made_at(text, node, module)
    if made.trouble:
        reason = f"`{text}` is a function that captured `{made.trouble}`, which may change meanwhile"
        return Problem(call.lineno, reason, f"give `{made.trouble}` a value once, before the function")
    given_back = (search.observed.look(module, node, one) for one in bound_cells(node))
    if any(seen is None or seen.kind not in _CELL_KINDS for seen in given_back):
        return None
    stem = name if isinstance(node, ast.FunctionDef) else re.findall(r"\b[^\W\d]\w*", text)[-1]
    if not made.check:
        return None
    cells, check = dict(made.cells), made.check
    if made.own in cells and _is_own(func, made.home, caller):
        owner = text.rpartition(".")[0]
        check, cells[made.own] = f"{check} and {cells[made.own]} is {owner}", owner
    return Found(module, node, stem, guard=check, cells=tuple(cells.items()))


def _is_own(func: ast.expr, home: ast.AST | None, caller: "Lowering") -> bool:
    """Is it an attribute of an object of the class in which the function stands?"""
    seen = caller.class_of(func.value) if isinstance(func, ast.Attribute) and is_path(func.value) else ""
    return bool(seen) and home in caller.observed.provable.program.ancestry(seen)


def parameters_of(caller: "Lowering") -> tuple[str, ...]:
    """Names of the parameters of the function that is compiled."""
    node = caller.scope.node
    return parameters(node) if isinstance(node, FUNCTIONS) else ()
