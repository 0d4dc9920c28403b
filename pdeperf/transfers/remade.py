"""Arrays that a loop makes on the host for the device, made on the device."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

from pdeperf.lifetimes.text import before, fresh_name, in_place_of, names_of
from pdeperf.source import Module, Project
from pdeperf.source.edits import apply, owns_lines
from pdeperf.source.scopes import parameters
from pdeperf.transfers.constant import changing_names
from pdeperf.transfers.events import Event
from pdeperf.transfers.on_device import Move, OnDevice

_FUNCTIONS = frozenset(
    "sqrt exp log sin cos tan sinh cosh tanh abs absolute square maximum minimum hypot arctan2 where".split()
)
_EXACT = frozenset("sqrt abs absolute square maximum minimum where".split())
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
_NUMBERS = frozenset(("float", "int", "numpy.float64", "numpy.int64", "bool"))


class Stays(Exception):  # noqa: N818 - a reason, not a fault
    """It must be made on the host."""


@dataclass(slots=True)
class Remade:
    """A file in which an array is computed on the device.

    Attributes
    ----------
    moved
        The host's arrays that are moved there before the loop.
    """

    text: str
    exact: bool
    moved: tuple[str, ...]


def remade(project: Project, module: Module, device: OnDevice, event: Event) -> Remade | str:
    """The file with ``cp.asarray(np.sin(x - t))`` computed on the device, or why that cannot be."""
    node, loop = event.node, event.loop
    if event.move is not Move.REBUILT or event.is_called or not owns_lines(module, [loop]):
        return "a copy that a function makes which the loop calls"
    cupy = device.alias("cupy")
    if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords or not cupy:
        return "a copy in this form"
    try:
        argument = _inlined(module, node.args[0])
        made = _OnDevice(module, device, cupy)
        text = made.value(argument)
    except Stays as problem:
        return str(problem)
    if not made.arrays:
        return "nothing in it is an array"
    for path in made.arrays:
        root, *attributes = path.split(".")
        keys = frozenset(f".{each}" for each in attributes)
        if reason := changing_names(project, module, loop, frozenset((root,)), keys):
            return reason
    if isinstance(text, ast.Name | ast.Subscript):
        text = ast.Call(func=ast.Attribute(value=text, attr="copy", ctx=ast.Load()), args=[], keywords=[])
    lines = [f"{name} = {cupy}.asarray({path})" for path, name in made.arrays.items()]
    written = ast.unparse(text)
    stands_alone = isinstance(module.parents.get(node), ast.Assign | ast.Call | ast.keyword)
    if isinstance(text, ast.BinOp | ast.UnaryOp | ast.Compare) and not stands_alone:
        written = f"({written})"
    edits = [before(module, loop, lines), in_place_of(module, node, written)]
    return Remade(apply(module.text, edits), made.exact, tuple(made.arrays))


def _inlined(module: Module, node: ast.expr) -> ast.expr:
    """The expression that a function of the file returns, in the caller's names."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return node
    name = node.func.id
    found = [
        each for each in ast.walk(module.tree) if isinstance(each, ast.FunctionDef) and each.name == name
    ]
    if len(found) != 1 or found[0].decorator_list or node.keywords:
        return node
    body = [
        part
        for part in found[0].body
        if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
    ]
    names = parameters(found[0])
    match body:
        case [ast.Return(value=ast.expr() as value)] if len(names) == len(node.args):
            given = dict(zip(names, node.args, strict=True))
            free = {each.id for each in ast.walk(value) if isinstance(each, ast.Name)} - set(given)
            inside = {each.id for arg in node.args for each in ast.walk(arg) if isinstance(each, ast.Name)}
            if free & inside:
                return node
            made = _Given(given).visit(copy.deepcopy(value))
            assert isinstance(made, ast.expr)
            return made
    return node


class _Given(ast.NodeTransformer):
    def __init__(self, given: dict[str, ast.expr]) -> None:
        self._given = given

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return copy.deepcopy(self._given.get(node.id, node))


@dataclass(slots=True)
class _OnDevice:
    """Writes an expression with arrays by their names on the device."""

    module: Module
    device: OnDevice
    cupy: str
    arrays: dict[str, str] = field(default_factory=dict)
    exact: bool = True

    def value(self, node: ast.expr) -> ast.expr:
        """The same, computed there; numbers stay the host's."""
        if not any(self._is_array(part) for part in ast.walk(node)):
            self._check_number(node)
            return node
        match node:
            case ast.Name() | ast.Attribute() if self._is_array(node):
                return self._moved(node)
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _OPERATORS):
                self.exact = self.exact and not isinstance(op, ast.Pow)
                return ast.BinOp(left=self.value(left), op=op, right=self.value(right))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
                return ast.UnaryOp(op=op, operand=self.value(operand))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return ast.Compare(left=self.value(left), ops=[op], comparators=[self.value(right)])
            case ast.Subscript(value=inner, slice=index) if self._is_array(inner):
                parts = list(_parts(index))
                for part in parts:
                    for bound in ast.iter_child_nodes(part) if isinstance(part, ast.Slice) else [part]:
                        assert isinstance(bound, ast.expr)
                        self._check_number(bound)
                whole = len(parts) == self.device.ndims.get(ast.unparse(inner))
                if whole and not any(isinstance(part, ast.Slice) for part in parts):
                    return node
                return ast.Subscript(value=self._moved(inner), slice=index, ctx=ast.Load())
            case ast.Call(func=func, args=args, keywords=[]):
                name = self.device.full(func)
                last = name.rpartition(".")[2]
                if name.startswith("numpy.") and name.count(".") == 1 and last in _FUNCTIONS:
                    self.exact = self.exact and last in _EXACT
                    function = ast.parse(f"{self.cupy}.{last}", mode="eval").body
                    return ast.Call(func=function, args=[self.value(each) for each in args], keywords=[])
        raise Stays(f"`{ast.unparse(node)[:40]}` is not computed on the device")

    def _is_array(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in self.device.on_host

    def _moved(self, node: ast.expr) -> ast.expr:
        path = ast.unparse(node)
        if self.device.dtypes.get(path) != "float64":
            raise Stays(f"`{path}` is not known to be of double precision")
        if path not in self.arrays:
            taken = names_of(self.module) | frozenset(self.arrays.values())
            self.arrays[path] = fresh_name(f"{path}_gpu", taken)
        return ast.Name(id=self.arrays[path], ctx=ast.Load())

    def _check_number(self, node: ast.expr) -> None:
        """Is it made of numbers and nothing else?"""
        for part in ast.walk(node):
            is_seen = isinstance(part, ast.Name | ast.Attribute) and (
                self.device.types.get(ast.unparse(part)) in _NUMBERS or bool(self.device.full(part))
            )
            if isinstance(part, ast.Name) and not is_seen and not self._is_module(part):
                raise Stays(f"`{part.id}` is not known to be a number")
            if isinstance(part, ast.Call) and not self.device.full(part.func).startswith(("numpy.", "math.")):
                raise Stays(f"`{ast.unparse(part)[:40]}` may give something else each time")

    def _is_module(self, node: ast.Name) -> bool:
        return "." in self.device.full(node) or self.device.full(node) in ("numpy", "cupy", "math")


def _parts(index: ast.expr) -> Iterator[ast.expr]:
    yield from index.elts if isinstance(index, ast.Tuple) else [index]
