"""Which computations in a loop give the same result in every iteration, proved."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from pdeperf.lifetimes.changes import Changes, Loop
from pdeperf.lifetimes.meaning import LOOPS, Meaning
from pdeperf.lifetimes.ownership import Ownership
from pdeperf.lifetimes.sharing import Sharing
from pdeperf.lifetimes.vocabulary import CONVERSIONS, MESH_PROPERTIES, MESHGRID, SPARSE_MAKERS, TABLES
from pdeperf.source import Module, Project
from pdeperf.source.edits import owns_lines
from pdeperf.source.flow import bound_before, reach, reads, writes
from pdeperf.source.scopes import own_nodes

_EXPRESSIONS = (ast.BinOp, ast.Call, ast.UnaryOp, ast.Compare, ast.Attribute)
_COSTLY_NUMBERS = frozenset(
    ("numpy.linalg.inv", "numpy.linalg.pinv", "scipy.linalg.expm", "scipy.linalg.inv")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariants:
    """What one loop computes again and again.

    Attributes
    ----------
    statements
        Assignments that can stand before the loop as they are, in order.
    expressions
        Other expressions, each with the places where the same text stands.
    kept
        What looks constant but cannot be moved: the node and why.
    """

    loop: Loop
    statements: tuple[ast.Assign, ...]
    expressions: tuple[tuple[ast.expr, ...], ...]
    kept: tuple[tuple[ast.AST, str], ...]

    @property
    def first(self) -> ast.stmt | ast.expr | None:
        """The first place."""
        nodes: list[ast.stmt | ast.expr] = [*self.statements, *(group[0] for group in self.expressions)]
        return min(nodes, key=lambda node: (node.lineno, node.col_offset)) if nodes else None


@dataclass(slots=True)
class _Search:
    """One loop under examination."""

    meaning: Meaning
    sharing: Sharing
    changes: Changes
    module: Module
    loop: Loop
    fixed: set[str] = field(default_factory=set)
    kept: list[tuple[ast.AST, str]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()

    def why_not(self, node: ast.expr) -> str:
        """Empty if an expression has one value throughout the loop; or what changes it."""
        match node:
            case ast.Constant():
                return ""
            case ast.Name(id=name):
                return "" if name in self.fixed or self.meaning.full(self.module, node) else self._stays(name)
            case ast.Attribute(value=value, attr=attr):
                if self.meaning.full(self.module, node):
                    return ""
                if self._is_property(node) and self._is_mesh(value) and attr in MESH_PROPERTIES:
                    return self.why_not(value)
                if self._is_property(node):
                    return f"`{ast.unparse(node)}` is a property: reading it runs code"
                return self.why_not(value) or (
                    "" if self._is_of_array(value, attr) else self._stays(f".{attr}")
                )
            case ast.Call():
                if (converted := self._converted(node)) is not None:
                    return self.why_not(converted)
                if not self.meaning.is_pure(self.module, node):
                    return f"`{ast.unparse(node.func)}` is not known to compute from its arguments alone"
                return self._first([*node.args, *(keyword.value for keyword in node.keywords)])
            case ast.BinOp(left=left, right=right):
                return self._first([left, right])
            case ast.UnaryOp(operand=operand):
                return self.why_not(operand)
            case ast.Compare(left=left, comparators=others):
                return self._first([left, *others])
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return self._first(parts)
            case ast.Subscript(value=value, slice=index):
                return self._first([value, index])
            case ast.Slice(lower=lower, upper=upper, step=step):
                return self._first([part for part in (lower, upper, step) if part is not None])
            case _:
                return "it is no plain expression"

    def _converted(self, node: ast.Call) -> ast.expr | None:
        """The sparse matrix of which a call makes the same in another format."""
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=attr), args=arguments, keywords=[]) if (
                attr in CONVERSIONS and attr not in self.meaning.functions and self.is_sparse(value)
            ):
                return value if all(isinstance(one, ast.Constant) for one in arguments) else None
        return None

    def is_sparse(self, node: ast.expr) -> bool:
        """Is the value of an expression surely a sparse matrix, or made of one?"""
        match node:
            case ast.Name() | ast.Attribute():
                if isinstance(node, ast.Attribute) and node.attr == "T":
                    return self.is_sparse(node.value)
                kinds = self.meaning.values(self.module, self.loop, ast.unparse(node), "type")
                return bool(kinds) and all(kind.startswith("scipy.sparse.") for kind in kinds)
            case ast.BinOp(left=left, right=right):
                return self.is_sparse(left) or self.is_sparse(right)
            case ast.UnaryOp(operand=operand):
                return self.is_sparse(operand)
            case ast.Call(func=func):
                return self.meaning.full(self.module, func) in SPARSE_MAKERS or (
                    self._converted(node) is not None
                )
            case _:
                return False

    def _first(self, nodes: list[ast.expr]) -> str:
        return next((why for node in nodes if (why := self.why_not(node))), "")

    def _stays(self, key: str) -> str:
        if key not in self.answers:
            self.answers[key] = self.changes.stays(self.module, self.loop, key)
        return self.answers[key]

    def _is_property(self, node: ast.Attribute) -> bool:
        return bool(self.meaning.values(self.module, self.loop, ast.unparse(node), "property"))

    def _is_mesh(self, node: ast.expr) -> bool:
        kinds = self.meaning.values(self.module, self.loop, ast.unparse(node), "type")
        return bool(kinds) and all(kind.startswith("fipy.meshes.") for kind in kinds)

    def _is_of_array(self, value: ast.expr, attr: str) -> bool:
        """A size of an array, which nothing but the array's own name decides."""
        return attr in ("shape", "size", "ndim", "dtype", "T", "real", "imag") and self.meaning.is_array(
            self.module, self.loop, ast.unparse(value)
        )

    def is_known(self, node: ast.expr) -> bool:
        """Do all names in an expression have their values before the loop begins?"""
        home = self.meaning.home(self.module, self.loop)
        scope = self.meaning.scope(self.module, self.loop)
        names = {
            inner.id
            for inner in ast.walk(node)
            if isinstance(inner, ast.Name) and not self.meaning.full(self.module, inner)
        }
        return all(
            (owner := scope.resolve(name)) is None or owner.node is not home
            for name in names - self.fixed - self.known
        )

    def is_array(self, node: ast.expr) -> bool:
        """Is the value of an expression surely an array?"""
        match node:
            case ast.Name() | ast.Attribute() if self.meaning.is_array(
                self.module, self.loop, ast.unparse(node)
            ):
                return True
            case ast.BinOp(left=left, right=right):
                return self.is_array(left) or self.is_array(right)
            case ast.UnaryOp(operand=operand):
                return self.is_array(operand)
            case ast.Call(func=func, args=arguments):
                name = self.meaning.full(self.module, func)
                if name in TABLES:
                    return True
                elementwise = name.startswith("numpy.") and name.rpartition(".")[2] not in (
                    "sum",
                    "max",
                    "min",
                )
                return elementwise and any(self.is_array(argument) for argument in arguments)
            case ast.Attribute(value=value, attr="T" | "real" | "imag"):
                return self.is_array(value)
            case ast.Subscript(value=value, slice=index):
                whole = any(isinstance(part, ast.Slice) for part in ast.walk(index))
                return whole and self.is_array(value)
            case _:
                return False

    def is_costly(self, node: ast.expr) -> bool:
        """Does it make arrays, or anything else worth remembering?"""
        return any(
            (isinstance(part, ast.BinOp) and (self.is_array(part) or self.is_sparse(part)))
            or (isinstance(part, ast.Call) and self.is_sparse(part))
            or (
                isinstance(part, ast.Call)
                and (
                    (name := self.meaning.full(self.module, part.func))
                    in TABLES | _COSTLY_NUMBERS | {MESHGRID}
                    or (name.startswith(("numpy.", "scipy.")) and any(self.is_array(a) for a in part.args))
                )
            )
            or (isinstance(part, ast.Attribute) and self._is_property(part))
            for part in ast.walk(node)
        )

    def statements(self) -> list[ast.Assign]:
        """Assignments of the loop's own body that give the same result each time, in order."""
        found: list[ast.Assign] = []
        while True:
            more = [
                s for s in self.loop.body if isinstance(s, ast.Assign) and s not in found and self._moves(s)
            ]
            if not more:
                break
            found.append(more[0])
            self.fixed |= writes(more[0])
        return sorted(found, key=lambda statement: statement.lineno)

    def _moves(self, statement: ast.Assign) -> bool:
        if len(statement.targets) != 1 or not owns_lines(self.module, [statement]):
            return False
        target = statement.targets[0]
        names = [target] if isinstance(target, ast.Name) else getattr(target, "elts", [])
        if not names or not all(isinstance(name, ast.Name) for name in names):
            return False
        if isinstance(target, ast.Tuple) and not (
            isinstance(statement.value, ast.Tuple | ast.Call) or self.is_array(statement.value)
        ):
            return False
        if self.why_not(statement.value) or not self.is_known(statement.value):
            return False
        why = next((why for name in names if (why := self._binding_problem(name.id, statement))), "")
        if why and self.is_costly(statement.value) and (statement, why) not in self.kept:
            self.kept.append((statement, why))
        return not why

    def _binding_problem(self, name: str, statement: ast.Assign) -> str:
        """What forbids that a name keeps the value that it gets before the loop."""
        home = self.meaning.home(self.module, self.loop)
        stores = [
            node
            for node in own_nodes(home)
            if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        ]
        if len(stores) != 1 or name in self.changes.outside:
            return f"`{name}` is bound elsewhere too"
        if name in reach(self.loop.body).exposed:
            return f"`{name}` is read before it is bound"
        if isinstance(self.loop, ast.While) and name in reads(self.loop.test):
            return f"`{name}` is read before it is bound"
        nodes = list(ast.walk(self.loop))
        changed = self.changes.changed(self.module, nodes)
        group = self.sharing.group(self.module, home, name)
        if changed & group:
            return f"`{name}` is changed later in the loop"
        values = {key for key in group if key != name}
        # A number that is kept is a number; an array that lives on must be a new one each time.
        if values and not self.meaning.is_number(self.module, self.loop, name):
            others = ", ".join(sorted(key for key in values)).replace("<kept>", "something that may keep it")
            return f"`{name}` may be seen by {others}"
        return ""

    def expressions(self, moved: list[ast.Assign]) -> Iterator[tuple[ast.expr, ...]]:
        """Largest expressions that give the same result each time, alike ones together."""
        groups: dict[str, list[ast.expr]] = {}
        for node in self._roots(moved):
            if self.is_costly(node):
                groups.setdefault(ast.unparse(node), []).append(node)
        yield from (tuple(group) for group in groups.values())

    def _roots(self, moved: list[ast.Assign]) -> Iterator[ast.expr]:
        pending: list[ast.AST] = [s for s in reversed(self.loop.body) if s not in moved]
        if isinstance(self.loop, ast.While):
            pending.append(self.loop.test)
        while pending:
            node = pending.pop()
            if isinstance(
                node,
                ast.If | ast.Try | ast.IfExp | ast.BoolOp | ast.FunctionDef | ast.Lambda | ast.ClassDef
                | ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp | ast.With | ast.Match,
            ):  # fmt: skip
                continue  # what need not run every time is not run before
            if (
                isinstance(node, _EXPRESSIONS)
                and self._is_consumed(node)
                and not self.why_not(node)
                and self.is_known(node)
            ):
                yield node
                continue
            pending.extend(reversed(list(ast.iter_child_nodes(node))))

    def _is_consumed(self, node: ast.expr) -> bool:
        """Is its value used up where it stands, so that nobody can change or keep it?"""
        match self.module.parents.get(node):
            case ast.BinOp() | ast.UnaryOp() | ast.Compare():
                return True
            case ast.Call(args=arguments) as call if node in arguments:
                return self.meaning.is_pure(self.module, call)
            case ast.AugAssign(value=value):
                return value is node
            case ast.Assign(targets=[ast.Subscript(value=base)], value=value) if value is node:
                return self.meaning.is_array(self.module, self.loop, ast.unparse(base))
            case _:
                return False


