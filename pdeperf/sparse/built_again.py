"""Matrices that are built again from the same numbers, in every call of a function or turn of a loop."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.sharing import CAPTURED
from pdeperf.lifetimes.text import fresh_name, newline, on_one_line
from pdeperf.model import Span
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, indentation, owns_lines, segment
from pdeperf.source.flow import reads, writes
from pdeperf.source.scopes import own_nodes
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.dependencies import Dependencies, Impure
from pdeperf.sparse.solves import Loop
from pdeperf.sparse.written import Additions

KEPT = '''
class KeptWhileSame:
    """Calls a function that builds something again only if one of the values that it uses has changed.

    All values are compared to the bit. What was built of the last three sets of values is kept.
    """

    def __init__(self):
        self.kept = []

    def __call__(self, build, *values):
        try:
            key = self.frozen(values)
        except TypeError:  # not only numbers, arrays, text and sparse matrices
            return build()
        for known, built in self.kept:
            if known == key:
                return built
        built = build()
        self.kept = [(key, built), *self.kept[:2]]
        return built

    def frozen(self, value):
        if value is None or isinstance(value, (str, type)):
            return value
        if isinstance(value, (tuple, list)):
            return type(value), *map(self.frozen, value)
        parts = [getattr(value, name) for name in ("data", "indices", "indptr") if hasattr(value, name)]
        if {sparse}.issparse(value) and value.format in ("csr", "csc"):
            return type(value), value.shape, *map(self.frozen, parts)
        if not isinstance(value, ({numpy}.ndarray, {numpy}.generic, int, float, complex)):
            raise TypeError("it may change unseen")
        array = {numpy}.asarray(value)
        if array.dtype.kind not in "biufc":
            raise TypeError("it may change unseen")
        return type(value), array.dtype, array.shape, array.tobytes()
'''
_OFTEN_COUNT = 5


@dataclass(frozen=True, slots=True)
class BuiltAgain:
    """Statements that build matrices, and what the result depends on.

    Attributes
    ----------
    home
        The function or loop whose body they are part of.
    statements
        In order.
    results
        The names that the rest of the body uses.
    keys
        Texts of all that the results depend on.
    spans
        Where the time goes: the statements, and the functions that they call.
    """

    home: ast.FunctionDef | Loop
    statements: tuple[ast.Assign, ...]
    results: tuple[str, ...]
    keys: tuple[str, ...]
    spans: tuple[Span, ...]


def built_again(constancy: Constancy, module: Module) -> Iterator[BuiltAgain]:
    """Every place of a file that builds matrices again and again of what can be compared."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.For | ast.While) and _is_repeated(constancy, module, node):
            try:
                found = _found(constancy, module, node)
            except Impure:
                continue
            if found is not None:
                yield found


def _is_repeated(constancy: Constancy, module: Module, home: ast.FunctionDef | Loop) -> bool:
    span = module.span(home)
    metric = "calls_count" if isinstance(home, ast.FunctionDef) else "trip_count"
    counts = [
        float(row.value)
        for row in constancy.meaning.project.observed
        if row.metric == metric and row.where == span
    ]
    if counts:
        return max(counts) >= _OFTEN_COUNT
    return not isinstance(home, ast.FunctionDef) or any(
        isinstance(node, ast.Name | ast.Attribute)
        and ast.unparse(node).rpartition(".")[2] == home.name
        and any(isinstance(above, ast.For | ast.While) for above in module.ancestors(node))
        for node in ast.walk(module.tree)
    )


