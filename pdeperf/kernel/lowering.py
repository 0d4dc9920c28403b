"""From the user's statements to statements over plain names only.

``self.u[i, j]``, ``p["dx"]`` and ``scheme == "upwind"`` become the names ``u``, ``dx`` and
``scheme_is_upwind``, which are arguments of the kernel; calls of the user's own functions become
calls of their compiled forms. Each replacement is kept twice: in a copy of the syntax tree, which
the analyses read, and as an edit of the text, which the kernel is printed from.
"""

import ast
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pdeperf.kernel.kinds import UNKNOWN, Kind, infer, join_all
from pdeperf.kernel.observed import Observed, Seen
from pdeperf.kernel.vocabulary import (
    ARRAY_METHODS,
    CONSTANTS,
    LIBRARY,
    NUMPY,
    qualified,
    result_kind,
)
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent, replace, segment
from pdeperf.source.scopes import FUNCTIONS, Scope

Node = TypeVar("Node", bound=ast.AST)

_FOLDS = frozenset(("builtins.sum", "builtins.max", "builtins.min"))
ARRAY_ATTRIBUTES = frozenset(("shape", "size", "ndim", "T", "real", "imag"))


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a statement cannot stand in a kernel."""

    line: int
    reason: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class CalleeUse:
    """How a kernel calls one of the user's functions.

    Attributes
    ----------
    name
        The compiled function's name in the kernel's module.
    extras
        Access paths, in the caller's terms, passed before the written arguments.
    result
        Kind of what it returns.
    guard
        Condition under which this is the right function, ``flux is upwind``; empty when always.
    reads
        Positions of the arguments, extras first, that are lists and only read by element.
    keeps_name
        It is called as written, ``grid.flux(a)``.
    """

    name: str
    extras: tuple[str, ...] = ()
    result: Kind = UNKNOWN
    guard: str = ""
    exact: bool = True
    reads: frozenset[int] = frozenset()
    keeps_name: bool = False


Resolve = Callable[[ast.Call, "Lowering"], "CalleeUse | Problem"]


def names_near(statements: Sequence[ast.stmt], scope: Scope) -> frozenset[str]:
    """Names that a kernel's own names must differ from: those used there and the file's globals."""
    used = {node.id for part in statements for node in ast.walk(part) if isinstance(node, ast.Name)}
    return frozenset(used) | scope.module.binds


def root_name(node: ast.expr) -> str:
    """Name that an access path starts from; empty for anything else."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _prefixes(node: ast.expr) -> list[ast.expr]:
    found: list[ast.expr] = []
    while True:
        found.append(node)
        if isinstance(node, ast.Attribute) or (
            isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
        ):
            node = node.value
        else:
            return found[::-1]


