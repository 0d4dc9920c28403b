"""``try: a / b  except ZeroDivisionError: ...`` as ``if b != 0: ... else: ...``: what raises is asked first.

Compiled code neither raises as Python does nor catches by type. Where all that the statements can raise,
of what is caught, can be told from numbers at hand, the kernel asks before it computes.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pdeperf.kernel.kinds import UNKNOWN, Kind, infer
from pdeperf.kernel.lowering import Lowering
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source.edits import Edit, dedented, extent, indentation, lines_extent, owns_lines
from pdeperf.source.flow import reads, writes

ADVICE = "test for the case before it arises"
_ZERO = frozenset(("ZeroDivisionError", "ArithmeticError", "Exception", ""))
_VALUE = frozenset(("ValueError", "Exception", ""))
_LARGE = frozenset(("OverflowError", "ArithmeticError", "Exception", ""))
_INDEX = frozenset(("IndexError", "LookupError", "Exception", ""))
_KNOWN = _ZERO | _VALUE | _LARGE | _INDEX | {"FloatingPointError", "RuntimeWarning"}
_SILENT = frozenset(("npfloat", "f32", "npint", "array"))
"""NumPy's numbers: they divide by zero with a warning."""
_DOMAINS = {
    "sqrt": "not {x} < 0",
    "log": "not {x} <= 0",
    "log2": "not {x} <= 0",
    "log10": "not {x} <= 0",
    "asin": "not abs({x}) > 1",
    "acos": "not abs({x}) > 1",
}
_TOTAL = frozenset("fabs floor ceil trunc copysign atan atan2 tanh isnan isinf isfinite hypot".split())
_LARGEST_EXPONENT = "709.782712893384"
_PURE = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Subscript, ast.operator, ast.unaryop)
_PLAIN = (ast.Assign, ast.AugAssign, ast.Return, ast.Pass, ast.Continue, ast.Break)


class _UntoldError(Exception):
    """What an expression may raise cannot be told."""


def is_plain_try(node: ast.Try) -> bool:
    """One handler of errors that arithmetic and indices raise, and nothing else?"""
    if node.orelse or node.finalbody or len(node.handlers) != 1:
        return False
    handler = node.handlers[0]
    named = handler.name is not None and any(handler.name in reads(part) for part in handler.body)
    return not named and types_caught(handler) <= _KNOWN


def types_caught(handler: ast.ExceptHandler) -> frozenset[str]:
    """Names of the exceptions that a handler takes; an empty one for all."""
    if handler.type is None:
        return frozenset(("",))
    parts = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return frozenset(part.id if isinstance(part, ast.Name) else ast.unparse(part) for part in parts)