def invariants(project: Project, module: Module, loop: Loop) -> Invariants:
    """Everything that a loop computes again though it stays the same."""
    known = Ownership.of(project)
    meaning = known.meaning
    search = _Search(meaning, known.sharing, known.changes, module, loop)
    home = meaning.home(module, loop)
    if any(isinstance(node, ast.Yield | ast.YieldFrom | ast.Await) for node in ast.walk(loop)):
        return Invariants(loop=loop, statements=(), expressions=(), kept=())
    search.known = bound_before(home, loop)
    moved = search.statements()
    groups = list(search.expressions(moved))
    needed = _needed(moved, groups, search)
    return Invariants(loop=loop, statements=tuple(needed), expressions=tuple(groups), kept=tuple(search.kept))


def _needed(moved: list[ast.Assign], groups: list[tuple[ast.expr, ...]], search: _Search) -> list[ast.Assign]:
    """The assignments that are worth moving, and those that these need."""
    wanted = frozenset[str]().union(*(reads(group[0]) for group in groups))
    kept: list[ast.Assign] = []
    for statement in reversed(moved):
        if search.is_costly(statement.value) or writes(statement) & wanted:
            kept.append(statement)
            wanted |= reads(statement.value)
    return list(reversed(kept))


def hot_invariants(project: Project, module: Module, loops: list[Loop]) -> list[Invariants]:
    """The invariants of nested loops, the outermost loop first; none is named twice."""
    found: list[Invariants] = []
    seen: set[ast.AST] = set()
    for loop in loops:
        if not isinstance(loop, LOOPS):
            continue
        one = invariants(project, module, loop)
        nodes = [
            *one.statements,
            *(node for group in one.expressions for node in group),
            *(node for node, _ in one.kept),
        ]
        if nodes and not seen & set(nodes):
            seen.update(nodes)
            seen.update(inner for node in nodes for inner in ast.walk(node))
            found.append(one)
    return found
