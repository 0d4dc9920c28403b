"""Matrices that are built again from the same numbers, in every call of a function or turn of a loop."""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Measurement, Span
from pdeperf.source import Module
from pdeperf.source.flow import live_after, reach, reads, writes
from pdeperf.source.scopes import FUNCTIONS, own_nodes
from pdeperf.sparse.building import Groups, is_computed_number
from pdeperf.sparse.built_checks import binds_attribute, can_be_before, check_keys, check_results
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.conversions import only_conversion
from pdeperf.sparse.dependencies import Dependencies, Impure
from pdeperf.sparse.divided import divided, written_anew
from pdeperf.sparse.multiplied import matrices_in
from pdeperf.sparse.named import nameable, named
from pdeperf.sparse.returned import Returned, returned, solved_by_callers
from pdeperf.sparse.solves import Loop, solves_in

_OFTEN_COUNT = 5
_SEEN_COUNT = 3
_COSTLY = ("numpy.kron", "numpy.linalg.inv", "scipy.linalg.inv", "numpy.diag")


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
        Where the time goes, in the user's file: the statements, and the functions that they call.
    solves
        Where, in the user's file, systems with the results are solved nearby.
    module
        The file that the statements are of: the user's, or one where loops are written as two.
    is_constant
        Nothing in the loop changes what the results depend on: they can be built before it.
    is_of_numbers
        All that the results depend on was numbers.
    converted
        ``.tocsc()`` where the only result is solved with in that format, and nothing else is done with it.
    """

    module: Module
    home: ast.FunctionDef | Loop
    statements: tuple[ast.stmt, ...]
    results: tuple[str, ...]
    keys: tuple[str, ...]
    spans: tuple[Span, ...]
    solves: tuple[Span, ...] = ()
    is_constant: bool = False
    is_of_numbers: bool = False
    converted: str = ""

    @property
    def where(self) -> Span:
        """The lines of the user's file from the first statement to the last."""
        of_statements = self.spans[: len(self.statements)]
        return Span(file=self.module.file, first=of_statements[0].first, last=of_statements[-1].last)


def is_never_the_same(found: BuiltAgain, facts: Sequence[Measurement]) -> bool:
    """Was nearly every matrix that a system was solved with another one?"""
    lines = {span.first for span in found.solves}
    counts: dict[str, float] = {}
    for fact in facts:
        if fact.where.file == found.module.file and fact.where.first in lines:
            counts[fact.metric] = counts.get(fact.metric, 0) + (
                float(fact.value) if fact.metric.endswith("_count") else 0
            )
    solves, same = counts.get("solves_count", 0), counts.get("same_values_count", 0)
    return solves > _SEEN_COUNT and 4 * same < solves


