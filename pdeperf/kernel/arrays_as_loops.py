"""``np.array([a] + [f(i) for i in range(1, n)] + [b])`` in compiled functions as an array that loops fill.

::

    u_new = np.empty(2 + len(range(1, n - 1)))
    u_new[0] = a
    for i in range(1, n - 1):
        u_new[i] = f(u[i - 1], u[i], u[i + 1])
    u_new[-1] = b

No list is made, whose growth and whose numbers' way into the array cost far more than the numbers.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pdeperf.kernel.sums_as_loops import one_line, renamed, unused
from pdeperf.kernel.turn_counts import added, first_of, is_plain, not_negative, place_of, turns_of
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, indentation, lines_extent, owns_lines

_COUNTER = "{}"
_DTYPES = frozenset(("float64", "int64"))


def with_arrays_as_loops(texts: Mapping[str, str], numpy_name: str) -> dict[str, str]:
    """The same functions, with arrays of comprehensions filled by loops before they are bound or returned."""
    return {
        name: _written(text, numpy_name) if f"{numpy_name}.array([" in text else text
        for name, text in texts.items()
    }


def _written(text: str, numpy_name: str) -> str:
    module = Module("", text)
    taken = {node.id for node in module.all(ast.Name)} | {node.arg for node in module.all(ast.arg)}
    edits: list[Edit] = []
    for statement in module.nodes:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                pass
            case ast.Return(value=ast.Call() as call):
                name = ""
            case _:
                continue
        dtype = _dtype(call, numpy_name)
        if dtype and owns_lines(module, [statement]):
            filling = _Filling(module, statement, taken, numpy_name, dtype)
            if rows := filling.rows(name, call.args[0]):
                edits.append(Edit(*lines_extent(module, [statement]), "".join(rows)))
    return apply(text, edits)


def _dtype(call: ast.Call, numpy_name: str) -> str:
    """The type of the numbers in ``np.array(..., dtype=np.float64)``; empty for any other call."""
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=library), attr="array"),
            args=[ast.ListComp() | ast.BinOp(op=ast.Add())],
            keywords=[ast.keyword(arg="dtype", value=ast.Attribute(value=ast.Name(id=other), attr=dtype))],
        ):
            return dtype if library == other == numpy_name and dtype in _DTYPES else ""
    return ""


@dataclass(frozen=True, slots=True)
class _Part:
    """Elements that stand next to each other.

    Attributes
    ----------
    count
        How many, where the source tells; else ``length`` is the text of their number.
    """

    node: ast.List | ast.ListComp | ast.BinOp
    count: int = 0
    length: str = ""


@dataclass(slots=True)
class _Filling:
    """One array and the statement that binds it.

    Attributes
    ----------
    names
        New names of the comprehensions' variables around the place that is written.
    """

    module: Module
    statement: ast.stmt
    taken: set[str]
    numpy_name: str
    dtype: str
    names: dict[str, str] = field(default_factory=dict)

    def rows(self, name: str, made: ast.expr) -> list[str]:
        """The lines that stand for the statement; none where it has to stay as it is."""
        if any(isinstance(node, ast.NamedExpr) for node in ast.walk(made)):
            return []
        indent = indentation(self.module, self.statement)
        read = {node.id for node in ast.walk(made) if isinstance(node, ast.Name)}
        is_grid = isinstance(made, ast.ListComp) and _is_list(made.elt)
        inner = [*self._parts(made.elt if is_grid and isinstance(made, ast.ListComp) else made)]
        parts = [*self._parts(made, is_grid=True)] if is_grid else inner
        if not inner or not parts or not any(part.length for part in inner):
            return []
        if is_grid and _bound(made) & {name for part in inner for name in _bound(part.node) | _sizes(part)}:
            return []  # the rows may be of several lengths, or names mean several things
        target = name if name and name not in read else unused(f"{name}_new" if name else "made", self.taken)
        shape = f"({_total(parts)}, {_total(inner)})" if is_grid else _total(inner)
        told = "" if self.dtype == "float64" else f", dtype={self.numpy_name}.{self.dtype}"
        lines = [f"{indent}{target} = {self.numpy_name}.empty({shape}{told})\n"]
        lines += self._run(parts, f"{target}[", indent, inner if is_grid else ())
        if not name:
            lines.append(f"{indent}return {target}\n")
        elif target != name:
            lines.append(f"{indent}{name} = {target}\n")
        return lines

    def _parts(self, node: ast.expr, *, is_grid: bool = False) -> Iterator[_Part]:
        """The parts of a list of numbers, or of rows, in order; none where one is not known."""
        match node:
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                before, after = [*self._parts(left)], [*self._parts(right)]
                yield from (*before, *after) if before and after else ()
            case (
                ast.BinOp(left=ast.List(elts=[value]), op=ast.Mult(), right=count)
                | ast.BinOp(left=count, op=ast.Mult(), right=ast.List(elts=[value]))
            ) if is_plain(value) and is_plain(count):
                yield _Part(node, length=not_negative(self.module, count))
            case ast.List(elts=[*elements]) if elements and not any(map(_is_list, elements)):
                if not any(isinstance(one, ast.Starred) for one in elements):
                    yield _Part(node, count=len(elements))
            case ast.ListComp(elt=element, generators=[ast.comprehension(ifs=[], is_async=0) as part]):
                names = [part.target, *getattr(part.target, "elts", [])]
                named = all(isinstance(one, ast.Name | ast.Tuple) for one in names)
                if named and _is_list(element) == is_grid and (length := turns_of(self.module, part.iter)):
                    yield _Part(node, length=length)

    def _run(
        self, parts: Sequence[_Part], start: str, indent: str, row: Sequence[_Part] = ()
    ) -> Iterator[str]:
        """Store the parts one after the other."""
        count, lengths = 0, list[str]()
        for part in parts:
            if part.length:
                yield from self._walk(part, start, added(count, lengths), indent, row)
                lengths.append(part.length)
                continue
            elements = part.node.elts if isinstance(part.node, ast.List) else []
            for left, element in zip(range(-len(elements), 0), elements, strict=True):
                at = str(left) if lengths and part is parts[-1] else added(count, lengths)
                yield f"{indent}{start}{at}] = {self._text(element)}\n"
                count += 1

    def _walk(self, part: _Part, start: str, first: str, indent: str, row: Sequence[_Part]) -> Iterator[str]:
        """A loop that stores elements, or rows, from a place on."""
        kept, deeper, named = self.names, f"{indent}    ", ""
        if isinstance(part.node, ast.ListComp):
            walk = part.node.generators[0]
            element, source = part.node.elt, self._text(walk.iter)
            low = first_of(walk.target, walk.iter, self._text)
            self.names = self.names | renamed(self.module, self.statement, part.node, self.taken)
            target = self._text(walk.target)
            if not low and (counted := _elements(walk.iter)):
                # By index, the compiler computes several elements at once.
                at = unused("at", self.taken)
                values = ", ".join(one.replace(_COUNTER, at) for one in counted)
                named = f"{deeper}{target} = {values}\n"
                target, source, low = at, f"range({part.length})", "0"
        else:
            assert isinstance(part.node, ast.BinOp)
            listed = part.node.left if isinstance(part.node.left, ast.List) else part.node.right
            assert isinstance(listed, ast.List)
            element, source, low = listed.elts[0], f"range({part.length})", "0"
            target = unused("k", self.taken)
        place = place_of(target, low, first)
        if not place:
            counter = place = unused("at", self.taken)
            yield f"{indent}{counter} = {first}\n"
        yield f"{indent}for {target} in {source}:\n{named}"
        if row:
            yield from self._run(row, f"{start}{place}, ", deeper)
        else:
            yield f"{deeper}{start}{place}] = {self._text(element)}\n"
        if not place_of(target, low, first):
            yield f"{deeper}{place} += 1\n"
        self.names = kept

    def _text(self, node: ast.expr) -> str:
        return one_line(self.module, node, self.names)


def _elements(source: ast.expr) -> list[str]:
    """What each turn of a loop over arrays is given, with a mark for its number; nothing if unknown."""
    match source:
        case ast.Name(id=name):
            return [f"{name}[{_COUNTER}]"]
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Slice(lower=None, step=None)):
            return [f"{name}[{_COUNTER}]"]
        case ast.Subscript(
            value=ast.Name(id=name), slice=ast.Slice(lower=ast.Constant(value=int() as first), step=None)
        ) if first >= 0:
            return [f"{name}[{_COUNTER} + {first}]"]
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner], keywords=[]):
            found = _elements(inner)
            return [_COUNTER, *found] if len(found) == 1 else []
        case ast.Call(func=ast.Name(id="zip"), args=[*inner], keywords=[]):
            several = [_elements(one) for one in inner]
            return [one[0] for one in several] if all(len(one) == 1 for one in several) else []
    return []


def _total(parts: Sequence[_Part]) -> str:
    """The text of the number of all elements."""
    return added(sum(part.count for part in parts), [part.length for part in parts if part.length])


def _bound(node: ast.expr) -> set[str]:
    """The names that a comprehension binds."""
    target = node.generators[0].target if isinstance(node, ast.ListComp) else ast.Constant(None)
    return {part.id for part in ast.walk(target) if isinstance(part, ast.Name)}


def _sizes(part: _Part) -> set[str]:
    """The names that tell how many elements a part has."""
    return {node.id for node in ast.walk(ast.parse(part.length or "0")) if isinstance(node, ast.Name)}


def _is_list(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_list(node.left) or _is_list(node.right)
    return isinstance(node, ast.List | ast.ListComp | ast.Tuple)
