"""Dense matrices that are filled entry by entry and solved with, made as sparse ones from the start."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.sharing import passed
from pdeperf.lifetimes.text import on_one_line
from pdeperf.model import Measurement
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, after_imports, apply, replace, segment
from pdeperf.source.scopes import own_nodes
from pdeperf.sparse.at_once import AtOnce, at_once
from pdeperf.sparse.filling import Filling
from pdeperf.sparse.later_uses import form_after
from pdeperf.sparse.observed_elsewhere import moved
from pdeperf.sparse.products import mostly_zero
from pdeperf.sparse.solves import facts_at
from pdeperf.sparse.stores import fillings
from pdeperf.sparse.triplets import unwritable
from pdeperf.sparse.written import Additions

_SOLVES = ("numpy.linalg.solve", "scipy.linalg.solve")
_TAKING = tuple(f"scipy.sparse.{form}_{kind}" for form in ("csr", "csc") for kind in ("matrix", "array"))
_REFLECTING = ("LinAlgError", "globals(", "locals(", "vars(", "exec(", "eval(")
_FLOATS = ("float", "complex", "numpy.float64", "numpy.complex128", "builtins.float", "builtins.complex")
_Key = tuple[ast.AST | None, str]
"""A name and its scope, or ``self.K``."""


@dataclass(frozen=True, slots=True)
class FilledSparse:
    """The file with such matrices made sparse.

    Attributes
    ----------
    names
        What holds the matrices, and the blocks that are cut out of them.
    forgets
        The same, as results are named.
    lines
        Of the solves.
    """

    text: str
    names: tuple[str, ...]
    forgets: tuple[str, ...]
    lines: frozenset[int]


@dataclass(slots=True)
class _Uses:
    """Follows a matrix through names, arguments and results, and writes what it is used for.

    Attributes
    ----------
    edits
        What makes the uses those of a sparse matrix.
    lines
        Where systems are solved.
    names
        All that hold the matrix, or a block that is cut out of it.
    """

    meaning: Meaning
    module: Module
    added: Additions
    facts: Sequence[Measurement]
    edits: list[Edit] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    forgets: list[str] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)
    is_filled: bool = False
    _pending: list[_Key] = field(default_factory=list)
    _bound: set[ast.expr] = field(default_factory=set)

    def all_fit(self, target: ast.Name | ast.Attribute) -> bool:
        """Is everything that is done with a matrix what a sparse one serves too?"""
        if not self._follow(target):
            return False
        done: dict[_Key, list[ast.Name | ast.Attribute]] = {}
        while self._pending:
            key = self._pending.pop()
            if key in done:
                continue
            done[key] = list(self._mentions(key))
            if not all(self._fits(node) for node in done[key] if isinstance(node.ctx, ast.Load)):
                return False
        for home, name in done:
            inside = f"{self.module.scope_name(home.body[0])}():" if isinstance(home, ast.FunctionDef) else ""
            self.names.append(name)
            self.forgets.append(f"{inside}{name}")
        stores = (node for nodes in done.values() for node in nodes if not isinstance(node.ctx, ast.Load))
        return bool(self.lines) and self.is_filled and self._bound.issuperset(stores)

    def _follow(self, target: ast.expr) -> bool:
        """The matrix is bound to a name."""
        match target:
            case ast.Attribute(value=ast.Name(id="self"), attr=attr):
                self._pending.append((None, f"self.{attr}"))
            case ast.Name(id=name):
                owner = self.meaning.scope(self.module, target).resolve(name)
                if owner is None or (owner.is_module and name in self._declared()):
                    return False
                self._pending.append((owner.node, name))
            case _:
                return False
        self._bound.add(target)
        return True

    def _declared(self) -> set[str]:
        nodes = (one for one in ast.walk(self.module.tree) if isinstance(one, ast.Global | ast.Nonlocal))
        return {name for one in nodes for name in one.names}

    def _mentions(self, key: _Key) -> Iterator[ast.Name | ast.Attribute]:
        home, name = key
        attr = name.removeprefix("self.")
        for other in self.meaning.project.modules.values():
            for node in ast.walk(other.tree):
                match node:
                    case ast.Attribute(attr=found) if home is None and found == attr:
                        yield node
                    case ast.Name(id=found) if home is not None and found == name and other is self.module:
                        owner = self.meaning.scope(other, node).resolve(name)
                        if owner is None or owner.node is home:
                            yield node

    def _fits(self, node: ast.Name | ast.Attribute) -> bool:
        text = ast.unparse(node)
        if isinstance(node, ast.Attribute) and text != f"self.{node.attr}":
            return False
        above = self.module.parents.get(node)
        match above:
            case ast.Subscript(ctx=ast.Store(), slice=ast.Tuple(elts=[_, _]) | ast.Call()):
                self.is_filled = True
                return self._is_store(above)
            case ast.Subscript(value=value, slice=ast.Call(args=[rows, columns]) as cut) if value is node:
                if self.meaning.full(self.module, cut.func) != "numpy.ix_":
                    return False
                row, column = on_one_line(self.module, rows), on_one_line(self.module, columns)
                return self._is_operator(above, f"{text}.tocsr()[{row}, :][:, {column}]")
            case ast.Attribute(attr="shape"):
                return True
            case ast.Return():
                return self._is_returned(node, above, None)
            case ast.Tuple(elts=parts) as several:
                result = self.module.parents.get(several)
                return isinstance(result, ast.Return) and self._is_returned(node, result, parts.index(node))
        return self._is_operator(node, text)

    def _is_returned(self, node: ast.expr, result: ast.Return, place: int | None) -> bool:
        """Does every caller bind the result to a name?"""
        function = self.meaning.home(self.module, node)
        if not isinstance(function, ast.FunctionDef) or self.meaning.functions.get(function.name) != [
            (self.module, function)
        ]:
            return False
        inside = f"{self.module.scope_name(function.body[0])}():"
        self.forgets.append(f"{inside}return" if place is None else f"{inside}return[{place}]")
        returns = [one for one in own_nodes(function) if isinstance(one, ast.Return)]
        return len(returns) == 1 and all(
            self._is_bound(call, place) if call is not None else False for call in self._calls(function)
        )

    def _calls(self, function: ast.FunctionDef) -> Iterator[ast.Call | None]:
        """Every call of a function; None for a mention that is none."""
        for other in self.meaning.project.modules.values():
            for node in ast.walk(other.tree):
                named = isinstance(node, ast.Name) and node.id == function.name
                if named or (isinstance(node, ast.Attribute) and node.attr == function.name):
                    call = other.parents.get(node)
                    is_call = isinstance(call, ast.Call) and call.func is node and other is self.module
                    yield call if is_call and isinstance(call, ast.Call) else None

    def _is_bound(self, call: ast.Call, place: int | None) -> bool:
        match self.module.parents.get(call):
            case ast.Assign(targets=[ast.Tuple(elts=parts)]) if place is not None and len(parts) > place:
                return self._follow(parts[place])
            case ast.Assign(targets=[target]) if place is None:
                return self._follow(target)
        return False

    def _is_given(self, call: ast.Call, node: ast.expr) -> bool:
        """Is it an argument of a function of the user's that nobody else calls?"""
        functions = self.meaning.called(self.module, call)
        if not functions or len(functions) != 1 or functions[0][0] is not self.module:
            return False
        function = functions[0][1]
        pairs = [pair for pair in passed(call, function) if pair[1] is node]
        if not isinstance(function, ast.FunctionDef) or len(pairs) != 1 or pairs[0][0] is None:
            return False
        if list(self._calls(function)) != [call]:
            return False
        self._pending.append((function, pairs[0][0]))
        return True

    def _is_store(self, target: ast.Subscript) -> bool:
        match self.module.parents.get(target):
            case ast.Assign(targets=targets):
                return target in targets
            case ast.AugAssign(op=ast.Add() | ast.Sub()):
                return True
        return False

    def _is_operator(self, whole: ast.expr, text: str) -> bool:
        """Is it solved with, multiplied by, or given to what does so?"""
        match self.module.parents.get(whole):
            case ast.Call(func=func, args=[first, other], keywords=[]) as call if first is whole:
                name = self.meaning.full(self.module, func)
                if name in _SOLVES:
                    return self._is_solved_plainly(name, call) and self._solved(whole, func, text)
                if name in ("numpy.dot", "numpy.matmul") and self._is_dense(other):
                    right = segment(self.module, other)
                    self.edits.append(replace(self.module, call, f"({text}) @ ({right})"))
                    return True
                return self._is_given(call, whole)
            case ast.Call(func=func, args=[first]) if (
                first is whole and self.meaning.full(self.module, func) in _TAKING
            ):
                self.lines.add(func.lineno)
                return self._written(whole, text)
            case ast.Call() as call:
                return isinstance(whole, ast.Name) and self._is_given(call, whole)
            case ast.BinOp(left=left, op=ast.MatMult(), right=right) if left is whole:
                return self._is_dense(right) and self._written(whole, text)
            case ast.Attribute(attr="dot") as method:
                match self.module.parents.get(method):
                    case ast.Call(func=func, args=[other], keywords=[]) if func is method:
                        return self._is_dense(other) and self._written(whole, text)
            case ast.Assign(targets=[ast.Name() as target], value=value) if value is whole:
                is_cut = isinstance(whole, ast.Subscript)
                return is_cut and self._written(whole, text) and self._follow(target)
        return False

    def _is_solved_plainly(self, name: str, call: ast.Call) -> bool:
        """Were all right sides vectors of doubles, which SciPy's solver answers likewise?"""
        rights = facts_at(name, call.lineno, self.facts).get("right_side", set())
        return rights in ({"vector real"}, {"vector complex"})

    def _solved(self, whole: ast.expr, func: ast.expr, text: str) -> bool:
        self.lines.add(func.lineno)
        self.edits.append(replace(self.module, func, f"{self.added.alias('linalg')}.spsolve"))
        return self._written(whole, text if text.endswith("]") else f"{text}.tocsr()")

    def _written(self, node: ast.expr, text: str) -> bool:
        if segment(self.module, node) != text:
            self.edits.append(replace(self.module, node, text))
        return True

    def _is_dense(self, node: ast.expr) -> bool:
        """Was every name in an expression an array or a number, as far as it was seen?"""
        for one in ast.walk(node):
            if not isinstance(one, ast.Name) or self.meaning.full(self.module, one):
                continue
            for site in self.module.ancestors(one):
                if isinstance(site, ast.stmt):
                    kinds = self.meaning.values(self.module, site, one.id, "type")
                    if any(kind.startswith("scipy.") or "matrix" in kind for kind in kinds):
                        return False
        return True