def _found(constancy: Constancy, module: Module, home: ast.FunctionDef | Loop) -> BuiltAgain | None:
    meaning = constancy.meaning
    scope = meaning.home(module, home if isinstance(home, ast.FunctionDef) else home.body[0])
    if constancy.changes.wild or any(
        isinstance(n, ast.Yield | ast.YieldFrom | ast.Await) for n in own_nodes(scope)
    ):
        return None
    candidates: dict[str, ast.Assign] = {}
    for statement in home.body:
        if (
            isinstance(statement, ast.Assign)
            and len(statement.targets) == 1
            and owns_lines(module, [statement])
        ):
            for name in _bound_once(scope, statement):
                candidates[name] = statement
    wanted = [name for name in _matrices(constancy, module, home) if name in candidates]
    chosen: dict[ast.Assign, None] = {}
    pending = [candidates[name] for name in wanted]
    while pending:
        statement = pending.pop()
        if statement in chosen:
            continue
        chosen[statement] = None
        pending += [candidates[name] for name in reads(statement.value) if name in candidates]
    statements = tuple(sorted(chosen, key=lambda one: one.lineno))
    if not statements:
        return None
    made = frozenset[str]().union(*(writes(one) for one in statements))
    dependencies = Dependencies(meaning)
    every = dict.fromkeys(key for one in statements for key in dependencies.of(module, [one.value], made))
    keys = tuple(key for key in every if "[" not in key or key.partition("[")[0] not in every)
    if not _is_costly(constancy, module, statements, dependencies):
        return None
    known = {name for name in keys if name.isidentifier()}
    _check_keys(module, home, scope, statements, known, made)
    outside = [node for one in home.body if one not in statements for node in ast.walk(one)]
    later = {node.id for node in outside if isinstance(node, ast.Name)}
    if isinstance(home, ast.For | ast.While):
        inside = {id(node) for node in ast.walk(home)}
        later |= {
            node.id for node in own_nodes(scope) if isinstance(node, ast.Name) and id(node) not in inside
        }
    results = tuple(sorted(made & later))
    if not results:
        return None
    _check_results(constancy, module, scope, statements, results, made)
    spans = [module.span(one) for one in statements]
    spans += [
        home_.span(one) for one, home_ in dependencies.called.items() if isinstance(one, ast.FunctionDef)
    ]
    return BuiltAgain(home, statements, results, keys, tuple(spans))


def _bound_once(scope: ast.AST, statement: ast.Assign) -> list[str]:
    """The names that a statement binds, if nothing else does."""
    target = statement.targets[0]
    targets = target.elts if isinstance(target, ast.Tuple) else [target]
    names = [one.id for one in targets if isinstance(one, ast.Name)]
    if len(names) < len(targets):
        return []
    for node in ast.walk(scope):
        if isinstance(node, ast.Global | ast.Nonlocal) and set(names) & set(node.names):
            return []
    stores = [
        node.id
        for node in own_nodes(scope)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    ]
    return names if all(stores.count(name) == 1 for name in names) else []


def _matrices(constancy: Constancy, module: Module, home: ast.AST) -> Iterator[str]:
    """Names that are multiplied by, or that a system is solved with."""
    for node in ast.walk(home):
        found: ast.expr | None = None
        match node:
            case ast.BinOp(op=ast.MatMult(), left=left):
                found = left
            case ast.Call(func=func, args=[first, *_]):
                name = constancy.meaning.full(module, func)
                if (
                    name in ("numpy.dot", "numpy.matmul")
                    or name.startswith(("scipy.sparse.linalg.", "numpy.linalg.", "scipy.linalg."))
                    or constancy.meaning.solves(module, node)
                ):
                    found = first
                elif isinstance(func, ast.Attribute) and func.attr == "dot":
                    found = func.value
        if found is not None:
            yield from (one.id for one in ast.walk(found) if isinstance(one, ast.Name))


def _is_costly(
    constancy: Constancy, module: Module, statements: Sequence[ast.Assign], dependencies: Dependencies
) -> bool:
    """Is more done than what costs as little as comparing?"""
    calls = [node for one in statements for node in ast.walk(one.value) if isinstance(node, ast.Call)]
    of_sparse = any(
        kind.startswith("scipy.sparse.")
        for one in statements
        for node in ast.walk(one.value)
        if isinstance(node, ast.Name | ast.Attribute)
        for kind in constancy.meaning.values(module, one, ast.unparse(node), "type")
    )
    return (
        bool(dependencies.called)
        or of_sparse
        or any(
            constancy.meaning.full(module, call.func).startswith("scipy.sparse.")
            or (isinstance(call.func, ast.Attribute) and call.func.attr.startswith("to"))
            for call in calls
        )
    )


