"""Functions of the user's that measure: they make numbers or new arrays of what they get, no more."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

from pdeperf.arrays.callees import definition, is_static
from pdeperf.source import Module
from pdeperf.source.scopes import Scope, parameters, scope_of

_OF_ONE = "abs absolute sqrt square exp log sin cos tan arctan isnan isfinite sign count_nonzero float64 copy"
_OF_TWO = (
    "sum mean std var max min amax amin any all hypot maximum minimum dot vdot inner norm median percentile "
    "zeros ones zeros_like ones_like empty_like argmax argmin power"
)
_OF_THREE = "where gradient roll diff trapezoid trapz"
_MAKING = {
    name: count
    for count, names in enumerate((_OF_ONE, _OF_TWO, _OF_THREE), start=1)
    for name in names.split()
}
"""NumPy's functions that give back neither what they are given nor a view of it, and how many arguments
they may have: a further one may be where the result goes."""
_METHODS = frozenset("sum mean max min std var any all prod copy item".split())
_BUILTINS = frozenset(f"builtins.{name}" for name in ("float", "int", "abs", "len", "round", "range"))
_STATEMENTS = (ast.Assign, ast.Return, ast.If, ast.For, ast.Expr, ast.Pass, ast.Assert)
_HOLDING = (
    ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.Lambda,
    ast.NamedExpr, ast.Starred, ast.Await, ast.Yield, ast.YieldFrom,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measuring:
    """Answers for the calls that stand in one scope.

    Attributes
    ----------
    called
        Full name of a library's function that an expression calls; empty for all others.
    most_deep
        So many calls within calls are followed.
    """

    module: Module
    scope: Scope
    called: Callable[[ast.expr], str]
    most_deep: int = 4

    def measures(self, call: ast.Call) -> bool:
        """Does a call change nothing, and leave nobody with an array that was there before?"""
        function = definition(call.func, self.module, self.scope)
        if function is None or not self.most_deep or (function.decorator_list and not is_static(function)):
            return False
        own = scope_of(self.module, function.body[0])
        inner = replace(self, scope=own, most_deep=self.most_deep - 1)
        return all(inner._is_harmless(node, function) for part in function.body for node in ast.walk(part))

    def _is_harmless(self, node: ast.AST, function: ast.FunctionDef) -> bool:
        match node:
            case ast.Attribute(ctx=ast.Load()) | ast.Subscript(ctx=ast.Load()):
                return True
            case ast.Attribute() | ast.Subscript():
                return False
            case ast.Return(value=value):
                return value is None or self._is_new(value, function)
            case ast.Call():
                return self._makes(node)
        return not isinstance(node, _HOLDING) and (
            not isinstance(node, ast.stmt) or isinstance(node, _STATEMENTS)
        )

    def _makes(self, call: ast.Call) -> bool:
        """Does a call change nothing, and give back something new?"""
        name, func = self.called(call.func), call.func
        if any(keyword.arg not in ("axis", "keepdims", "shift") for keyword in call.keywords):
            return False
        if name:
            home, _, last = name.rpartition(".")
            if home.startswith("numpy"):
                return len(call.args) <= _MAKING.get(last, -1)
            return home == "math" or name in _BUILTINS
        if isinstance(func, ast.Attribute) and func.attr in _METHODS:
            return not call.args or isinstance(call.args[0], ast.Constant)
        return self.measures(call)

    def _is_new(self, value: ast.expr, function: ast.FunctionDef) -> bool:
        """Is a value a number, or an array that was not there before?"""
        match value:
            case ast.Constant() | ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.Call():
                return True
            case ast.Tuple(elts=parts):
                return all(self._is_new(part, function) for part in parts)
            case ast.Name(id=name) if name not in parameters(function):
                nodes = [node for part in function.body for node in ast.walk(part)]
                bound = [n for n in nodes if isinstance(n, ast.Name) and n.id == name]
                times = sum(not isinstance(each.ctx, ast.Load) for each in bound)
                made = [
                    node.value
                    for node in nodes
                    if isinstance(node, ast.Assign)
                    and len(node.targets) == 1
                    and isinstance(node.targets[0], ast.Name)
                    and node.targets[0].id == name
                ]
                return times == len(made) > 0 and all(
                    not isinstance(each, ast.Name) and self._is_new(each, function) for each in made
                )
        return False
