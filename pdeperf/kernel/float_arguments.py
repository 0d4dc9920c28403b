"""Numbers that start as integers, as ``t = 0`` does, given to kernels as the floats that they become."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pdeperf.kernel.compiled import compiled
from pdeperf.kernel.observed import scope_seen
from pdeperf.kernel.vocabulary import qualified
from pdeperf.model import Candidate
from pdeperf.source import Module, Project, parsed
from pdeperf.source import edits as texts
from pdeperf.source.scopes import scope_of

_FLOATS = frozenset(("float", "numpy.float64"))
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_OF_FLOATS = frozenset(
    f"{library}.{name}"
    for library in ("numpy", "math")
    for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "sqrt", "arctan", "atan", "fabs")
)
"""Functions that give a float of an integer, the same one as of the float."""
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def with_float_arguments(candidate: Candidate, project: Project) -> Candidate:
    """The same, with ``float(t)`` where a kernel would be compiled twice: for an integer and for floats.

    Only where the kernel computes the same of both: what is added, multiplied, divided and compared, or
    goes into a function of floats. Integers above 2**53, which floats do not have, are no times.
    """
    patches = []
    for patch in candidate.patches:
        before = project[patch.file]
        after = parsed(patch.file, patch.after, is_script=before.is_script)
        found = list(_Calls(before, after, project).edits()) if "float" not in _bound(after) else []
        patches.append(replace(patch, after=texts.apply(patch.after, found)))
    return replace(candidate, patches=tuple(patches))


def _bound(module: Module) -> frozenset[str]:
    return frozenset(
        node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name) and _is_stored(node)
    )


def _is_stored(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


class _Calls:
    """The calls of new kernels in a rewritten file."""

    def __init__(self, before: Module, after: Module, project: Project) -> None:
        self._after = after
        known = {node.name for node in before.tree.body if isinstance(node, _Function)}
        functions = [node for node in after.tree.body if isinstance(node, ast.FunctionDef)]
        self._made = {node.name: node for node in functions if node.name not in known}
        self._kernels = {item.name: item.node for item in compiled(after)}
        self._seen: dict[tuple[str, ...], dict[str, set[str]]] = {}
        for row in project.observed:
            if row.where.file == before.file and row.metric == "type" and row.subject:
                scope = _path(scope_seen(before, row), before)
                self._seen.setdefault(scope, {}).setdefault(row.subject, set()).add(str(row.value))

    def edits(self) -> Iterator[texts.Edit]:
        """``float(t)`` for each ``t`` that was an integer first and a float later."""
        if not self._made.keys() & self._kernels.keys():
            return
        for call in (node for node in ast.walk(self._after.tree) if isinstance(node, ast.Call)):
            scope = scope_of(self._after, call).node
            if not (isinstance(call.func, ast.Name) and call.func.id in self._made):
                continue
            if isinstance(scope, ast.FunctionDef) and self._made.get(scope.name) is scope:
                continue
            types = self._seen.get(_path(scope, self._after), {})
            for place, given in enumerate(call.args):
                name = ast.unparse(given)
                if not isinstance(given, ast.Name | ast.Attribute) or not _is_mixed(types.get(name, set())):
                    continue
                if self._is_same(self._made[call.func.id], place, isinstance(given, ast.Name)):
                    yield texts.replace(self._after, given, f"float({name})")

    def _is_same(self, function: ast.FunctionDef, place: int, is_name: bool, depth: int = 0) -> bool:
        """Does a function do the same with a float as with the integer of the same value?"""
        parameters = [each.arg for each in function.args.args]
        if place >= len(parameters) or depth > len(self._made):
            return False
        name = parameters[place]
        uses = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == name]
        moved = [node for node in uses if _is_stored(node)]
        if moved and not (is_name and _is_moved_always(function, moved)):
            return False
        loads = (node for node in uses if not _is_stored(node))
        return all(self._is_use_of_floats(node, bool(moved), depth) for node in loads)

    def _is_use_of_floats(self, node: ast.expr, is_moved: bool, depth: int) -> bool:
        """Is a number computed with as a float would be, and no integer made of it that gets out?"""
        parents = self._after.parents
        match parents[node]:
            case ast.Call(func=ast.Name(id=called), args=given) if called in self._made and node in given:
                return self._is_same(self._made[called], given.index(node), not is_moved, depth + 1)
            case ast.Return() | ast.Tuple(ctx=ast.Load()):
                return is_moved
        above = parents[node]
        while isinstance(above, ast.BinOp) and isinstance(above.op, _OPERATORS):
            above = parents[above]
        match above:
            case (
                ast.Compare() | ast.Assign(targets=[ast.Subscript()]) | ast.AugAssign(target=ast.Subscript())
            ):
                return True
            case ast.Call(func=library):
                return qualified(library, self._after, scope_of(self._after, above)) in _OF_FLOATS
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AugAssign(target=ast.Name(id=name)):
                return not self._gets_out(name, above)
        return False

    def _gets_out(self, name: str, statement: ast.stmt) -> bool:
        """Is a name returned, or what another name is bound to as it is?"""
        function = scope_of(self._after, statement).node
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and node.id == name and not _is_stored(node):
                above = self._after.parents[node]
                if isinstance(above, ast.Return | ast.Tuple | ast.Assign):
                    return True
        return False


def _is_moved_always(function: ast.FunctionDef, moved: Sequence[ast.Name]) -> bool:
    """Is a time moved on, ``t += dt``, on the way to every return?"""
    steps = [
        statement
        for statement in function.body
        if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add | ast.Sub)
    ]
    at = min((function.body.index(each) for each in steps if each.target in moved), default=None)
    early = function.body[:at] if at is not None else ()
    returns = [node for part in early for node in ast.walk(part) if isinstance(node, ast.Return)]
    return at is not None and not returns and all(any(each.target is one for each in steps) for one in moved)


def _is_mixed(types: set[str]) -> bool:
    return "int" in types and bool(types & _FLOATS) and types <= {"int", *_FLOATS}


def _path(scope: ast.AST, module: Module) -> tuple[str, ...]:
    """The names of a function and what it stands in."""
    around = (scope, *module.ancestors(scope))
    return tuple(node.name for node in around if isinstance(node, _Function | ast.ClassDef))
