"""Where a kernel checks that its indices are in range, so that it raises IndexError where Python does.

A check at each place would keep a loop from being vectorised. How far an index reaches is known before the
loop, so it is compared with the array's size once, there. Where the source proves that the array is large
enough, ``u = np.zeros((nx, ny))``, nothing is checked.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement

from pdeperf.kernel.columns import split
from pdeperf.kernel.extremes import is_free
from pdeperf.kernel.fixed_point import Place
from pdeperf.kernel.index_reach import Reach, may_end_early, reaches, writes_of
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.list_making import appended
from pdeperf.kernel.lists import stored_arrays
from pdeperf.kernel.looked_up import ENDS, is_looked_up, is_repeated
from pdeperf.kernel.lowering import Lowering
from pdeperf.kernel.polynomials import Polynomial, Term, atom, of, written
from pdeperf.kernel.size_numbers import Given
from pdeperf.kernel.zero_checks import ALWAYS, loop_runs
from pdeperf.source import Module
from pdeperf.source.bindings import Binding
from pdeperf.source.edits import owns_lines
from pdeperf.source.flow import reads, writes
from pdeperf.source.scopes import COMPREHENSIONS, star_imports, statement_of
from pdeperf.source.walking import nodes_in

_DEEPEST = 4
_MOST_CALLS = 24
_MOST_FACTS = 8
_MOST_AT_ONCE = 3
_WIDEST = 75


@dataclass(frozen=True, slots=True)
class IndexCheck:
    """A comparison of some arrays' sizes with what indices reach, before a statement.

    Attributes
    ----------
    tests
        Of which none may hold, as Python text.
    runs
        Conditions under which the places are looked at: no loop around them is empty.
    line
        The statement's.
    """

    tests: tuple[str, ...]
    runs: tuple[str, ...]
    line: int

    @property
    def condition(self) -> str:
        """As Python text."""
        short = " or ".join(self.tests)
        if len(self.tests) > 1 and self.runs:
            short = f"({short})"
        return " and ".join((*self.runs, short))


@dataclass(frozen=True, slots=True)
class Region:
    """Statements over plain names, and what they stand for.

    Attributes
    ----------
    lowering
        How they were lowered.
    originals, lowered
        The user's statements, and the same over plain names.
    is_called
        They are a function of a kernel's, perhaps called as often as a place is looked at.
    """

    lowering: Lowering
    originals: Sequence[ast.stmt]
    lowered: Sequence[ast.stmt]
    kinds: Mapping[str, Kind]
    is_called: bool = False


def index_checks(region: Region) -> tuple[IndexCheck, ...]:
    """The checks of every reach that the source does not prove to be in range."""
    arrays = {
        name: kind.ndim for name, kind in region.kinds.items() if kind.base in ("array", "list") and kind.ndim
    }
    found: dict[tuple[int, tuple[str, ...]], dict[tuple[str, frozenset[Term]], tuple[str, Polynomial]]] = {}
    proof = _Proof(region)
    told: dict[tuple[int, tuple[str, ...]] | None, list[Polynomial]] = {}
    for reach in reaches(region.lowered, arrays, _integers(region)):
        length = _length(reach, region.kinds)
        for needed in _needed(reach):
            enough = [atom(length) - one for one in needed]
            place = _place(reach, needed[0], region)
            facts = [*told.get(place, ()), atom(length), *_as_long(reach, needed, region)]
            if all(proof.holds([one], reach, facts) for one in reach.extent.given) and proof.holds(
                [*enough, *(of(0) - one for one in needed)], reach, facts
            ):
                continue
            same = f"len({reach.array})" if reach.axis == 0 else ""
            if place is None or any(written(one) == same for one in needed):
                continue
            told.setdefault(place, []).append(enough[0])
            shape = (needed[0] - of(needed[0].constant)).terms
            tests = found.setdefault(place, {})
            known = tests.get((length, shape))
            if known is None or known[1].constant < needed[0].constant:
                tests[length, shape] = length, needed[0]
    shares = region.lowering.scope.resolve("min") is None and not star_imports(region.lowering.module)
    return tuple(
        IndexCheck(_tests([*tests.values()], shares), runs, line) for (line, runs), tests in found.items()
    )


def _tests(compared: Sequence[tuple[str, Polynomial]], shares: bool) -> tuple[str, ...]:
    """Comparisons as Python text, one for all sizes that must be as large, if `min` is Python's."""
    groups: dict[Polynomial, list[list[str]]] = {}
    for length, needed in compared:
        known = groups.setdefault(needed, [])
        is_full = known and not is_looked_up(needed) and len(", ".join((*known[-1], length))) > _WIDEST
        if not shares or not known or is_full:
            known.append([])
        known[-1].append(length)
    return tuple(
        (f"min({', '.join(sizes)})" if len(sizes) > 1 else sizes[0]) + f" < {written(needed)}"
        for needed, parts in groups.items()
        for sizes in parts
    )


