"""What names and access paths of a region become in its kernel.

``self.u``, ``p["dx"]`` and ``grid.h`` become names; what has no value that a kernel can take is a problem.
"""

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from pdeperf.kernel.array_updates import Update
from pdeperf.kernel.callee_use import CalleeUse as CalleeUse
from pdeperf.kernel.callee_use import Problem as Problem
from pdeperf.kernel.draws import is_stream, source_of
from pdeperf.kernel.kinds import Kind, join_all
from pdeperf.kernel.observed import Observed, Seen
from pdeperf.kernel.path_names import MARK as MARK
from pdeperf.kernel.path_names import ROWS as ROWS
from pdeperf.kernel.path_names import column_name as column_name
from pdeperf.kernel.path_names import is_column as is_column
from pdeperf.kernel.path_names import is_range_end, longer_name, stem_of
from pdeperf.kernel.tables import Table
from pdeperf.kernel.vocabulary import CONSTANTS, NUMPY, qualified
from pdeperf.kernel.walked import walked_by
from pdeperf.source import Module
from pdeperf.source.edits import Edit, replace, segment
from pdeperf.source.scopes import Scope, parameters, uses_of
from pdeperf.source.short_loops import Turn
from pdeperf.source.walking import nodes_in

if TYPE_CHECKING:
    from pdeperf.kernel.few_things import Copy
    from pdeperf.kernel.lowering import Lowering

ARRAY_ATTRIBUTES = frozenset(("shape", "size", "ndim", "T", "real", "imag"))


Resolve = Callable[[ast.Call, "Lowering"], "CalleeUse | Problem"]


def names_near(statements: Sequence[ast.stmt], scope: Scope) -> frozenset[str]:
    """Names that a kernel's own names must differ from: those used there and the file's functions."""
    used = {node.id for part in statements for node in nodes_in(part) if isinstance(node, ast.Name)}
    return _defined(scope.module.node).union(used)