def _check_keys(
    module: Module,
    home: ast.FunctionDef | Loop,
    scope: ast.AST,
    statements: Sequence[ast.Assign],
    known: set[str],
    made: frozenset[str],
) -> None:
    """All keys have their values where the first statement stands, and keep them until the last."""
    if known & made:
        raise Impure("a name is read before it is bound")
    first, last = home.body.index(statements[0]), home.body.index(statements[-1])
    between = [one for one in home.body[first : last + 1] if one not in statements]
    if between:
        raise Impure("other statements stand between those that build")


def _check_results(
    constancy: Constancy,
    module: Module,
    scope: ast.AST,
    statements: Sequence[ast.Assign],
    results: Sequence[str],
    made: frozenset[str],
) -> None:
    """Nobody changes what was built, or may keep it."""
    inside = {id(node) for one in statements for node in ast.walk(one)}
    nodes = [
        node for node in own_nodes(scope) if id(node) not in inside and not isinstance(node, ast.expr_context)
    ]
    changed = constancy.changes.changed(module, nodes)
    for name in results:
        group = constancy.sharing.group(module, scope, name)
        if changed & group:
            raise Impure(f"`{name}` is changed")
        others = {key for key in group if key not in made}
        if not _is_captured(constancy, module, scope, name):
            others -= {CAPTURED}
        if others:
            raise Impure(f"`{name}` may be seen by {min(others)}")
        if constancy.may_be_changed_converted(module, scope, name):
            raise Impure(f"a conversion of `{name}` is changed")


def _is_captured(constancy: Constancy, module: Module, scope: ast.AST, name: str) -> bool:
    """Does a function within mean this very name?"""
    for node in ast.walk(scope):
        if isinstance(node, ast.Name) and node.id == name:
            home = constancy.meaning.scope(module, node)
            owner = home.resolve(name)
            if home.node is not scope and (owner is None or owner.node is scope):
                return True
    return False


def kept(module: Module, found: BuiltAgain, added: Additions) -> tuple[list[Edit], list[str]]:
    """The edits that build once for all equal values, and the names that are forgotten."""
    stem = "_".join(found.results[:2])
    name = added.name(f"kept_{stem}")
    kind = added.definition(KEPT)
    added.line(f"{name} = {kind}()")
    lead, end = indentation(module, found.statements[0]), newline(module)
    keys = "".join(f", {key}" for key in found.keys)
    target = ", ".join(found.results)
    only = found.statements[0].value
    start, _ = extent(module, found.statements[0])
    _, stop = extent(module, found.statements[-1])
    if len(found.statements) == 1 and isinstance(found.statements[0].targets[0], ast.Name):
        plain = isinstance(only, ast.Call) and not only.args and not only.keywords
        build = (
            segment(module, only.func)
            if plain and isinstance(only, ast.Call)
            else f"lambda: {on_one_line(module, only)}"
        )
        return [Edit(start, stop, f"{target} = {name}({build}{keys})")], []
    build = fresh_name("build", added.taken)
    body = module.text[start:stop].replace(f"{end}{lead}", f"{end}{lead}    ")
    lines = [
        f"def {build}():",
        f"    {body}",
        f"    return {target}",
        "",
        f"{target} = {name}({build}{keys})",
    ]
    text = end.join(lines[:1] + [f"{lead}{line}" if line else "" for line in lines[1:]])
    forgotten = sorted(
        frozenset[str]().union(*(writes(one) for one in found.statements)) - set(found.results)
    )
    return [Edit(start, stop, text)], forgotten
