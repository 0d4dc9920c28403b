"""Lists of rows that are built anew again and again by ``append``: arrays of two dimensions.

::

    new = []                               new = np.empty((n, m))
    for i in range(n):                     for i in range(n):
        row = []                becomes        row = new[i]
        for j in range(m):                     for j in range(m):
            row.append(f(u[i][j]))                 row[j] = f(u[i][j])
        new.append(row)
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pdeperf.kernel.blocks import block_of
from pdeperf.kernel.built_lists import is_repeated
from pdeperf.kernel.counted_lists import Append, Counting, Filled
from pdeperf.kernel.list_slots import NoArrayError
from pdeperf.kernel.list_values import ListValues
from pdeperf.kernel.turn_counts import turns_of
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, lines_extent, owns_lines
from pdeperf.source.flow import reads


def filled_again(
    uses: Sequence[ast.Name | ast.Attribute], values: ListValues, depth: int
) -> tuple[Filled, ...]:
    """The places where a variable is bound to a list that is built by ``append``; none if it never is.

    Parameters
    ----------
    uses
        All uses of the variable.

    Raises
    ------
    NoArrayError
        If the source does not tell how many elements it gets, or the list is looked at while it grows.
    """
    module = values.module
    names = [node for node in uses if isinstance(node, ast.Name)]
    growing = [node for node in names if _is_appended_to(node, module)]
    if not growing or depth > 2 or len(names) < len(uses):
        return ()
    starts = [
        home
        for node in names
        if isinstance(home := module.parents[node], ast.Assign)
        and home.targets == [node]
        and isinstance(home.value, ast.List)
    ]
    if len(starts) == 1 and not starts[0].value.elts and not is_repeated(module, starts[0], frozenset()):  # type: ignore[attr-defined]
        return ()  # built once: by what it is, whatever its length
    kind = Counting if depth == 1 else CountingRows
    made = [kind(module, one, starts, values).filled(names) for one in starts]
    if not all(any(one.holds(node) for one in made) for node in growing):
        raise NoArrayError(f"`{growing[0].id}` grows elsewhere")
    return tuple(made)


def rows_of(uses: Sequence[ast.expr], module: Module) -> Iterator[ast.Name]:
    """The lists that a variable is appended to, where these are built again and again."""
    for node in uses:
        match module.parents[node]:
            case ast.Call(func=ast.Attribute(value=ast.Name() as whole, attr="append"), args=[row]) if (
                row is node and is_repeated(module, node, frozenset())
            ):
                yield whole


def _is_appended_to(node: ast.Name, module: Module) -> bool:
    above = module.parents[node]
    return isinstance(above, ast.Attribute) and above.attr == "append"


@dataclass(slots=True)
class CountingRows(Counting):
    """One place where a list of rows is built.

    Attributes
    ----------
    widths
        Texts of the lengths of its rows.
    rows
        Uses of the variables that stand for rows while these are built.
    """

    widths: list[str] = field(default_factory=list)
    rows: list[ast.Name] = field(default_factory=list)

    def filled(self, uses: Sequence[ast.Name]) -> Filled:
        found = super(CountingRows, self).filled(uses)
        return replace(found, rows=tuple(self.rows))

    def check(self, value: ast.expr) -> None:
        """Raise unless it may be a row."""
        if not isinstance(value, ast.Name) and not self.values.as_array(value, 1):
            raise NoArrayError(f"`{ast.unparse(value)[:40]}` is no row that is made there")

    def shape(self) -> str:
        """Text of the size of the array."""
        if len(set(self.widths)) != 1:
            raise NoArrayError(f"how long the rows of `{self.name}` are is not known")
        return f"({self.size}, {self.widths[0]})"

    def begun(self, elements: Sequence[ast.expr]) -> Iterator[Edit]:
        """``new = np.empty(...)``, and ``new[0] = 0.0`` for rows of one number that stand in it at first."""
        for element in elements:
            sizes = self.values.sizes(element, 1)
            if not sizes:
                raise NoArrayError(f"`{self.name}` begins with rows")
            self._widen(sizes[0])
            yield Edit(*extent(self.module, element), sizes[1])
        yield from super(CountingRows, self).begun(elements)

    def stored(self, found: Append, place: str) -> Iterator[Edit]:
        """The row that ``new.append(row)`` appends, as a part of the array from its beginning on."""
        if isinstance(found.value, ast.Name):
            yield from self._row(found, found.value, place)
            return
        if sizes := self.values.sizes(found.value, 1):
            self._widen(sizes[0])
            yield Edit(*extent(self.module, found.call), f"{self.name}[{place}] = {sizes[1]}")
            return
        match found.value:
            case ast.List(elts=elements):
                self._widen(str(len(elements)))
            case ast.ListComp(generators=[ast.comprehension(iter=source, ifs=[])]):
                self._widen(turns_of(self.module, source))
            case _:
                self._widen("")
        yield from super(CountingRows, self).stored(found, place)
        yield from self.values.as_array(found.value, 1)

    def _widen(self, width: str) -> None:
        """A row has a length that does not change while the list is built."""
        if not width or not self.is_kept(reads(ast.parse(width)), self.zone):
            raise NoArrayError(f"how long the rows of `{self.name}` are is not known")
        self.widths.append(width)

    def _row(self, found: Append, row: ast.Name, place: str) -> Iterator[Edit]:
        """``row = new[i]`` for ``row = []``, and nothing for ``new.append(row)``."""
        statement = self.module.parents[found.call]
        assert isinstance(statement, ast.stmt)
        block, _ = block_of(self.module, statement)
        last = block.index(statement)
        begun = [
            part
            for part in block[:last]
            if isinstance(part, ast.Assign)
            and ast.unparse(part.targets[0]) == row.id
            and isinstance(part.value, ast.List)
        ]
        if len(begun) != 1 or not owns_lines(self.module, [statement]):
            raise NoArrayError(f"`{row.id}` is no row that is made there")
        start, end = lines_extent(self.module, [statement])
        if "#" in self.module.text[start:end]:
            raise NoArrayError("a comment stands beside an append")
        inside = [node for part in self.zone for node in ast.walk(part)]
        uses = [node for node in inside if isinstance(node, ast.Name) and node.id == row.id]
        near = {id(node) for part in block[block.index(begun[0]) : last] for node in ast.walk(part)}
        if any(id(node) not in near and node is not row for node in uses):
            raise NoArrayError(f"`{row.id}` is several rows")
        inner = Counting(
            self.module, begun[0], begun, self.values, within=self.zone, made=f"{self.name}[{place}]"
        )
        made = inner.filled([node for node in uses if node is not row])
        self._widen(inner.size)
        self.counters += inner.counters
        self.rows += uses
        yield from made.edits
        yield Edit(start, end, "")
