"""Matrices that written code assembles from stores near the diagonal, filled as bands."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pdeperf.lifetimes.text import on_one_line
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, lines_extent, owns_lines
from pdeperf.source.scopes import home_of, local_names, own_nodes, statement_of, uses_of
from pdeperf.sparse.assembly_text import Builder
from pdeperf.sparse.filling import Act
from pdeperf.sparse.linear_indices import Linear, linear, plus
from pdeperf.sparse.solves import NARROW
from pdeperf.sparse.triplets import replaced
from pdeperf.sparse.written import Additions


class NotInBandError(Exception):
    """Why a matrix is not filled as a band."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """A statement that builds a matrix from the stores before it.

    Attributes
    ----------
    stores
        The list, or what one loop gave.
    edits
        What fills a band instead.
    """

    statement: ast.Assign
    target: ast.Name
    stores: str
    edits: tuple[Edit, ...]


@dataclass(slots=True)
class _Fill:
    """One matrix as it is filled by the lines that are written for it."""

    module: Module
    builder: Builder
    name: str
    size: ast.expr
    act: Act | None
    width: int = 1
    edits: list[Edit] = field(default_factory=list)

    def plain(self, statement: ast.stmt, entry: ast.Tuple) -> None:
        """A single entry, set where the script sets it."""
        row, column, value, *more = entry.elts
        act = self._act(more[:1])
        texts = [on_one_line(self.module, one) for one in (row, column, value)]
        if act in (Act.CLEAR_ROW, Act.CLEAR_COLUMN):
            cleared = f"row({texts[0]})" if act is Act.CLEAR_ROW else f"column({texts[1]})"
            self.edits.append(replaced(self.module, statement, [f"{self.name}.clear_{cleared}"]))
            return
        self._near(self._counted(row), self._counted(column), statement)
        adds = ", adds=True" if act is Act.ADD else ""
        self.edits.append(replaced(self.module, statement, [f"{self.name}.set({', '.join(texts)}{adds})"]))

    def _counted(self, index: ast.expr) -> Linear | None:
        """An index from the start, where it counts from the end."""
        one, size = linear(index, {}), linear(self.size, {})
        from_end = one is not None and size is not None and not one.terms and one.rest < 0
        return size.plus(one) if from_end and size is not None and one is not None else one

    def of_loop(self, statement: ast.stmt, call: ast.Call, is_list: bool) -> None:
        """All that one loop stores, by the function that computes it."""
        function = _only_called_here(self.module, call)
        names = {one.id for one in ast.walk(function) if isinstance(one, ast.Name)}
        names |= {one.arg for one in ast.walk(function) if isinstance(one, ast.arg)}
        result = function.body[-1]
        match result:
            case ast.Return(
                value=ast.Call(func=ast.Name(id=ordered), args=[count, ast.Name(id=stores), ast.Constant()])
            ) if ordered.startswith("stored_in_order"):
                pass
            case _:
                raise NotInBandError(f"`{function.name}` gives more than the entries of one matrix")
        if self.name in names:
            raise NotInBandError(f"`{self.name}` is another thing in `{function.name}`")
        self._stores(function, stores)
        unread = isinstance(count, ast.Name) and sum(
            isinstance(one, ast.Name) and one.id == count.id for one in ast.walk(function)
        )
        for one in function.body:
            match one:
                case ast.Assign(targets=[ast.Name(id=bound)]) if isinstance(count, ast.Name):
                    if bound == count.id and unread == 2:
                        self._removed(one)
        self._removed(result)
        at = extent(self.module, function)[0] + len(f"def {function.name}(")
        self.edits.append(Edit(at, at, f"{self.name}, " if function.args.args else self.name))
        given = ", ".join([self.name, *(on_one_line(self.module, one) for one in call.args)])
        text = f"{function.name}({given})"
        lines = [text] if is_list else [self.created(), text]
        self.edits.append(replaced(self.module, statement, lines))

    def _stores(self, function: ast.FunctionDef, stores: str) -> None:
        module = self.module
        ranges, bound = _ranges(function), _bound_once(function)
        offsets: dict[int, set[tuple[str, int]]] = {}
        sets: set[int] = set()
        for node in own_nodes(function):
            if not (isinstance(node, ast.Name) and node.id == stores):
                continue
            statement = statement_of(module, node)
            if statement not in function.body:
                raise NotInBandError(f"`{function.name}` stores in a loop of its own")
            match statement:
                case ast.Return():
                    continue
                case ast.Assign(targets=[ast.Name()], value=ast.List(elts=[])):
                    self._removed(statement)
                    continue
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[ast.Tuple() as entry])):
                    row, column, value, *more, where = entry.elts
                case _:
                    raise NotInBandError(f"`{function.name}` stores blocks")
            act = self._act(more)
            if act in (Act.CLEAR_ROW, Act.CLEAR_COLUMN):
                raise NotInBandError("a loop clears rows")
            places = [linear(index, bound) for index in (row, column)]
            k = self._near(places[0], places[1], statement)
            assert places[0] is not None
            counter = next(iter(places[0].terms), "")
            if counter not in ranges or places[0].terms != {counter: 1}:
                raise NotInBandError(f"the rows of `{ast.unparse(row)}` are not those of a range")
            offsets.setdefault(k, set()).add((counter, places[0].rest))
            if act is Act.SET:
                sets.add(k)
            first, last = (plus(end, places[0].rest) for end in ranges[counter])
            condition = "" if ast.unparse(where) == "True" else f", {ast.unparse(where)}"
            adds = ", adds=True" if act is Act.ADD else ""
            text = f"{self.name}.set_diagonal({k}, {first}, {last}, {ast.unparse(value)}{condition}{adds})"
            self.edits.append(replaced(module, statement, [text]))
        if any(len(offsets[k]) > 1 for k in sets):
            raise NotInBandError("what one turn of the loop sets another may set again")

    def _act(self, told: Sequence[ast.expr]) -> Act:
        if self.act is not None:
            return self.act
        match told:
            case [ast.Constant(value=int() as act)]:
                return Act(act)
        raise NotInBandError("it is not told what a store does")

    def _near(self, row: Linear | None, column: Linear | None, statement: ast.stmt) -> int:
        """How far a column lies from its row."""
        if row is None or column is None or row.terms != column.terms:
            line = ast.unparse(statement).partition("append(")[2][:-1]
            raise NotInBandError(f"it cannot be seen how far from the diagonal {line} is")
        k = column.rest - row.rest
        if abs(k) > NARROW:
            raise NotInBandError(f"entries lie {abs(k)} from the diagonal")
        self.width = max(self.width, abs(k))
        return k

    def created(self) -> str:
        """The empty band; its width is put in when all stores were seen."""
        more = ", complex" if self.builder.scalar == "complex" else ""
        size = on_one_line(self.module, self.size)
        return f"{self.name} = CLASS({{numpy}}.zeros((WIDTH, {size}){more}), {{sparse}}.{self.builder.kind})"

    def _removed(self, statement: ast.stmt) -> None:
        if not owns_lines(self.module, [statement]):
            raise NotInBandError("a line holds several statements")
        self.edits.append(Edit(*lines_extent(self.module, [statement]), ""))


def assembled(
    module: Module, statement: ast.Assign, builder: Builder, name: str, added: Additions
) -> Assembled:
    """How a matrix is filled as a band, instead of being built from its stores by ``name``.

    Raises
    ------
    NotInBandError
        If not all stores are seen to lie near the diagonal, or their order matters.
    """
    target, call = statement.targets[0], _call_of(statement.value, name)
    if not isinstance(target, ast.Name) or len(statement.targets) > 1:
        raise NotInBandError("it is kept in an attribute")
    options = {one.arg: one.value for one in call.keywords}
    stores = _stores_of(call)
    shape = options.get("shape")
    match shape:
        case ast.Tuple(elts=[rows, columns]) if ast.unparse(rows) == ast.unparse(columns):
            pass
        case _:
            raise NotInBandError("it is not seen to be square")
    if "start" in options or not stores:
        raise NotInBandError("it starts from another matrix")
    act = builder.act
    match options.get("acts"):
        case ast.Constant(value=int() as told):
            act = Act(told)
        case None:
            pass
        case _:
            raise NotInBandError("it is not told what its stores do")
    fill = _Fill(module, builder, target.id, rows, act)
    home = home_of(module, statement)
    if any(isinstance(one, ast.ClassDef) for one in module.ancestors(statement)) and home is module.tree:
        raise NotInBandError("it belongs to a class")
    uses = [one for one in uses_of(stores, module) if home_of(module, one) is home]
    others = {home_of(module, one) for one in uses_of(stores, module)} - {home}
    if isinstance(home, ast.Module) and any(stores not in local_names(one) for one in others):
        raise NotInBandError(f"`{stores}` is used by functions")
    made: ast.stmt | None = None
    for use in uses:
        line = statement_of(module, use)
        if line is statement:
            continue
        match line:
            case ast.Assign(targets=[ast.Name()], value=ast.List()):
                made = line
                fill.edits.append(replaced(module, line, [fill.created()]))
            case ast.Assign(targets=[ast.Name()], value=ast.Call() as one) if made is None:
                made = line
                fill.of_loop(line, one, is_list=False)
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[ast.Tuple() as entry])):
                fill.plain(line, entry)
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[ast.Call() as one])):
                fill.of_loop(line, one, is_list=True)
            case _:
                raise NotInBandError(f"`{stores}` is used otherwise")
    if (
        made is None
        or made.lineno >= statement.lineno
        or module.parents.get(made) is not module.parents.get(statement)
    ):
        raise NotInBandError("it is not begun where it is built")
    between = range(made.lineno, statement.lineno)
    if any(one.lineno in between for one in uses_of(target.id, module)):
        raise NotInBandError(f"`{target.id}` is still used while it is filled anew")
    fill._removed(statement)
    own = added.alias("numpy"), added.alias("sparse")
    texts = {"WIDTH": str(2 * fill.width + 1), "{numpy}": own[0], "{sparse}": own[1]}
    return Assembled(statement, target, stores, tuple(_filled_in(fill.edits, texts)))


def _filled_in(edits: Sequence[Edit], texts: dict[str, str]) -> Iterator[Edit]:
    for edit in edits:
        text = edit.text
        if "CLASS({numpy}" in text:
            for old, new in texts.items():
                text = text.replace(old, new, 1)
        yield Edit(edit.start, edit.end, text)


def _call_of(value: ast.expr, name: str) -> ast.Call:
    """The call of a function that builds a matrix, whose format does not count."""
    match value:
        case ast.Call(func=ast.Name(id=found)) if found == name:
            return value
        case ast.Call(func=ast.Attribute(value=ast.Call() as call, attr="tocsr" | "tocsc"), args=[]):
            return _call_of(call, name)
    raise NotInBandError("more is done where it is built")


def _stores_of(call: ast.Call) -> str:
    match call.args:
        case [ast.Starred(value=ast.Name(id=stores))]:
            return stores
        case [ast.Starred(value=ast.Call(args=[_, ast.Call(args=[ast.Starred(value=ast.Name(id=stores))])]))]:
            return stores
    return ""


def _only_called_here(module: Module, call: ast.Call) -> ast.FunctionDef:
    """The function of the file that a call runs, if it is the only call."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    found = [one for one in module.tree.body if isinstance(one, ast.FunctionDef) and one.name == name]
    if len(found) != 1 or uses_of(name, module) != [call.func] or call.keywords:
        raise NotInBandError("the entries are computed otherwise")
    return found[0]


