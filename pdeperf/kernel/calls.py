"""What calls inside a loop read, write and yield."""

import ast
from dataclasses import dataclass

from pdeperf.kernel import affine
from pdeperf.kernel.accesses import Reader
from pdeperf.kernel.affine import Number
from pdeperf.kernel.aliases import is_elementary
from pdeperf.kernel.values import Local, UnliftableError, Value, View
from pdeperf.kernel.vocabulary import FRESH

_SCALAR_RESULTS = frozenset(("builtins.int", "builtins.float", "builtins.bool"))


@dataclass(slots=True)
class Caller(Reader):
    """Evaluates calls of library functions; those of the user's own are entered."""

    def call(self, node: ast.Call) -> Value:
        """A call of a library function or of one of the user's own."""
        if (
            isinstance(node.func, ast.Name)
            and node.func.id in self.callees
            and node.func.id not in self.environment
        ):
            return self.enter(self.callees[node.func.id], node)
        name = self.resolve(node.func)
        if isinstance(node.func, ast.Attribute) and not name:
            return self._method(node, node.func)
        if name == "builtins.len" and len(node.args) == 1:
            value = self.evaluate(node.args[0])
            return self.extent(value, 0) if isinstance(value, View) else Number(None, True)
        if name in FRESH and not any(keyword.arg == "out" for keyword in node.keywords):
            for argument in [
                *node.args,
                *(keyword.value for keyword in node.keywords if keyword.arg != "dtype"),
            ]:
                self.used(self.evaluate(argument), argument)
            return Local()
        if not is_elementary(name, node):
            raise UnliftableError(node, f"the effect of `{ast.unparse(node.func)[:40]}` is not known")
        values = [self.evaluate(argument) for argument in node.args]
        if name.startswith("math.") or name in _SCALAR_RESULTS:  # of whatever, it is one number
            for value, argument in zip(values, node.args, strict=True):
                if not isinstance(value, Number):
                    self.used(value, argument)
            if not all(isinstance(value, Number) and not value.element for value in values):
                return Number(None, name == "builtins.int")
        numbers = [value for value in values if isinstance(value, Number) and not value.element]
        if len(numbers) == len(values):
            return self._scalar_call(name, numbers)
        for value, argument in zip(values, node.args, strict=True):
            self.used(value, argument)
        return Local()

    def _scalar_call(self, name: str, values: list[Number]) -> Number:
        match name, values:
            case "builtins.int", [value] if value.integral:
                return value
            case (("builtins.int" | "math.floor" | "math.ceil" | "math.trunc"), _):
                return Number(None, True)
            case "builtins.min", [one, other]:
                return affine.smaller(one, other)
            case "builtins.max", [one, other]:
                return affine.larger(one, other)
            case "builtins.abs", [value]:
                return affine.larger(value, affine.negate(value))
            case _:
                return Number()

    def _method(self, node: ast.Call, func: ast.Attribute) -> Value:
        base = self.evaluate(func.value)
        plain = isinstance(base, View | Local) and not node.keywords and not node.args
        if not plain or func.attr not in ("copy", "sum", "max", "min", "mean", "any", "all"):
            raise UnliftableError(node, f"the effect of `{ast.unparse(func)[:40]}` is not known")
        return self.used(base, func.value)

    def enter(self, function: ast.FunctionDef, node: ast.Call) -> Value:
        """Follow a call into the user's function."""
        raise UnliftableError(node, f"`{function.name}` is not followed")