@dataclass(slots=True)
class _Hazards:
    """What must hold for expressions not to raise what a handler catches."""

    caught: frozenset[str]
    kinds: Mapping[str, Kind]
    lowering: Lowering
    divisions: list[ast.AST] = field(default_factory=list)
    updates: list[tuple[ast.BinOp, ast.AugAssign]] = field(default_factory=list)

    def of(self, node: ast.AST) -> Iterator[str]:
        """Conditions, in the order of evaluation."""
        match node:
            case ast.BoolOp() | ast.IfExp() | ast.Compare():
                texts = [text for part in ast.iter_child_nodes(node) for text in self.of(part)]
                if texts and not isinstance(node, ast.Compare):
                    raise _UntoldError  # asked for whether or not it is reached
                yield from texts
            case ast.BinOp(left=left, op=op, right=right):
                yield from self.of(left)
                yield from self.of(right)
                yield from self._operation(node, left, op, right)
            case ast.Subscript(value=value, slice=index):
                yield from self.of(value)
                yield from self.of(index)
                if self.caught & _INDEX:
                    yield from self._index(value, index)
            case ast.Call():
                for argument in node.args:
                    yield from self.of(argument)
                yield from self._call(node)
            case ast.Name() | ast.Constant() | ast.expr_context() | ast.operator() | ast.unaryop():
                return
            case ast.UnaryOp() | ast.Tuple() | ast.Attribute() | ast.cmpop() | ast.Slice():
                for part in ast.iter_child_nodes(node):
                    yield from self.of(part)
            case _:
                raise _UntoldError

    def _kind(self, node: ast.expr) -> str:
        return infer(node, self.kinds, self.lowering.call_kind).base

    def _operation(self, node: ast.AST, left: ast.expr, op: ast.operator, right: ast.expr) -> Iterator[str]:
        bases = {self._kind(left), self._kind(right)}
        divides = isinstance(op, ast.Div | ast.FloorDiv | ast.Mod)
        if not (divides or isinstance(op, ast.Pow)) or bases & _SILENT:
            return
        fixed = isinstance(right, ast.Constant) and isinstance(right.value, int | float) and right.value > 0
        if divides and self.caught & _ZERO and not fixed:
            if not bases <= {"int", "bool", "float"} or any(map(self._is_of_any_type, (left, right))):
                raise _UntoldError
            self.divisions.append(node)
            yield f"{self._text(right)} != 0"
        if isinstance(op, ast.Pow) and (self.caught & _LARGE - _ZERO or (self.caught & _ZERO and not fixed)):
            raise _UntoldError

    def _is_of_any_type(self, node: ast.expr) -> bool:
        """Is an element of a list in it, which may be NumPy's number where only Python's were seen?"""
        known = frozenset(("int", "float", "bool"))
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and self.kinds.get(part.id, UNKNOWN).base == "list":
                seen = self.lowering.seen.get(part.id)
                if seen is not None and not seen.elements <= known:
                    return True
        return False

    def _index(self, value: ast.expr, index: ast.expr) -> Iterator[str]:
        kind = infer(value, self.kinds, self.lowering.call_kind)
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        if kind.base not in ("array", "list"):
            raise _UntoldError
        owner = self._text(value)
        for axis, part in enumerate(parts):
            if isinstance(part, ast.Slice):
                continue
            if self._kind(part) not in ("int", "npint"):
                raise _UntoldError
            size = f"{owner}.shape[{axis}]" if kind.ndim > 1 and kind.is_array else f"len({owner})"
            yield f"-{size} <= {self._text(part)} < {size}"

    def _call(self, node: ast.Call) -> Iterator[str]:
        full = qualified(node.func, self.lowering.module, self.lowering.scope)
        home, _, name = full.rpartition(".")
        if home == "numpy" or full in ("builtins.abs", "builtins.float", "builtins.len"):
            return
        if full in ("builtins.min", "builtins.max") and len(node.args) > 1:
            return
        if full in ("builtins.int", "builtins.round") and self._kind(node.args[0]) in (
            "int",
            "bool",
            "npint",
        ):
            return
        if home != "math" or len(node.args) > 1 or name in _TOTAL:
            if home == "math" and name in _TOTAL:
                return
            raise _UntoldError
        text = self._text(node.args[0])
        if name in _DOMAINS:
            if self.caught & _VALUE:
                yield _DOMAINS[name].format(x=text)
        elif name == "exp" and isinstance(node.func, ast.Attribute):
            if self.caught & _LARGE:
                finite = f"{ast.unparse(node.func.value)}.isfinite({text})"
                yield f"({text} <= {_LARGEST_EXPONENT} or not {finite})"
        else:
            raise _UntoldError

    def _text(self, node: ast.expr) -> str:
        if not all(isinstance(part, (*_PURE, ast.expr_context)) for part in ast.walk(node)):
            raise _UntoldError
        text = ast.unparse(node)
        return text if isinstance(node, ast.Name | ast.Constant | ast.Subscript) else f"({text})"


