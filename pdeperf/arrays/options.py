"""Conditions on options that a region never changes: ``if self.bc == "periodic"``, ``if self.viscous``."""

import ast
import copy
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from pdeperf.arrays.entries import reached
from pdeperf.arrays.inline import Inlined, known
from pdeperf.arrays.paths import is_path, is_setting
from pdeperf.source import Module

_REFLECTING = frozenset(("setattr", "delattr", "exec", "eval", "vars", "globals", "__setattr__", "__dict__"))
_EQUAL = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)


class Options:
    """Answers for the options of one region.

    Parameters
    ----------
    region
        Its statements.
    module
        The file.
    values
        What a name or path was seen to be, as Python writes it.
    is_settled
        Does a path mean the same object all the while the region's own statements run?
    keeps_entry
        Does an entry of a dict, ``cfg["bc"]``, while the region runs?
    """

    def __init__(
        self,
        region: Sequence[ast.stmt],
        module: Module,
        values: Callable[[str], Collection[str]],
        is_settled: Callable[[str], bool],
        keeps_entry: Callable[[ast.expr], bool],
    ) -> None:
        self._values, self._is_settled, self._keeps_entry = values, is_settled, keeps_entry
        self._bound: set[str] = set()
        self._is_open = True
        for tree in (*region, *reached(region, module)):
            self._note(tree)

    def _note(self, tree: ast.AST) -> None:
        """What some code of the region binds: attributes, and names of others' scopes."""
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(attr=attr, ctx=ast.Store() | ast.Del()):
                    self._bound.add(attr)
                case ast.Global(names=names) | ast.Nonlocal(names=names):
                    self._bound.update(names)
                case ast.Name(id=name) | ast.Attribute(attr=name) if name in _REFLECTING:
                    self._is_open = False

    def decided(self, test: ast.expr) -> tuple[bool, tuple[str, ...]] | None:
        """What a condition was each time, and what shows that it still is; None if that is not certain."""
        if not self._is_open or not _is_asked(test):
            return None
        checks: dict[str, None] = {}
        paths = {
            ast.unparse(node): node
            for node in ast.walk(test)
            if isinstance(node, ast.Name | ast.Attribute | ast.Subscript)
        }
        inner = {ast.unparse(node.value) for node in paths.values() if not isinstance(node, ast.Name)}
        found: dict[str, ast.Constant] = {}
        for text in paths.keys() - inner:
            value = self._value(text)
            if value is None:
                return None
            found[text] = value
            checks[_check(text, value.value)] = None
        holds = known(_Filled(found).visit(copy.deepcopy(test)))
        return (holds, tuple(checks)) if holds is not None and checks else None

    def chosen(self, path: str) -> ast.Constant | None:
        """The text that a path always was."""
        value = self._value(path) if self._is_open else None
        return value if value is not None and isinstance(value.value, str) else None

    def _value(self, text: str) -> ast.Constant | None:
        """The text, truth value, integer or None that a path always was."""
        seen = set(self._values(text))
        path, _, key = text.partition("[")
        if len(seen) != 1 or not self._is_settled(path) or self._bound & {*path.split(".")}:
            return None
        if key and not self._keeps_entry(ast.parse(text, mode="eval").body):
            return None
        match ast.parse(seen.pop(), mode="eval").body:
            case ast.Constant(value=str() | bool() | int() | None) as value:
                return value
        return None


def settled(found: Inlined, options: Options) -> tuple[Inlined, tuple[str, ...]] | None:
    """A function's body without the branches that its options rule out, and what shows that they do.

    None if it still returns before its end.
    """
    change = _Decided(options)
    body: list[ast.stmt] = []
    for part in found.body:
        kept = change.visit(copy.deepcopy(part))
        body += (
            each for each in (kept if isinstance(kept, list) else [kept]) if not isinstance(each, ast.Pass)
        )
    result = change.visit(copy.deepcopy(found.result)) if found.result is not None else None
    early = next((each for each in body if isinstance(each, ast.Return)), None)
    if early is not None:
        body, result = body[: body.index(early)], early.value
    if any(isinstance(node, ast.Return) for part in body for node in ast.walk(part)):
        return None
    return replace(found, body=tuple(body), result=result), tuple(change.checks)


class _Decided(ast.NodeTransformer):
    """Leaves out what conditions on options rule out."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.checks: dict[str, None] = {}

    def _holds(self, test: ast.expr) -> bool | None:
        if (holds := known(test)) is not None:
            return holds
        found = self._options.decided(test)
        if found is None:
            return None
        self.checks.update(dict.fromkeys(found[1]))
        return found[0]

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        holds = self._holds(node.test)
        if holds is None:
            self.generic_visit(node)
            return node
        kept = ast.Module(body=(node.body if holds else node.orelse) or [ast.Pass()], type_ignores=[])
        self.generic_visit(kept)
        return kept.body

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return ast.copy_location(ast.Pass(), node) if self._holds(node.test) else node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        holds = self._holds(node.test)
        if holds is not None:
            found = self.visit(node.body if holds else node.orelse)
            assert isinstance(found, ast.AST)
            return found
        self.generic_visit(node)
        return node


def _check(text: str, value: object) -> str:
    if value is None or isinstance(value, bool):
        return f"{text} is {value}"
    return f"type({text}) is {type(value).__name__} and {text} == {value!r}"


def _is_asked(test: ast.expr) -> bool:
    """Is it made of comparisons of paths and entries of dicts with texts and the like, no more?"""
    match test:
        case ast.Name() | ast.Attribute():
            return is_path(test)
        case ast.Subscript():
            return is_setting(test)
        case ast.Constant(value=str() | bool() | int() | None):
            return True
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return isinstance(op, _EQUAL) and _is_asked(left) and _is_asked(right)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            return all(isinstance(part, ast.Constant) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _is_asked(operand)
        case ast.BoolOp(values=parts):
            return all(map(_is_asked, parts))
    return False


class _Filled(ast.NodeTransformer):
    """Writes values in place of paths."""

    def __init__(self, values: dict[str, ast.Constant]) -> None:
        self._of = values

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._of.get(node.id, node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self._of.get(ast.unparse(node), node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return self._of.get(ast.unparse(node), node)