def _integers(region: Region) -> dict[str, int]:
    """Arrays of integers, and their number of dimensions, where no such array is changed."""
    whole = {name: kind.ndim for name, kind in region.kinds.items() if kind.dtype in ("int64", "int32")}
    arrays = {name: ndim for name, ndim in whole.items() if region.kinds[name].is_array}
    changed = stored_arrays(region.lowered, region.lowering.uses) | writes_of(region.lowered)
    is_hidden = not all(is_free(name, region.lowering.scope) for name in ENDS)
    return {} if whole.keys() & changed or is_hidden else arrays


def is_as_long(region: Region, statement: ast.AugAssign, ndim: int) -> bool:
    """Does the source prove that what is added in ``p += q`` has the shape of what it is added to?"""
    return _Proof(region).is_as_long(statement, ndim)


def _length(reach: Reach, kinds: Mapping[str, Kind]) -> str:
    """The text of an array's size along a dimension."""
    kind = kinds[reach.array]
    is_list = kind.base == "list" and kind.ndim == 1
    return f"len({reach.array})" if is_list else f"{reach.array}.shape[{reach.axis}]"


def _as_long(reach: Reach, needed: Sequence[Polynomial], region: Region) -> Iterator[Polynomial]:
    """An array of an attribute of all objects in a list is as long as those of the others."""
    objects, _ = split(region.lowering.sources.get(reach.array, ""))
    if objects and reach.axis == 0:
        for other, text in region.lowering.sources.items():
            same = f"len({other})"
            if split(text)[0] == objects and any(str(part) == same for one in needed for part in one.atoms):
                yield atom(_length(reach, region.kinds)) - atom(same)


def _needed(reach: Reach) -> Iterator[list[Polynomial]]:
    """Sizes of which one at least is enough, for the highest place and for the lowest."""
    if reach.extent.high:
        yield [one + of(1) for one in reach.extent.high]
    lowest = reach.extent.low
    if lowest and not any((one.value if one.value is not None else -1) >= 0 for one in lowest):
        yield [of(0) - one for one in lowest]


def _place(reach: Reach, needed: Polynomial, region: Region) -> tuple[int, tuple[str, ...]] | None:
    """The line before which a size is compared, and what must hold for the loops to run."""
    if not reach.extent.exact:
        return None
    names = {name for part in needed.atoms for name in reads(ast.parse(str(part), mode="eval").body)}
    names |= {reach.array}
    runs: tuple[str, ...] = ()
    climbed: list[ast.For] = []
    for loop in reversed(reach.chain):
        names |= reads(loop.iter)
        told = list(loop_runs(loop.iter))
        changed = writes(loop) | frozenset(appended(node) for node in nodes_in(loop))
        if "" in told or names & changed or may_end_early(loop):
            break
        runs = tuple(dict.fromkeys((*(text for text in told if text != ALWAYS), *runs)))
        climbed.append(loop)
    if is_looked_up(needed) and not is_repeated({*climbed} - reach.extent.loops):
        return None  # it would take as long as the loop
    if not reach.extent.loops <= {*climbed} or (
        not climbed and (reach.around or reach.is_repeated or region.is_called)
    ):
        return None
    line = climbed[-1].lineno if climbed else reach.statement.lineno
    statement = _original(region, line)
    if (
        statement is None
        or not owns_lines(region.lowering.module, [statement])
        or _is_elif(region.lowering.module, statement)
    ):
        return None
    return line, runs


def _original(region: Region, line: int) -> ast.stmt | None:
    """The user's statement that begins in a line."""
    return _of_lines(tuple(region.originals)).get(line)


@lru_cache(maxsize=4)
def _of_lines(originals: tuple[ast.stmt, ...]) -> Mapping[int, ast.stmt]:
    """The outermost statement that begins in each line; asked for at every reach of long loops."""
    found: dict[int, ast.stmt] = {}
    for part in originals:
        for node in ast.walk(part):
            if isinstance(node, ast.stmt):
                found.setdefault(node.lineno, node)
    return found


def _is_elif(module: Module, statement: ast.stmt) -> bool:
    return module.lines[statement.lineno - 1].lstrip().startswith("elif")