def filled_sparse(meaning: Meaning, module: Module, facts: Sequence[Measurement]) -> FilledSparse | None:
    """The file with all such matrices of it made sparse, and assembled at once where that can be."""
    if any(word in module.text for word in _REFLECTING) or not mostly_zero(facts):
        return None
    added = Additions(module)
    edits: list[Edit] = []
    names: list[str] = []
    forgets: list[str] = []
    lines: set[int] = set()
    for node in ast.walk(module.tree):
        match node:
            case ast.Assign(targets=[ast.Name() | ast.Attribute() as target], value=ast.Call() as call):
                shape = _shape(meaning, module, call)
            case _:
                continue
        if not shape:
            continue
        kept = added.kept()
        uses = _Uses(meaning, module, added, facts)
        if not uses.all_fit(target):
            added.back_to(kept)
            continue
        edits += [*uses.edits, replace(module, call, f"{added.alias('sparse')}.lil_matrix({shape})")]
        names += uses.names
        forgets += uses.forgets
        lines |= uses.lines
    if not names:
        return None
    imports = added.edits()
    text = apply(module.text, [*imports, *edits])
    whole = _assembled(meaning.project, module, text, names)
    return FilledSparse(whole or text, tuple(names), tuple(sorted(forgets)), frozenset(lines))