@lru_cache(maxsize=16)
def _defined(tree: ast.AST) -> frozenset[str]:
    """Names of a file's functions, classes and imports."""
    found: set[str] = set()
    for node in nodes_in(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
    return frozenset(found)


def root_name(node: ast.expr) -> str:
    """Name that an access path starts from; empty for anything else."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_path(node: ast.expr) -> bool:
    """Is it a name, or what is reached from one by attributes and constant keys?"""
    while isinstance(node, ast.Attribute) or (
        isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
    ):
        node = node.value
    return isinstance(node, ast.Name)


def _prefixes(node: ast.expr) -> list[ast.expr]:
    found = [node]
    while isinstance(node, ast.Attribute) or (
        isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
    ):
        node = node.value
        found.append(node)
    return found[::-1]


@dataclass(slots=True)
class Paths:
    """The names of one run of statements of one scope, as they are found.

    Attributes
    ----------
    conditions, renamed
        What must hold for objects to be of the classes that they were seen to be of; local names of
        objects, and the access paths that they stand for.
    leaves, exits
        Whether ``return`` leaves the function around the statements, not the kernel; and where.
    tries, guarded, turns, turned
        Each ``try`` and the branch that it becomes; divisions that are made only where they can be; loops
        over a few things that are written out, and the names that these loops bind.
    anew, changed, changing
        Attributes of objects in lists whose arrays are bound anew, and those changed in place; calls that
        change attributes, until a statement takes what they give back.
    meant, updates
        Parameters that are given functions, and which these are here; arrays that others change in place.
    copies, repeated
        What a loop is written out as, by the place of its text; all statements of these copies.
    """

    module: Module
    scope: Scope
    observed: Observed
    lines: range
    assigned: frozenset[str]
    taken: frozenset[str]
    resolve: Resolve
    own: frozenset[str] = frozenset()
    edits: list[Edit] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    uses: dict[int, CalleeUse] = field(default_factory=dict)
    _flat: set[int] = field(default_factory=set)
    library: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    extremes: set[str] = field(default_factory=set)
    lists: frozenset[str] = frozenset()
    tables: dict[str, Table] = field(default_factory=dict)
    conditions: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)
    leaves: bool = False
    exits: list[ast.Return] = field(default_factory=list)
    tries: list[tuple[ast.Try, ast.If]] = field(default_factory=list)
    guarded: set[int] = field(default_factory=set)
    turns: dict[int, tuple[Turn, ...]] = field(default_factory=dict)
    turned: frozenset[str] = frozenset()
    copies: dict[tuple[int, int], tuple["Copy", ...]] = field(default_factory=dict)
    repeated: list[ast.stmt] = field(default_factory=list)
    anew: set[str] = field(default_factory=set)
    changing: set[int] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    meant: dict[str, str] = field(default_factory=dict)

    def expression(self, node: ast.expr) -> ast.expr:
        """A lowered copy of an expression."""
        raise NotImplementedError

    def children(self, node: ast.expr) -> ast.expr:
        """A copy of an expression with its parts lowered."""
        raise NotImplementedError

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
        for node in uses_of(name, self.module):
            if not isinstance(node.ctx, ast.Load):
                home = self.module.parents.get(node)
                if not (isinstance(home, ast.Assign) and home.targets == [node]):
                    return None
                value = home.value.operand if isinstance(home.value, ast.UnaryOp) else home.value
                if not (isinstance(value, ast.Constant) and type(value.value) in (int, float)):
                    return None
                kinds.append(Kind(type(value.value).__name__))
        return Seen(join_all(kinds)) if kinds else None

    def name_of(self, text: str, seen: Seen, wanted: str = "") -> str:
        """The kernel's name for an access path or a hoisted condition."""
        for name, source in self.sources.items():
            if source == text:
                return name
        name = wanted or ("generator" if is_stream(text) else stem_of(text) or "value")
        used = self.taken | set(self.sources)
        if name in used:
            name = f"{name}_2" if is_stream(text) else longer_name(text, wanted)
        while name in used:
            name += "_"
        self.sources[name] = text
        self.kinds[name] = seen.kind
        self.seen[name] = seen
        return name

    def name(self, node: ast.Name) -> ast.expr:
        name = node.id
        if name in self.turned:
            return self._thing(node)
        full = qualified(node, self.module, self.scope, self.function_of(node))
        if full in CONSTANTS:
            self.library.add(full)
            return node
        if full:
            self.problem(node, f"`{name}` ({full}) is used as a value")
            return node
        if name not in self.assigned and (table := self.observed.tables.named(name, self.module, self.scope)):
            return self._table(node, table)
        if name in self.own:
            return node
        seen = self.look(name)
        if seen is not None:
            self.seen.setdefault(name, seen)
            self.kinds.setdefault(name, seen.kind)
        return node

    def _thing(self, node: ast.Name) -> ast.expr:
        """What a loop that is written out is about in this turn, where it is a number or an array."""
        seen = self.look(node.id)
        if seen is not None and seen.kind.is_value and not seen.is_property:
            places = re.findall(r"\[(\d+)\]", self.canonical(node.id))
            return self._replace_path(node, seen, "_".join([node.id.strip("_"), *places]))
        self.problem(node, f"`{self.canonical(node.id)}` is used as a whole")
        return node

    def canonical(self, text: str) -> str:
        """An access path with the local name of an object replaced by where the object is."""
        root = re.split(r"\W", text, maxsplit=1)[0]
        return self.renamed[root] + text[len(root) :] if root in self.renamed else text

    def _table(self, node: ast.expr, table: Table) -> ast.expr:
        """A list that never changes, as the array that is made of it."""
        if table.after.lineno >= self.lines.start and not table.is_global:
            self.problem(node, f"`{table.text}` is made here")
        self.tables[table.array] = table
        self.kinds[table.array] = table.kind
        self.edits.append(replace(self.module, node, table.array))
        return ast.copy_location(ast.Name(id=table.array, ctx=ast.Load()), node)

    def _home(self) -> ast.ClassDef | None:
        """The class in a method of which the statements stand."""
        home = self.module.parents.get(self.scope.node)
        return home if isinstance(home, ast.ClassDef) else None

    def function_of(self, node: ast.expr) -> str:
        if not isinstance(node, ast.Name) or self.scope.resolve(node.id) is not None:
            return ""
        seen = self.look(node.id)
        return seen.function if seen else ""

    def access(self, node: ast.Attribute | ast.Subscript) -> ast.expr:
        full = qualified(node, self.module, self.scope) if isinstance(node, ast.Attribute) else ""
        if full:
            self.note_library(node, full)
            if full not in CONSTANTS and full not in NUMPY:
                self.problem(node, f"`{segment(self.module, node)}` is used as a value")
            return node
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            first = next(iter(parameters(self.scope.node)), "") if self._home() else ""  # type: ignore[arg-type]
            if node.value.id == first:
                table = self.observed.tables.of_class(node, self.module, self._home())
                if table is not None:
                    return self._table(node, table)
        found = self.value_prefix(node)
        if found is not None and found[0] is node:
            return self._replace_path(node, found[1])
        fresh = self.children(node)
        if isinstance(node, ast.Attribute) and node.attr not in ARRAY_ATTRIBUTES:
            text = segment(self.module, node)
            self.problem(node, f"`{text}` is an attribute whose value was not seen as a number or an array")
        return fresh

    def is_property(self, node: ast.Attribute) -> bool:
        """Does reading it run code of the user's class?"""
        root = root_name(node)
        if not root or root in self.own:
            return False
        seen = self.look(ast.unparse(node))
        return seen is not None and seen.is_property

    def value_prefix(self, node: ast.expr) -> tuple[ast.expr, Seen] | None:
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

    def _replace_path(
        self, node: ast.Name | ast.Attribute | ast.Subscript, seen: Seen, wanted: str = ""
    ) -> ast.expr:
        text = self.canonical(ast.unparse(node))
        root = re.split(r"\W", text, maxsplit=1)[0]
        if root in self.assigned:
            self.problem(node, f"`{root}` is assigned here, and `{ast.unparse(node)}` with it")
        name = self.name_of(text, seen, wanted or self.name_in_turn(text))
        self.edits.append(replace(self.module, node, name))
        return ast.copy_location(ast.Name(id=name, ctx=node.ctx), node)

    def path(self, text: str, line: int, seen: Seen | None, inner: str) -> str:
        """Kernel name of a path that a callee needs, given in this scope's terms; ``inner`` is its own."""
        if is_stream(text):
            if re.split(r"\W", source_of(text)[0], maxsplit=1)[0] in self.assigned:
                self.problems.append(Problem(line, f"`{source_of(text)[0]}` is assigned here"))
            return self.name_of(text, Seen(Kind("generator")))
        if is_column(text):
            return self._column(self.canonical(text), line, seen, inner)
        seen = self.look(text) or seen
        text = self.canonical(text)
        node = ast.parse(text, mode="eval").body
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
        named = isinstance(node, ast.Compare) or text.endswith((".value", ".cell_contents"))
        named = named or ".__defaults__[" in text
        return self.name_of(text, seen, self.name_in_turn(text, inner) or (inner if named else ""))

    def name_in_turn(self, text: str, inner: str = "") -> str:
        """A name for a part of one thing of a few, ``amp_1``; empty where it has a name as it is."""
        places = re.findall(r"\[(\d+)\]", text)
        if not (self.turned and places):
            return ""
        if is_range_end(text):
            reason = "each turn has ranges of its own"
            self.problems.append(Problem(self.lines.start, reason))
        words = re.findall(r"[A-Za-z_]\w*", text.partition(" ")[0])
        stem = inner if " " in text else words[-1].strip("_")
        return "_".join([stem, *places])

    def _column(self, text: str, line: int, seen: Seen | None, inner: str) -> str:
        """The kernel's name for an attribute of all objects of a list, or for a place in tuples."""
        objects, _, attribute = text.rpartition(ROWS if ROWS in text else MARK)
        root = re.split(r"\W", text, maxsplit=1)[0]
        if root in self.assigned or seen is None:
            self.problems.append(Problem(line, f"`{root}` is assigned here, and its objects with it"))
            return text
        return self.name_of(text, seen, inner if ROWS in text else column_name(objects, attribute))

    def note_library(self, node: ast.expr, full: str) -> None:
        self.library.add(full)
        self.note_import(node)

    def note_import(self, node: ast.expr) -> None:
        root = root_name(node)
        owner = self.scope.resolve(root)
        if owner is not None and not owner.is_module:
            self.imports.add(root)

    def is_generator(self, node: ast.expr) -> bool:
        """Is it a generator of random numbers?"""
        if root_name(node) in self.assigned:
            return False
        seen = self.look(ast.unparse(node))
        if seen is None or seen.kind.base != "generator":
            return False
        if isinstance(node, ast.Name):
            self.kinds.setdefault(node.id, seen.kind)
        return True

    def is_array(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            if node.id in self.own:
                return self.scope.resolve(node.id) is self.scope or self._is_row(node)
            seen = self.look(node.id)
            return node.id in self.assigned if seen is None else seen.kind.is_array
        if isinstance(node, ast.Call):
            return qualified(node.func, self.module, self.scope) in NUMPY
        if isinstance(node, ast.BinOp):
            return self.is_array(node.left) or self.is_array(node.right)
        found = self.value_prefix(node)
        if found is not None:
            return found[1].kind.is_array
        return isinstance(node, ast.Subscript | ast.Attribute) and self.is_array(node.value)

    def _is_row(self, node: ast.Name) -> bool:
        """Does a comprehension bind a name to each row of an array?"""
        source = walked_by(node, self.module)
        seen = self.look(ast.unparse(source)) if is_path(source) else None
        return seen is not None and seen.kind.is_array and seen.kind.ndim > 1