class _Proof:
    """What the source proves of the sizes in a region."""

    def __init__(self, region: Region) -> None:
        self._region, self._sizes = region, region.lowering.observed.sizes
        self._calls = 0
        self._paths = {
            name: ast.parse(text, mode="eval").body
            for name, text in region.lowering.sources.items()
            if re.fullmatch(r"[\w.]+", text)
        }

    def holds(self, differences: Sequence[Polynomial], reach: Reach, told: Sequence[Polynomial]) -> bool:
        """Is one of these not negative, wherever it is looked at, if those that were told of are not?"""
        if any(self._is_not_negative(one, [*told, *reach.runs]) for one in differences):
            return True
        statement = _original(self._region, reach.statement.lineno)
        if statement is None or not self._sizes.is_known:
            return False
        place = Place(self._region.lowering.module, self._region.lowering.scope, statement)
        facts = [known for fact in (*told, *reach.runs) if (known := self._told(fact, place)) is not None]
        for one in differences:
            self._calls = 0
            number = self._told(one, place)
            if number is not None and self._is_proved(number, facts, place, _DEEPEST):
                return True
        return False

    def is_as_long(self, lowered: ast.AugAssign, ndim: int) -> bool:
        """Have the target and the value of a statement the same shape?"""
        statement = _original(self._region, lowered.lineno)
        if not isinstance(statement, ast.AugAssign) or not self._sizes.is_known:
            return False
        place = Place(self._region.lowering.module, self._region.lowering.scope, statement)
        for axis in range(ndim):
            one = self._sizes.size(statement.target, axis, place)
            other = self._sizes.size(statement.value, axis, place)
            if one is None or other is None:
                return False
            for gap in (one - other, other - one):
                self._calls = 0
                if not self._is_proved(gap, [], place, _DEEPEST):
                    return False
        return True

    def _told(self, number: Polynomial, place: Place) -> Polynomial | None:
        """A number in terms of what no later statement changes."""
        return number.substituted(lambda part: self._of_text(str(part), place))

    def _of_text(self, text: str, place: Place) -> Polynomial | None:
        node = ast.parse(text, mode="eval").body
        hidden = {
            part.id for part in ast.walk(node) if isinstance(part, ast.Name)
        } & self._region.lowering.sources.keys()
        if hidden - self._paths.keys():
            return None
        whole = _Outside(self._paths).visit(node)
        match whole:
            case ast.Subscript(
                value=ast.Attribute(value=array, attr="shape"), slice=ast.Constant(value=int(at))
            ):
                return self._sizes.size(array, at, place)
            case ast.Call(func=ast.Name(id="len"), args=[array]):
                return self._sizes.size(array, 0, place)
        return self._sizes.number(whole, place) if isinstance(whole, ast.expr) else None

    def _is_not_negative(self, number: Polynomial, facts: Iterable[Polynomial]) -> bool:
        least, most = self._sizes.bounds(number.atoms)
        known = [*dict.fromkeys(fact for fact in facts if fact.value is None)][:_MOST_FACTS]
        for count in range(_MOST_AT_ONCE + 1):
            for chosen in combinations_with_replacement(known, count):
                rest = sum((fact.times(-1) for fact in chosen), number)
                smallest = rest.least(least, most)
                if smallest is not None and smallest >= 0:
                    return True
        return False

    def _is_proved(self, number: Polynomial, facts: Sequence[Polynomial], place: Place, depth: int) -> bool:
        if self._is_not_negative(number, [*facts, *self._sizes.turns_of(number)]):
            return True
        self._calls += 1
        given = self._sizes.parameters_of(number)
        functions = {one.statement for one in given}
        if not depth or len(functions) != 1 or self._calls > _MOST_CALLS:
            return False
        wanted = given | {
            one for fact in facts for one in self._sizes.parameters_of(fact) if one.statement in functions
        }
        rows = self._given(next(iter(functions)), sorted(wanted, key=lambda one: one.name))
        if not rows:
            return False
        for values, home in rows:
            here = self._sizes.in_terms_of(number, values, home)
            if here is None:
                return False
            known = (self._sizes.in_terms_of(fact, values, home) for fact in facts)
            if not self._is_proved(here, [one for one in known if one is not None], home, depth - 1):
                return False
        return True

    def _given(self, function: ast.AST, wanted: Sequence[Binding]) -> list[tuple[Given, Place]]:
        """What each call of a function gives for some parameters, and where; nothing if that is not known."""
        module = wanted[0].module
        program, bindings = self._sizes.provable.program, self._sizes.provable.bindings
        columns = [program.passed(module, function, one.name) for one in wanted]
        if any(column is None for column in columns):
            return []
        around = Place(module, bindings.scope(module, module.parents[function]), function)
        rows: list[tuple[Given, Place]] = []
        for parts in zip(*(column or [] for column in columns), strict=True):
            values: dict[str, tuple[ast.expr, Place | None]] = {}
            home = around
            for one, (where, value, is_default) in zip(wanted, parts, strict=True):
                if is_default:
                    values[one.name] = value, around
                    continue
                if _is_in_comprehension(where, value):
                    return []
                home = Place(where, bindings.scope(where, value), statement_of(where, value))
                values[one.name] = value, home
            rows.append(({function: values}, home))
        return rows


class _Outside(ast.NodeTransformer):
    """Names of a kernel as the access paths that they stand for."""

    def __init__(self, paths: Mapping[str, ast.expr]) -> None:
        self._paths = paths

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._paths.get(node.id, node)


def _is_in_comprehension(module: Module, node: ast.AST) -> bool:
    for above in module.ancestors(node):
        if isinstance(above, (*COMPREHENSIONS, ast.Lambda)):
            return True
        if isinstance(above, ast.stmt):
            return False
    return False