def _shape(meaning: Meaning, module: Module, call: ast.Call) -> str:
    """What a sparse matrix like ``np.zeros((n, n))`` is told; empty if it is none."""
    match call:
        case ast.Call(args=[ast.Tuple(elts=[_, _]) as shape]) if (
            meaning.full(module, call.func) == "numpy.zeros"
        ):
            pass
        case _:
            return ""
    match call.keywords:
        case []:
            return on_one_line(module, shape)
        case [ast.keyword(arg="dtype", value=kind)]:
            name = meaning.full(module, kind) or ast.unparse(kind)
            return f"{on_one_line(module, shape)}, dtype={ast.unparse(kind)}" if name in _FLOATS else ""
    return ""


def _assembled(project: Project, module: Module, text: str, names: Sequence[str]) -> str:
    """The text with the entries computed at once; empty if that is not the same for all matrices."""
    first = module.text[: after_imports(module)].count("\n")
    more = text.count("\n") - module.text.count("\n")
    count = len(module.lines)
    origins = (*range(1, first + 1), *[max(first, 1)] * more, *range(first + 1, count + 1))
    new = Module(module.file, text, is_script=module.is_script, local_modules=module.local_modules)
    modules = {file: new if one is module else one for file, one in project.modules.items()}
    meaning = Meaning(Project(modules, tuple(moved(project.observed, module.file, origins))))
    found = [one for one in fillings(meaning, new) if isinstance(one, Filling) and one.path in names]
    if not found or any(unwritable(new, one) for one in found):
        return ""
    added = Additions(new)
    forms = {one: form_after(meaning, new, one) for one in found}
    whole = at_once(meaning, new, found, forms, added)
    return apply(new.text, [*added.edits(), *whole.edits]) if isinstance(whole, AtOnce) else ""
