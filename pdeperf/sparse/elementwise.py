"""Whether an expression of loop counters means the same for all their values at once."""

import ast
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.scopes import Function

_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)
_UFUNCS = frozenset(
    (
        "sin cos tan exp log sqrt sinh cosh tanh arctan arcsin arccos hypot abs absolute square log10 "
        "minimum maximum"
    ).split()
)
_OF_MATH = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "fabs": "fabs", "atan2": "arctan2"} | {
    name: name for name in "sin cos tan exp log sqrt sinh cosh tanh hypot log10".split()
}
_PLAIN = frozenset(f"builtins.{name}" for name in ("abs", "min", "max", "int", "float", "round", "len"))
_CONSTANTS = frozenset(("numpy.pi", "math.pi", "numpy.e", "math.e"))
_TINY = 8


class NotElementwise(Exception):  # noqa: N818 - a verdict, not an error
    """The expression means something else for arrays; the text says what."""


@dataclass(slots=True)
class Elementwise:
    """Writes expressions for arrays of all values of some names.

    Attributes
    ----------
    varying
        Names that hold one value an iteration.
    rounds
        Something in what was written may round otherwise than it did for single numbers.
    """

    meaning: Meaning
    module: Module
    numpy: str
    varying: set[str]
    at: ast.stmt
    stored: frozenset[str] = frozenset()
    rounds: bool = False
    conditional: bool = False
    around: tuple[ast.stmt, ...] = ()
    assumed: bool = False

    def is_varying(self, node: ast.AST) -> bool:
        """Does a value differ from iteration to iteration?"""
        return any(isinstance(inner, ast.Name) and inner.id in self.varying for inner in ast.walk(node))

    def text(self, node: ast.expr) -> str:
        """The expression for arrays."""
        return ast.unparse(self.rewritten(node))

    def rewritten(self, node: ast.expr) -> ast.expr:
        """The expression's tree for arrays."""
        if not self.is_varying(node):
            self._check_fixed(node)
            return node
        match node:
            case ast.Name():
                return node
            case ast.BinOp(left=left, op=op, right=right):
                self._check_operator(op, right)
                return ast.BinOp(self.rewritten(left), op, self.rewritten(right))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
                return ast.UnaryOp(op, self.rewritten(operand))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ast.UnaryOp(ast.Invert(), self.condition(operand))
            case ast.Compare() | ast.BoolOp():
                return self.condition(node)
            case ast.IfExp(test=test, body=yes, orelse=no):
                if self.is_varying(yes) or self.is_varying(no):
                    self._check_total([yes, no])
                return self._call("where", [self.condition(test), self.rewritten(yes), self.rewritten(no)])
            case ast.Subscript(value=ast.Name() | ast.Attribute() as base, slice=index):
                return self._element(node, base, index)
            case ast.Call(func=func, args=arguments, keywords=[]):
                return self._called(node, func, arguments)
        raise NotElementwise(f"`{ast.unparse(node)}` is no arithmetic")

    def condition(self, node: ast.expr) -> ast.expr:
        """A test, as an array of truth values."""
        match node:
            case ast.BoolOp(op=op, values=values):
                joint: ast.operator = ast.BitAnd() if isinstance(op, ast.And) else ast.BitOr()
                parts = [self.condition(value) for value in values]
                found = parts[0]
                for part in parts[1:]:
                    found = ast.BinOp(found, joint, part)
                return found
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                if self.is_varying(operand):
                    return ast.UnaryOp(ast.Invert(), self.condition(operand))
                return node
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[container]):
                if not isinstance(container, ast.Tuple | ast.List | ast.Set) or not container.elts:
                    raise NotElementwise(f"`{ast.unparse(node)}` looks something up")
                equal = [ast.Compare(left, [ast.Eq()], [one]) for one in container.elts]
                found = self.condition(ast.BoolOp(ast.Or(), list(equal)) if len(equal) > 1 else equal[0])
                return found if isinstance(op, ast.In) else ast.UnaryOp(ast.Invert(), found)
            case ast.Compare(left=left, ops=ops, comparators=others):
                if not self.is_varying(node):
                    self._check_fixed(node)
                    return node
                sides = [self.rewritten(side) for side in (left, *others)]
                if any(isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in ops):
                    raise NotElementwise(f"`{ast.unparse(node)}` is no comparison of numbers")
                compared: ast.expr = ast.Compare(sides[0], [ops[0]], [sides[1]])
                for place, other in enumerate(ops[1:], start=1):
                    more = ast.Compare(sides[place], [other], [sides[place + 1]])
                    compared = ast.BinOp(compared, ast.BitAnd(), more)
                return compared
            case _ if not self.is_varying(node) and isinstance(node, ast.Constant):
                return node
        raise NotElementwise(f"`{ast.unparse(node)}` is no comparison")

    def _check_operator(self, op: ast.operator, right: ast.expr) -> None:
        if isinstance(op, ast.Pow):
            whole = (
                isinstance(right, ast.Constant) and isinstance(right.value, int) and 0 <= right.value <= _TINY
            )
            if not whole:
                raise NotElementwise("a power has an exponent that is no small number")
            self.rounds = True
        elif not isinstance(op, _OPERATORS):
            raise NotElementwise("it holds more than arithmetic")
        divides = isinstance(op, ast.Div | ast.FloorDiv | ast.Mod)
        if divides and self.is_varying(right):
            raise NotElementwise("it divides by what differs from iteration to iteration")

    def _check_total(self, nodes: list[ast.expr]) -> None:
        if any(isinstance(inner, ast.Subscript | ast.Call) for node in nodes for inner in ast.walk(node)):
            raise NotElementwise("a value is looked up on a condition")

    def _check_fixed(self, node: ast.expr) -> None:
        """What does not vary is computed once: one number, which nothing changes meanwhile."""
        match node:
            case ast.Constant(value=bool() | int() | float() | complex()):
                return
            case ast.Name(id=name) if name in self.stored:
                raise NotElementwise(f"`{name}` is changed in the loop")
            case ast.Name() | ast.Attribute():
                is_constant = self.meaning.full(self.module, node) in (
                    "numpy.pi",
                    "math.pi",
                    "numpy.e",
                    "math.e",
                )
                if is_constant or self._is_number(node):
                    return
            case ast.BinOp(left=left, right=right):
                self._check_fixed(left)
                self._check_fixed(right)
                return
            case ast.UnaryOp(operand=operand):
                self._check_fixed(operand)
                return
            case ast.BoolOp(values=parts):
                for part in parts:
                    self._check_fixed(part)
                return
            case ast.Compare(left=left, comparators=others):
                for part in (left, *others):
                    self._check_fixed(part)
                return
            case ast.Subscript(value=ast.Name() as base, slice=index) if not self.conditional:
                parts = index.elts if isinstance(index, ast.Tuple) else [index]
                dimensions = self.meaning.values(self.module, self.at, base.id, "ndim")
                if base.id not in self.stored and dimensions == {str(float(len(parts)))}:
                    for part in parts:
                        self._check_fixed(part)
                    return
            case ast.Call(func=func, args=arguments, keywords=[]):
                name = self.meaning.full(self.module, func)
                home, _, last = name.rpartition(".")
                known = (home == "numpy" and last in _UFUNCS) or home == "math" or name in _PLAIN
                if known or (not name and self._is_arithmetic_call(node)):
                    for argument in arguments:
                        self._check_fixed(argument)
                    return
        raise NotElementwise(f"`{ast.unparse(node)}` is not known to be one number")

    def _is_number(self, node: ast.expr) -> bool:
        """Did a name hold a number wherever it was looked at in its function?"""
        if self.assumed:
            return True
        text = ast.unparse(node)
        sites = [self.at, *(one for one in self.around if one is not self.at)]
        return any(self.meaning.is_number(self.module, site, text) for site in sites) and not any(
            self.meaning.values(self.module, site, text, "ndim") for site in sites
        )

    def _element(self, node: ast.expr, base: ast.expr, index: ast.expr) -> ast.expr:
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        name = ast.unparse(base)
        dimensions = self.meaning.values(self.module, self.at, name, "ndim")
        if self.conditional:
            raise NotElementwise("a value is looked up on a condition")
        if name in self.stored:
            raise NotElementwise(f"`{name}` is stored in the loop")
        if not self.meaning.is_array(self.module, self.at, name) or dimensions != {str(float(len(parts)))}:
            raise NotElementwise(f"`{ast.unparse(node)}` is no element of an array")
        inner = [self.rewritten(part) for part in parts]
        index = ast.Tuple(inner, ast.Load()) if isinstance(index, ast.Tuple) else inner[0]
        return ast.Subscript(base, index, ast.Load())

    def _called(self, node: ast.Call, func: ast.expr, arguments: list[ast.expr]) -> ast.expr:
        name = self.meaning.full(self.module, func)
        home, _, last = name.rpartition(".")
        inner = [self.rewritten(argument) for argument in arguments]
        if home == "numpy" and last in _UFUNCS:
            self.rounds = True
            return ast.Call(func, inner, [])
        if home == "math" and last in _OF_MATH:
            self.rounds = True
            return self._call(_OF_MATH[last], inner)
        if name == "builtins.abs":
            return ast.Call(func, inner, [])
        if name in ("builtins.min", "builtins.max") and len(inner) == 2:
            return self._call("minimum" if name.endswith("min") else "maximum", inner)
        if not name and self._is_arithmetic_call(node):
            return ast.Call(func, inner, [])
        raise NotElementwise(f"`{ast.unparse(func)}` is not known to work on arrays")

    def _is_arithmetic_call(self, node: ast.Call) -> bool:
        """Is it a function of the user's that does arithmetic with its arguments and nothing else?"""
        functions = self.meaning.called(self.module, node)
        return bool(functions) and all(_is_arithmetic(self, home, one) for home, one in functions or ())

    def _call(self, name: str, arguments: list[ast.expr]) -> ast.expr:
        return ast.Call(ast.Attribute(ast.Name(self.numpy, ast.Load()), name, ast.Load()), arguments, [])


def _is_arithmetic(writer: Elementwise, module: Module, function: Function) -> bool:
    if isinstance(function, ast.AsyncFunctionDef) or getattr(function, "decorator_list", []):
        return False
    body = function.body if isinstance(function.body, list) else [ast.Return(function.body)]
    given = [argument.arg for argument in function.args.args if argument.arg != "self"]
    inside = Elementwise(writer.meaning, module, writer.numpy, set(given), writer.at)
    inside.conditional = inside.assumed = True
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.Return(value=ast.expr() as value):
                name = ""
            case _:
                return False
        try:
            again = inside.rewritten(value)
        except NotElementwise:
            return False
        # The function is called as it is: it must mean the same without being written anew.
        if ast.unparse(again) != ast.unparse(value):
            return False
        writer.rounds = writer.rounds or inside.rounds
        if name:
            inside.varying.add(name)
    return True
