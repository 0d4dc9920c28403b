"""Whether a matrix is the same throughout a loop, by data flow."""

import ast
from dataclasses import dataclass, field

from pdeperf.lifetimes.changes import Changes, Loop
from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.sharing import Sharing, passed
from pdeperf.lifetimes.vocabulary import CHANGING_METHODS, HARMLESS_HOMES, READING_METHODS
from pdeperf.source import Module
from pdeperf.source.flow import bound_before
from pdeperf.source.scopes import FUNCTIONS, parameters

CONVERSIONS = frozenset(("tocsr tocsc tocoo toarray todense copy transpose astype").split())
"""Methods of matrices that give the same for the same matrix."""
MAKERS = frozenset(
    f"scipy.sparse.{form}_{kind}" for form in ("csr", "csc", "coo") for kind in ("matrix", "array")
)
PARTS = ("data", "indices", "indptr", "rows", "flat")
"""Attributes through which a matrix can be changed: whoever holds one of them holds the matrix."""
_BRANCHES = (ast.If, ast.Try, ast.IfExp, ast.BoolOp, ast.Match, ast.With)


@dataclass(slots=True)
class Constancy:
    """Answers for a whole project.

    Attributes
    ----------
    meaning
        What the names mean.
    """

    meaning: Meaning
    sharing: Sharing = field(init=False)
    changes: Changes = field(init=False)

    def __post_init__(self) -> None:
        self.sharing = Sharing(self.meaning)
        self.changes = Changes(self.meaning, self.sharing)

    def why_not(self, module: Module, loop: Loop, node: ast.expr) -> str:
        """Empty if an expression has one value throughout a loop; or what may change it."""
        match node:
            case ast.Constant():
                return ""
            case ast.Name(id=name):
                return "" if self.meaning.full(module, node) else self.stays(module, loop, name)
            case ast.Attribute(value=value, attr=attr):
                if self.meaning.full(module, node):
                    return ""
                if attr in ("T", "shape", "dtype", "nnz", "size"):
                    return self.why_not(module, loop, value)
                if self.meaning.values(module, loop, ast.unparse(node), "property"):
                    return f"`{ast.unparse(node)}` is a property: reading it runs code"
                return self.why_not(module, loop, value) or self.stays(module, loop, f".{attr}")
            case ast.BinOp(left=left, right=right):
                return self._first(module, loop, [left, right])
            case ast.UnaryOp(operand=operand):
                return self.why_not(module, loop, operand)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return self._first(module, loop, parts)
            case ast.Call(func=func):
                return self._call(module, loop, node, func)
            case _:
                return f"`{ast.unparse(node)}` is no plain expression"

    def _call(self, module: Module, loop: Loop, node: ast.Call, func: ast.expr) -> str:
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        name = self.meaning.full(module, func)
        if self.meaning.is_pure(module, node) or name in MAKERS:
            return self._first(module, loop, arguments)
        if (
            not name
            and isinstance(func, ast.Attribute)
            and func.attr in CONVERSIONS
            and func.attr not in self.meaning.functions
        ):
            return self._first(module, loop, [func.value, *arguments])
        return f"`{ast.unparse(func)}` is not known to compute from its arguments alone"

    def _first(self, module: Module, loop: Loop, nodes: list[ast.expr]) -> str:
        return next((why for node in nodes if (why := self.why_not(module, loop, node))), "")

    def stays(self, module: Module, loop: Loop, key: str) -> str:
        """Empty if a loop leaves a name, or the ``.attr`` of all objects, as it is; or what may change it."""
        if why := self.changes.stays(module, loop, key):
            return why
        if self.meaning.is_immutable(module, loop, key.lstrip(".")):
            return ""
        if why := self._converted(module, loop, key):
            return why
        for part in PARTS:
            if self.changes.stays(module, loop, f".{part}"):
                return f"the `.{part}` of a matrix is changed"
        return self._callers(module, loop, key)

    def may_be_changed_converted(self, module: Module, scope: ast.AST, name: str) -> bool:
        """May a conversion be changed that may hand out the matrix itself?"""
        return bool(self._converted(module, scope, name))

    def _converted(self, module: Module, region: ast.AST, key: str) -> str:
        """Whether a conversion that may hand out the matrix itself is changed: CSC, by ``tocsc()``."""
        name = key.lstrip(".")
        changed = self.changes.changed(
            module, [node for node in ast.walk(region) if not isinstance(node, ast.expr_context)]
        )
        for node in ast.walk(module.tree):
            match node:
                case ast.Call(func=ast.Attribute(value=base, attr=attr)) if attr in CONVERSIONS - {"copy"}:
                    pass
                case ast.Attribute(value=base, attr="T"):
                    pass
                case ast.Call(func=func, args=[base, *_]) if self.meaning.full(module, func) in MAKERS:
                    pass
                case _:
                    continue
            if ast.unparse(base).rpartition(".")[2] != name:
                continue
            match module.parents.get(node):
                case ast.Assign(targets=targets):
                    home = self.meaning.home(module, node)
                    behind = frozenset[str]().union(*(self.sharing.behind(module, one) for one in targets))
                    groups = frozenset[str]().union(
                        *(self.sharing.group(module, home, one) for one in behind)
                    )
                    if groups & changed:
                        return f"a conversion of `{name}` is changed"
                case ast.Call(func=func) as call if func is not node and self._may_change(module, call, node):
                    return f"a conversion of `{name}` is given to what may change it"
                case ast.Subscript(ctx=ast.Store() | ast.Del()):
                    return f"a conversion of `{name}` is changed"
                case ast.Attribute(attr=method) if method in CHANGING_METHODS:
                    return f"a conversion of `{name}` is changed"
        return ""

    def _may_change(self, module: Module, call: ast.Call, given: ast.expr) -> bool:
        """May a call change what it is given?"""
        if self.meaning.full(module, call.func).startswith(HARMLESS_HOMES):
            return False
        functions = self.meaning.called(module, call)
        if not functions:
            known = isinstance(call.func, ast.Attribute) and call.func.attr in READING_METHODS
            return not known
        return any(
            parameter is None or parameter in self.changes.of_parameters(home, function)
            for home, function in functions
            for parameter, argument in passed(call, function)
            if argument is given
        )

    def _callers(self, module: Module, loop: Loop, key: str) -> str:
        """Whether a matrix that the caller gave may be changed by a function that the loop calls."""
        home = self.meaning.home(module, loop)
        if not isinstance(home, FUNCTIONS) or not self.changes.outside:
            return ""
        group = self.sharing.group(module, home, key)
        given = frozenset(parameters(home)) - {"self", "cls"}
        if not group & given:
            return ""
        calls = (node for node in ast.walk(loop) if isinstance(node, ast.Call))
        if any(self.meaning.called(module, call) for call in calls):
            name = key.lstrip(".")
            return f"`{name}` is the caller's, and the loop calls functions that change what is not theirs"
        return ""

    def is_known(self, module: Module, loop: Loop, node: ast.expr) -> bool:
        """Do all names in an expression have values when a loop is reached?"""
        home = self.meaning.home(module, loop)
        scope = self.meaning.scope(module, loop)
        known = bound_before(home, loop)
        names = {
            inner.id
            for inner in ast.walk(node)
            if isinstance(inner, ast.Name) and not self.meaning.full(module, inner)
        }
        return all((owner := scope.resolve(name)) is None or owner.node is not home for name in names - known)


def runs_always(module: Module, loop: Loop, node: ast.AST) -> bool:
    """Is a node reached in every iteration of a loop, whatever is true there?"""
    for above in module.ancestors(node):
        if above is loop:
            return True
        if isinstance(above, _BRANCHES):
            return False
    return False