@dataclass(slots=True)
class Lowering:
    """The lowering of one run of statements of one scope, as it grows."""

    module: Module
    scope: Scope
    observed: Observed
    lines: range
    assigned: frozenset[str]
    taken: frozenset[str]
    resolve: Resolve
    own: frozenset[str] = frozenset()
    edits: list[Edit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    uses: dict[int, CalleeUse] = field(default_factory=dict)
    library: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)

    def problem(self, node: ast.AST, reason: str, advice: str = "") -> None:
        """Note why a node cannot be compiled."""
        self.problems.append(Problem(getattr(node, "lineno", self.lines.start), reason, advice))

    def look(self, text: str) -> Seen | None:
        """What was observed of an access path here, or where the same object is visible."""
        root = re.split(r"[.\[]", text, maxsplit=1)[0]
        found = self.observed.look(self.module, self.scope.node, text, self.lines)
        found = found or self.observed.look_elsewhere(self.module, self.scope, text, root)
        return found or (self._written_number(text) if text == root else None)

    def _written_number(self, name: str) -> Seen | None:
        """A global that is only ever bound to numbers written in the source."""
        owner = self.scope.resolve(name)
        if owner is None or not owner.is_module:
            return None
        kinds: list[Kind] = []
        for node in ast.walk(self.module.tree):
            if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
                home = self.module.parents.get(node)
                if not (isinstance(home, ast.Assign) and home.targets == [node]):
                    return None
                value = home.value.operand if isinstance(home.value, ast.UnaryOp) else home.value
                if not (isinstance(value, ast.Constant) and type(value.value) in (int, float)):
                    return None
                kinds.append(Kind(type(value.value).__name__))
        return Seen(join_all(kinds)) if kinds else None

    def name_of(self, text: str, seen: Seen) -> str:
        """The kernel's name for an access path or a hoisted condition."""
        for name, source in self.sources.items():
            if source == text:
                return name
        stem = re.findall(r"[A-Za-z_]\w*", text)
        name = stem[-1].lstrip("_") or "value"
        used = self.taken | set(self.sources)
        if name in used:
            name = "_".join(part.strip("_") for part in stem)
        while name in used:
            name += "_"
        self.sources[name] = text
        self.kinds[name] = seen.kind
        self.seen[name] = seen
        return name

    def statements(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Lowered copies of statements."""
        return [self._statement(statement) for statement in statements]

    def _statement(self, node: ast.stmt) -> ast.stmt:
        if isinstance(node, ast.Raise):
            return self._raise(node)
        if isinstance(node, ast.For) and isinstance(node.iter, ast.Call) and self._counts_down(node.iter):
            return self._downward(node, node.iter)
        fresh = _shallow(node)
        for name, value in ast.iter_fields(node):
            if name == "annotation":
                continue  # of a local variable: never evaluated
            if isinstance(value, ast.expr):
                setattr(fresh, name, self.expression(value))
            elif isinstance(value, list):
                setattr(fresh, name, [self._part(part) for part in value])
        return fresh

    def _counts_down(self, node: ast.Call) -> bool:
        """Is it ``reversed(range(...))``, which Numba lacks?"""
        inner = node.args[0] if len(node.args) == 1 else None
        return (
            qualified(node.func, self.module, self.scope) == "builtins.reversed"
            and isinstance(inner, ast.Call)
            and qualified(inner.func, self.module, self.scope) == "builtins.range"
            and len(inner.args) in (1, 2)
        )

    def _downward(self, loop: ast.For, source: ast.Call) -> ast.stmt:
        """The same loop with a range that counts down."""
        inner = source.args[0]
        assert isinstance(inner, ast.Call)
        texts = [self._lowered_text(argument) for argument in inner.args]
        low, high = ("0", texts[0]) if len(texts) == 1 else (texts[0], texts[1])
        text = f"range({_minus_one(high)}, {_minus_one(low)}, -1)"
        self.edits.append(replace(self.module, source, text))
        fresh = _shallow(loop)
        fresh.target = self.expression(loop.target)
        fresh.iter = ast.parse(text, mode="eval").body
        for part in ast.walk(fresh.iter):
            if isinstance(part, ast.expr):
                ast.copy_location(part, source)
        fresh.body = [self._statement(part) for part in loop.body]
        fresh.orelse = [self._statement(part) for part in loop.orelse]
        return fresh

    def _lowered_text(self, node: ast.expr) -> str:
        """An expression's text with its own edits done, which are taken back."""
        count = len(self.edits)
        self.expression(node)
        inner, self.edits[count:] = self.edits[count:], []
        start, end = extent(self.module, node)
        return apply(
            self.module.text[start:end], [Edit(e.start - start, e.end - start, e.text) for e in inner]
        )

    def _raise(self, node: ast.Raise) -> ast.stmt:
        """An exception with a fixed text: what the user's text is made of besides values."""
        call = node.exc
        assert isinstance(call, ast.Call)
        if len(call.args) == 1 and not isinstance(call.args[0], ast.Constant):
            words = [
                part.value
                for part in ast.walk(call.args[0])
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            ]
            text = " ".join(word.strip() for word in words if word.strip()) or f"line {node.lineno}"
            fixed = ast.copy_location(ast.Constant(text), call.args[0])
            self.edits.append(replace(self.module, call.args[0], json.dumps(text)))
            exc = ast.copy_location(ast.Call(func=call.func, args=[fixed], keywords=[]), call)
            return ast.copy_location(ast.Raise(exc=exc, cause=None), node)
        if not all(isinstance(argument, ast.Constant) for argument in call.args):
            self.problem(node, "an exception with values")
        return node

    def _part(self, part: object) -> object:
        if isinstance(part, ast.stmt):
            return self._statement(part)
        return self.expression(part) if isinstance(part, ast.expr) else part

    def expression(self, node: ast.expr) -> ast.expr:
        """A lowered copy of an expression."""
        match node:
            case ast.Call():
                return self._call(node)
            case ast.Compare():
                return self._compare(node)
            case ast.Name(ctx=ast.Load()):
                return self._name(node)
            case ast.Attribute() | ast.Subscript():
                return self._access(node)
            case ast.Lambda() | ast.JoinedStr() | ast.Dict() | ast.Set() | ast.Await() | ast.Yield():
                self.problem(node, f"{_spoken(node)} cannot be compiled")
                return node
            case ast.ListComp(generators=[part]) if not part.is_async and isinstance(part.target, ast.Name):
                return self._list_of(node, part)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp() | ast.NamedExpr():
                self.problem(node, f"{_spoken(node)} cannot be compiled")
                return node
            case ast.Starred():
                self.problem(node, "a starred expression cannot be compiled")
                return node
            case _:
                return self._children(node)

    def _children(self, node: ast.expr) -> ast.expr:
        fresh = _shallow(node)
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                setattr(fresh, name, self.expression(value))
            elif isinstance(value, list):
                setattr(fresh, name, [self._part(part) for part in value])
        return fresh

    def _list_of(self, node: ast.ListComp, part: ast.comprehension) -> ast.expr:
        """A list of numbers made in the kernel."""
        assert isinstance(part.target, ast.Name)
        outer, self.own = self.own, self.own | {part.target.id}
        fresh = _shallow(node)
        fresh.elt = self.expression(node.elt)
        tests = [self.expression(test) for test in part.ifs]
        self.own = outer
        source = self.expression(part.iter)
        fresh.generators = [ast.comprehension(target=part.target, iter=source, ifs=tests, is_async=0)]
        return fresh

    def _name(self, node: ast.Name) -> ast.expr:
        name = node.id
        full = qualified(node, self.module, self.scope, self._function_of(node))
        if full in CONSTANTS:
            self.library.add(full)
            return node
        if full:
            self.problem(node, f"`{name}` ({full}) is used as a value")
            return node
        if name in self.own:
            return node
        seen = self.look(name)
        if seen is not None:
            self.seen.setdefault(name, seen)
            self.kinds.setdefault(name, seen.kind)
        return node

    def _function_of(self, node: ast.expr) -> str:
        if not isinstance(node, ast.Name) or self.scope.resolve(node.id) is not None:
            return ""
        seen = self.look(node.id)
        return seen.function if seen else ""

    def _access(self, node: ast.Attribute | ast.Subscript) -> ast.expr:
        full = qualified(node, self.module, self.scope) if isinstance(node, ast.Attribute) else ""
        if full:
            self._note_library(node, full)
            if full not in CONSTANTS and full not in NUMPY:
                self.problem(node, f"`{segment(self.module, node)}` is used as a value")
            return node
        found = self._value_prefix(node)
        if found is not None and found[0] is node:
            return self._replace_path(node, found[1])
        fresh = self._children(node)
        if isinstance(node, ast.Attribute) and node.attr not in ARRAY_ATTRIBUTES:
            text = segment(self.module, node)
            self.problem(node, f"`{text}` is an attribute whose value was not seen as a number or an array")
        return fresh

    def _value_prefix(self, node: ast.expr) -> tuple[ast.expr, Seen] | None:
        """The shortest part of an access path that is a number or an array; None when the root is."""
        prefixes = _prefixes(node)
        root = prefixes[0]
        if not isinstance(root, ast.Name) or root.id in self.own or len(prefixes) == 1:
            return None
        seen = self.look(root.id)
        if seen is not None and seen.kind.is_value:
            return None
        if root.id in self.assigned and isinstance(prefixes[1], ast.Subscript):
            return None  # an element of what was computed here: a tuple that a function returned
        for prefix in prefixes[1:]:
            seen = self.look(ast.unparse(prefix))
            if seen is not None and seen.is_property:
                self.problem(prefix, f"`{ast.unparse(prefix)}` is a property: reading it runs code")
                return None
            if seen is not None and seen.kind.is_value:
                return prefix, seen
        return None

    def _replace_path(self, node: ast.Attribute | ast.Subscript, seen: Seen) -> ast.expr:
        root = root_name(node)
        if root in self.assigned:
            self.problem(node, f"`{root}` is assigned here, and `{ast.unparse(node)}` with it")
        name = self.name_of(ast.unparse(node), seen)
        self.edits.append(replace(self.module, node, name))
        return ast.copy_location(ast.Name(id=name, ctx=node.ctx), node)

    def path(self, text: str, line: int, seen: Seen | None) -> str:
        """Kernel name of a path that a callee needs, given in this scope's terms."""
        node = ast.parse(text, mode="eval").body
        seen = self.look(text) or seen
        if isinstance(node, ast.Name):
            if seen is not None:
                self.seen.setdefault(text, seen)
                self.kinds.setdefault(text, seen.kind)
            return text
        if seen is None or not seen.kind.is_value or seen.is_property:
            self.problems.append(Problem(line, f"`{text}` was not seen as a number or an array"))
            return text
        if root_name(node) in self.assigned:
            self.problems.append(Problem(line, f"`{root_name(node)}` is assigned here, and `{text}` with it"))
        return self.name_of(text, seen)

    def _compare(self, node: ast.Compare) -> ast.expr:
        if not any(_is_text(side) for side in (node.left, *node.comparators)):
            return self._children(node)
        sides = [side for side in (node.left, *node.comparators) if not _is_text(side)]
        variables = [side for side in sides if isinstance(side, ast.Name | ast.Attribute | ast.Subscript)]
        if len(sides) != 1 or len(variables) != 1 or len(node.comparators) != 1:
            self.problem(node, "text is compared in a way that cannot be decided before the loop")
            return node
        root = root_name(variables[0])
        if root in self.own:
            return self._children(node)  # a parameter of a compiled function: Numba compares text
        if not root or root in self.assigned:
            self.problem(node, f"`{ast.unparse(variables[0])}` is text that changes inside the loop")
            return node
        words = re.findall(r"\w+", ast.unparse(node.comparators[0]))
        joint = (
            "is" if isinstance(node.ops[0], ast.Eq) else ("in" if isinstance(node.ops[0], ast.In) else "not")
        )
        stem = re.findall(r"[A-Za-z_]\w*", ast.unparse(variables[0]))[-1]
        flag = re.sub(r"\W", "_", "_".join([stem, joint, *words]))
        text = ast.unparse(node)
        while flag in self.taken or self.sources.get(flag, text) != text:
            flag += "_"
        self.sources[flag] = text
        self.kinds[flag] = Kind("bool")
        self.seen[flag] = Seen(Kind("bool"))
        self.edits.append(replace(self.module, node, flag))
        return ast.copy_location(ast.Name(id=flag, ctx=ast.Load()), node)

    def _note_library(self, node: ast.expr, full: str) -> None:
        self.library.add(full)
        self._note_import(node)

    def _note_import(self, node: ast.expr) -> None:
        root = root_name(node)
        owner = self.scope.resolve(root)
        if owner is not None and not owner.is_module:
            self.imports.add(root)

    def _call(self, node: ast.Call) -> ast.expr:
        full = qualified(node.func, self.module, self.scope, self._function_of(node.func))
        if full in LIBRARY:
            self._note_library(node.func, full)
            fresh = _shallow(node)
            if full in _FOLDS and len(node.args) == 1:
                fresh.args = self._folded(full, node.args[0])
                return fresh
            fresh.args = [self.expression(argument) for argument in node.args]
            fresh.keywords = [
                ast.keyword(arg=keyword.arg, value=self._element_type(node, keyword.value))
                if keyword.arg == "dtype"
                else ast.keyword(arg=keyword.arg, value=self.expression(keyword.value))
                for keyword in node.keywords
            ]
            return fresh
        if full:
            self.problem(node, f"it calls {full}, which a compiled kernel cannot do the same way")
            return node
        if isinstance(node.func, ast.Attribute) and self._is_array(node.func.value):
            if node.func.attr not in ARRAY_METHODS:
                self.problem(node, f"it calls the array method `{node.func.attr}`")
                return node
            self.library.add(f"numpy.{node.func.attr}")
            fresh = _shallow(node)
            receiver = _shallow(node.func)
            receiver.value = self.expression(node.func.value)
            fresh.func = receiver
            fresh.args = [self.expression(argument) for argument in node.args]
            return fresh
        return self._user_call(node)

    def _element_type(self, call: ast.Call, node: ast.expr) -> ast.expr:
        """``dtype=int`` in a form that Numba knows: ``dtype=np.int64``."""
        full = qualified(node, self.module, self.scope)
        written = node.value if isinstance(node, ast.Constant) else full.removeprefix("builtins.")
        fixed = {"int": "int64", "float": "float64", "bool": "bool_", "complex": "complex128"}
        name = fixed.get(str(written), str(written))
        known = isinstance(node, ast.Constant) or name != written
        if not (known and isinstance(call.func, ast.Attribute)):
            return node
        home = segment(self.module, call.func.value)
        self.edits.append(replace(self.module, node, f"{home}.{name}"))
        made = ast.Attribute(value=call.func.value, attr=name, ctx=ast.Load())
        return ast.copy_location(made, node)

    def _folded(self, full: str, argument: ast.expr) -> list[ast.expr]:
        """What ``sum(... for ...)`` and ``max([a, b])`` are given, in the form that Numba knows."""
        start, end = extent(self.module, argument)
        if full == "builtins.sum" and isinstance(argument, ast.GeneratorExp):
            # The extent of a sole generator includes the call's parentheses.
            self.edits.extend((Edit(start + 1, start + 1, "["), Edit(end - 1, end - 1, "]")))
            made = ast.ListComp(elt=argument.elt, generators=argument.generators)
            return [self.expression(ast.copy_location(made, argument))]
        if full != "builtins.sum" and isinstance(argument, ast.List | ast.Tuple) and len(argument.elts) > 1:
            first, last = extent(self.module, argument.elts[0]), extent(self.module, argument.elts[-1])
            self.edits.extend((Edit(start, first[0], ""), Edit(last[1], end, "")))
            return [self.expression(element) for element in argument.elts]
        return [self.expression(argument)]

    def _is_array(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            if node.id in self.own:
                return self.scope.resolve(node.id) is self.scope
            seen = self.look(node.id)
            return node.id in self.assigned if seen is None else seen.kind.is_array
        if isinstance(node, ast.Call):
            return qualified(node.func, self.module, self.scope) in NUMPY
        if isinstance(node, ast.BinOp):
            return self._is_array(node.left) or self._is_array(node.right)
        found = self._value_prefix(node)
        if found is not None:
            return found[1].kind.is_array
        return isinstance(node, ast.Subscript | ast.Attribute) and self._is_array(node.value)

    def _user_call(self, node: ast.Call) -> ast.expr:
        use = self.resolve(node, self)
        if isinstance(use, Problem):
            self.problems.append(use)
            return node
        fresh = _shallow(node)
        fresh.func = ast.copy_location(ast.Name(id=use.name, ctx=ast.Load()), node.func)
        if use.keeps_name:
            self._note_import(node.func)
        elif segment(self.module, node.func) != use.name:
            self.edits.append(replace(self.module, node.func, use.name))
        names = list(use.extras)
        if names:
            at = self.module.text.index("(", replace(self.module, node.func, "").end) + 1
            tail = ", " if node.args or node.keywords else ""
            self.edits.append(Edit(at, at, ", ".join(names) + tail))
        extras: list[ast.expr] = [
            ast.copy_location(ast.Name(id=name, ctx=ast.Load()), node) for name in names
        ]
        fresh.args = extras + [self.expression(argument) for argument in node.args]
        fresh.keywords = [
            ast.keyword(arg=word.arg, value=self.expression(word.value)) for word in node.keywords
        ]
        self.uses[id(fresh)] = use
        return fresh

    def call_kind(self, node: ast.Call, arguments: list[Kind]) -> Kind:
        """Kind of what a lowered call returns."""
        if id(node) in self.uses:
            return self.uses[id(node)].result
        full = qualified(node.func, self.module, self.scope, self._function_of(node.func))
        if full:
            return result_kind(full, node, arguments)
        if isinstance(node.func, ast.Attribute):
            receiver = infer(node.func.value, self.kinds, self.call_kind)
            if node.func.attr == "copy":
                return receiver
            return result_kind(
                f"numpy.{node.func.attr}", ast.Call(node.func, [node.func.value], []), [receiver]
            )
        return UNKNOWN


def _shallow(node: Node) -> Node:
    fresh = type(node)(**dict(ast.iter_fields(node)))
    return ast.copy_location(fresh, node) if isinstance(node, ast.expr | ast.stmt) else fresh


def _minus_one(text: str) -> str:
    """Text of an integer expression less one."""
    if re.fullmatch(r"\d+", text):
        return str(int(text) - 1)
    plain = re.fullmatch(r"[\w.\[\]]+(\s*[*+-]\s*[\w.\[\]]+)*", text)
    return f"{text} - 1" if plain else f"({text}) - 1"


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return bool(node.elts) and all(_is_text(part) for part in node.elts)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _spoken(node: ast.AST) -> str:
    return {
        ast.JoinedStr: "an f-string",
        ast.Lambda: "a lambda",
        ast.Dict: "a dict",
        ast.Set: "a set",
        ast.Yield: "a generator",
    }.get(type(node), "a comprehension" if "omp" in type(node).__name__ else type(node).__name__)


def is_function(node: ast.AST) -> bool:
    """Is it a def or a lambda?"""
    return isinstance(node, FUNCTIONS)