def _assigned(function: ast.FunctionDef) -> dict[str, list[ast.expr | None]]:
    """What is bound to each name of a function; None where that is not plain."""
    found: dict[str, list[ast.expr | None]] = {one.arg: [None] for one in function.args.args}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.setdefault(node.id, []).append(None)
    for statement in function.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if found[name] == [None]:
                found[name] = [value]
    return found


def _bound_once(function: ast.FunctionDef) -> dict[str, ast.expr]:
    """Names that one statement of a function binds, with their values, but for what counts a range."""
    ranges = _ranges(function)
    return {
        name: values[0]
        for name, values in _assigned(function).items()
        if len(values) == 1 and values[0] is not None and name not in ranges
    }


def _ranges(function: ast.FunctionDef) -> dict[str, tuple[ast.expr, ast.expr]]:
    """Names that hold all numbers of a range, with its ends, which nothing in the function changes."""
    assigned = _assigned(function)
    found = {}
    for name, values in assigned.items():
        match values:
            case [ast.Call(func=ast.Attribute(attr="arange"), args=[*ends, last], keywords=[])] if (
                len(ends) < 2
            ):
                first = ends[0] if ends else ast.Constant(0)
                names = {
                    one.id for end in (first, last) for one in ast.walk(end) if isinstance(one, ast.Name)
                }
                if all(assigned.get(one, [None]) == [None] and _is_given(function, one) for one in names):
                    found[name] = first, last
    return found


def _is_given(function: ast.FunctionDef, name: str) -> bool:
    """Is a name a parameter that the function leaves alone, or none of its own?"""
    stored = any(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(function)
    )
    return not stored