def ask_first(lowered: Sequence[ast.stmt], kinds: Mapping[str, Kind], lowering: Lowering) -> None:
    """Make each ``try`` of a run of statements an ``if``, or note why that cannot be."""
    for node, branch in lowering.tries:
        if not is_plain_try(node):
            lowering.problem(node, "try/except", ADVICE)
            continue
        handler = node.handlers[0]
        hazards = _Hazards(types_caught(handler), kinds, lowering)
        try:
            first, conditions = _asked(branch, hazards, lowering)
        except _UntoldError:
            lowering.problem(
                node, "try/except around what may raise in ways that a kernel cannot ask", ADVICE
            )
            continue
        if first and not owns_lines(lowering.module, node.body):
            lowering.problem(node, "try/except on one line", "put its parts on lines of their own")
            continue
        updates = {id(made): statement for made, statement in hazards.updates}
        lowering.guarded.update(id(updates.get(id(one), one)) for one in hazards.divisions)
        module, start = lowering.module, extent(lowering.module, node)[0]
        body = lines_extent(module, node.body)
        if not conditions:
            branch.orelse = []
            lowering.edits.append(Edit(lines_extent(module, [node])[0], body[0], ""))
            lowering.edits.extend(dedented(module, node, node.body))
            lowering.edits.append(Edit(body[1], lines_extent(module, [node])[1], ""))
            continue
        text = " and ".join(f"({condition})" for condition in dict.fromkeys(conditions))
        test = _placed(text, node)
        text = ast.unparse(test)
        if first:
            lowering.edits.append(Edit(lines_extent(module, [node])[0], body[0], ""))
            lowering.edits.extend(dedented(module, node, node.body[:first]))
            at = lines_extent(module, node.body[first:])[0]
            lowering.edits.append(Edit(at, at, f"{indentation(module, node)}if {text}:\n"))
            rest = ast.If(test=test, body=branch.body[first:], orelse=branch.orelse)
            branch.body[first:], branch.orelse = [ast.copy_location(rest, branch.body[first])], []
        else:
            branch.test = test
            lowering.edits.append(Edit(start, start + len("try"), f"if {text}"))
        start = extent(module, handler)[0]  # type: ignore[arg-type]
        named = start if handler.type is None else extent(module, handler.type)[1]
        lowering.edits.append(Edit(start, module.text.index(":", named), "else"))


def _placed(text: str, node: ast.stmt) -> ast.expr:
    made = ast.parse(text, mode="eval").body
    for part in ast.walk(made):
        if isinstance(part, ast.expr):
            ast.copy_location(part, node)
    return made


def _asked(branch: ast.If, hazards: _Hazards, lowering: Lowering) -> tuple[int, list[str]]:
    """The first statement of a body that may raise, and what must hold for it and the rest not to."""
    found = [list(_of_statement(statement, hazards)) for statement in branch.body]
    risky = [at for at, texts in enumerate(found) if texts]
    if not risky:
        return 0, []
    asked = [text for texts in found for text in texts]
    names = frozenset[str]().union(*(reads(ast.parse(text, mode="eval")) for text in asked))
    seen = frozenset[str]().union(*(reads(part) for part in branch.orelse))
    for statement in branch.body[risky[0] : risky[-1]]:
        plain = isinstance(statement, ast.Assign) and all(isinstance(t, ast.Name) for t in statement.targets)
        mine = writes(statement)
        if not plain or mine & (names | seen) or mine & _read_outside(branch, lowering):
            raise _UntoldError  # its effect would be seen although a later statement raises
    return risky[0], asked


def _of_statement(statement: ast.stmt, hazards: _Hazards) -> Iterator[str]:
    """What must hold for a statement not to raise."""
    if isinstance(statement, ast.If):
        yield from hazards.of(statement.test)
        for part in (*statement.body, *statement.orelse):
            if list(_of_statement(part, hazards)):
                raise _UntoldError  # asked for whether or not it is reached
        return
    if not isinstance(statement, _PLAIN):
        raise _UntoldError
    value = _whole(statement, hazards)
    if value is not None:
        yield from hazards.of(value)
    for target in getattr(statement, "targets", []):
        if isinstance(target, ast.Subscript):
            yield from hazards.of(target)


def _whole(statement: ast.stmt, hazards: _Hazards) -> ast.expr | None:
    """The expression that a plain statement computes."""
    match statement:
        case ast.AugAssign(target=target, op=op, value=value):
            loaded = ast.parse(ast.unparse(target), mode="eval").body
            made = ast.copy_location(ast.BinOp(ast.copy_location(loaded, target), op, value), statement)
            hazards.updates.append((made, statement))
            return made
        case ast.Assign(value=value) | ast.Return(value=value):
            return value
        case _:
            return None


def _read_outside(branch: ast.If, lowering: Lowering) -> frozenset[str]:
    """Names that are read elsewhere than in the body of a ``try``."""
    lines = range(branch.body[0].lineno, (branch.body[-1].end_lineno or branch.body[-1].lineno) + 1)
    return frozenset(
        node.id
        for node in ast.walk(lowering.scope.node)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.lineno not in lines
    )