def built_again(constancy: Constancy, module: Module) -> Iterator[BuiltAgain]:
    """Every place of a file that builds matrices again and again of what can be compared."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.For | ast.While) and _is_repeated(constancy, module, node):
            found = _found_named(constancy, module, node) or _found_anyhow(constancy, module, node)
            if found is not None:
                yield found


def _found_anyhow(constancy: Constancy, module: Module, home: ast.FunctionDef | Loop) -> BuiltAgain | None:
    """What a function or a loop builds, as it stands or with its loops divided."""
    found = _found(constancy, module, home)
    if found is None or not found.is_constant:
        found = _found_divided(constancy, module, home) or found
    return found


def _found_named(constancy: Constancy, module: Module, home: ast.FunctionDef | Loop) -> BuiltAgain | None:
    """What a function or a loop builds, and computes of that within the statements that use it.

    None if nothing of the latter can be kept.
    """
    matrices = nameable(constancy, module, home)
    for _ in range(2 if matrices else 0):  # again with those alone that are kept
        anew, names = named(constancy, module, home, matrices)
        inner = Constancy(Meaning(anew.project))
        found = _found_anyhow(inner, anew.module, anew.kin(home))
        kept = {node: matrices[node] for name, node in names.items() if found and name in found.results}
        if found is None or not kept:
            return None
        if len(kept) == len(matrices):
            spans, solves = (tuple(map(anew.original, those)) for those in (found.spans, found.solves))
            return replace(found, spans=spans, solves=solves)
        matrices = kept
    return None


def _found_divided(constancy: Constancy, module: Module, home: ast.FunctionDef | Loop) -> BuiltAgain | None:
    """What a function or a loop builds, where loops that fill more than matrices are written as two.

    Of matrices that a function returns, copies are returned.
    """
    callers = solved_by_callers(constancy, module, home) if isinstance(home, ast.FunctionDef) else ()
    end = returned(constancy, module, home) if callers else None
    names = set(matrices_in(constancy, module, home))
    if end is not None:
        found = _found_within(constancy, module, home, names, end)
        written = frozenset[str]().union(*(writes(one) for one in found.statements)) if found else frozenset()
        if found is not None and set(found.results) & set(end.names) and written >= set(end.matrices):
            return replace(found, solves=(*found.solves, *callers))
    return _found_within(constancy, module, home, names)


def _found_within(
    constancy: Constancy,
    module: Module,
    home: ast.FunctionDef | Loop,
    names: Collection[str],
    end: Returned | None = None,
) -> BuiltAgain | None:
    two = divided(constancy, module, home, names)
    if end is not None:
        first, last = end.statement.lineno, end.statement.end_lineno or end.statement.lineno
        lines = [(line, first) for line in end.lines]
        one = written_anew(constancy.meaning.project, module, [(first, last, lines)])
        wanted = {*names, *end.matrices}
        two = divided(Constancy(Meaning(one.project)), one.module, one.kin(home), wanted)
        origins = tuple(one.origins[line - 1] for line in two.origins) if two else ()
        two = replace(two, origins=origins) if two else one
    if two is None:
        return None
    kin = two.kin(home)
    found = _found(Constancy(Meaning(two.project)), two.module, kin, end.names if end else ())
    if found is None:
        return None
    spans, solves = (tuple(map(two.original, those)) for those in (found.spans, found.solves))
    return replace(found, spans=spans, solves=solves)


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


def _found(
    constancy: Constancy, module: Module, home: ast.FunctionDef | Loop, more: Sequence[str] = ()
) -> BuiltAgain | None:
    """What builds the matrices of a function or a loop: all of them, or the first for which that is known."""
    meaning = constancy.meaning
    scope = meaning.home(module, home if isinstance(home, ast.FunctionDef) else home.body[0])
    if constancy.changes.wild or any(
        isinstance(n, ast.Yield | ast.YieldFrom | ast.Await) for n in own_nodes(scope)
    ):
        return None
    groups = Groups(constancy, module, home, scope)
    wanted = list(
        dict.fromkeys(
            name for name in (*matrices_in(constancy, module, home), *more) if name in groups.touching
        )
    )
    attributes = [one for one in home.body if binds_attribute(constancy, module, home, one)]
    every = [
        groups.of(wanted),
        *([one] for one in attributes),
        *(groups.of([one]) for one in wanted),
    ]
    for statements in every:
        found = _computed(constancy, module, home, scope, statements)
        if found is not None:
            varies = not (found.is_constant or found.is_of_numbers)
            return (
                _constant_part(constancy, module, home, scope, groups, statements) if varies else None
            ) or found
    parts = (_constant_part(constancy, module, home, scope, groups, statements) for statements in every)
    return next((part for part in parts if part is not None), None)


def _computed(
    constancy: Constancy,
    module: Module,
    home: ast.FunctionDef | Loop,
    scope: ast.AST,
    statements: Sequence[ast.stmt],
) -> BuiltAgain | None:
    """A group of statements that can be kept; None where they do more than build."""
    try:
        return _checked(constancy, module, home, scope, tuple(statements)) if statements else None
    except Impure:
        return None


def _constant_part(
    constancy: Constancy,
    module: Module,
    home: ast.FunctionDef | Loop,
    scope: ast.AST,
    groups: Groups,
    statements: Sequence[ast.stmt],
) -> BuiltAgain | None:
    """What some statements build of, if that is the same throughout a loop in which their result is not."""
    if isinstance(home, ast.FunctionDef):
        return None
    names = dict.fromkeys(name for one in statements for name in sorted(writes(one)))
    for part in (groups.of([name]) for name in names):
        if len(part) < len(statements):
            found = _computed(constancy, module, home, scope, part)
            if found is not None and found.is_constant:
                return found
    return None


def _checked(
    constancy: Constancy,
    module: Module,
    home: ast.FunctionDef | Loop,
    scope: ast.AST,
    statements: tuple[ast.stmt, ...],
) -> BuiltAgain | None:
    """A group of statements, if they only build, and nobody changes what they built."""
    made = frozenset[str]().union(*(writes(one) for one in statements))
    dependencies = Dependencies(constancy.meaning, leaves_out_unused=True)
    keys = _keys(dependencies, module, statements, made)
    if not _is_costly(constancy, module, statements, dependencies):
        return None
    if _is_new_each_time(constancy, module, home, statements, keys):
        return None
    check_keys(constancy, module, home, scope, statements, keys, made)
    match statements[-1]:
        case ast.Assign(targets=[ast.Attribute() as target]):
            results: tuple[str, ...] = (ast.unparse(target),)
        case _:
            results = tuple(sorted(made & _live(module, scope, statements)))
    if not results or any(key == result for key in keys for result in results):
        return None
    if not made.issuperset(results) and made:
        return None
    between = home.body[home.body.index(statements[0]) : home.body.index(statements[-1])]
    if any(writes(one) & set(results) for one in between if one not in statements):
        return None
    if made:
        if not reach(statements).surely.issuperset(results):
            raise Impure("what is used later may not be bound")
        check_results(constancy, module, scope, statements, results, made)
    spans = [module.span(one) for one in statements]
    spans += [
        home_.span(one) for one, home_ in dependencies.called.items() if isinstance(one, ast.FunctionDef)
    ]
    read = _keys(Dependencies(constancy.meaning), module, statements, made)
    is_constant = not isinstance(home, ast.FunctionDef) and can_be_before(
        constancy, module, home, statements, results, read, made
    )
    nearby = tuple(solves_in(constancy.meaning, module, module.span(home)))
    solves = tuple(
        module.span(solve.node)
        for solve in nearby
        if any(ast.unparse(node) in results for node in ast.walk(solve.matrix))
    )
    is_of_numbers = all(_is_number(constancy, module, home, scope, key) for key in keys)
    return BuiltAgain(
        module,
        home,
        statements,
        results,
        keys,
        tuple(spans),
        solves,
        is_constant,
        is_of_numbers,
        only_conversion(module, scope, results, nearby),
    )


def _keys(
    dependencies: Dependencies, module: Module, statements: Sequence[ast.stmt], made: frozenset[str]
) -> tuple[str, ...]:
    """What statements depend on, without the elements of what they depend on as a whole."""
    every = dict.fromkeys(dependencies.of_statements(module, statements, made))
    return tuple(key for key in every if "[" not in key or key.partition("[")[0] not in every)


def _is_number(
    constancy: Constancy, module: Module, home: ast.FunctionDef | Loop, scope: ast.AST, key: str
) -> bool:
    return (
        key.startswith("len(")
        or constancy.meaning.is_number(module, home, key)
        or is_computed_number(constancy, module, scope, key)
    )


def _is_new_each_time(
    constancy: Constancy,
    module: Module,
    home: ast.FunctionDef | Loop,
    statements: Sequence[ast.stmt],
    keys: Sequence[str],
) -> bool:
    """Is some number that goes in counted on every time, or some array made anew?"""
    kept = ast.Attribute if isinstance(home, ast.FunctionDef) else ast.Name  # what is there the next time
    for one in home.body:
        match one:
            case ast.AugAssign(target=target) if one not in statements:
                if isinstance(target, kept) and ast.unparse(target) in keys:
                    return True
            case ast.Assign(targets=[target], value=value) if one not in statements:
                name, is_new = ast.unparse(target), not isinstance(value, ast.Constant)
                is_key = isinstance(target, kept) and name in keys
                if is_new and is_key and constancy.meaning.is_array(module, home, name):
                    return True
    return False


def _live(module: Module, scope: ast.AST, statements: Sequence[ast.stmt]) -> frozenset[str]:
    """Names that something may read after the last of some statements."""
    inner = frozenset[str]().union(
        *(reads(node) for node in ast.walk(scope) if isinstance(node, FUNCTIONS) and node is not scope)
    )
    return live_after(scope, statements[-1:], always=inner)


def _is_costly(
    constancy: Constancy, module: Module, statements: Sequence[ast.stmt], dependencies: Dependencies
) -> bool:
    """Is more done than what costs as little as comparing?"""
    calls = [node for one in statements for node in ast.walk(one) if isinstance(node, ast.Call)]
    of_sparse = any(
        kind.startswith("scipy.sparse.")
        for one in statements
        for node in ast.walk(one)
        if isinstance(node, ast.Name | ast.Attribute)
        for kind in constancy.meaning.values(module, one, ast.unparse(node), "type")
    )
    return (
        bool(dependencies.called)
        or of_sparse
        or any(isinstance(one, ast.For | ast.While) for one in statements)
        or any(
            constancy.meaning.full(module, call.func).startswith(("scipy.sparse.", *_COSTLY))
            or (isinstance(call.func, ast.Attribute) and call.func.attr.startswith("to"))
            for call in calls
        )
    )
