"""Which arrays a loop grows by copying them, and how the loop could gather the pieces instead."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pdeperf.lifetimes.additions import Addition, Growth, Problem, Start, grown, surely_runs
from pdeperf.lifetimes.changes import Changes, Loop
from pdeperf.lifetimes.meaning import LOOPS, Meaning
from pdeperf.lifetimes.ownership import Ownership
from pdeperf.lifetimes.sharing import KEPT, Sharing
from pdeperf.lifetimes.values import Values
from pdeperf.source import Module, Project
from pdeperf.source.edits import owns_lines
from pdeperf.source.flow import reads
from pdeperf.source.scopes import FUNCTIONS, own_nodes

_JOINING = frozenset(
    f"numpy.{name}" for name in ("concatenate", "vstack", "hstack", "dstack", "column_stack")
)
_FLAT = frozenset(("numpy.append", "numpy.concatenate", "numpy.hstack"))
_WIDE = frozenset(("bool", "int64", "float64", "complex128"))
"""Among these the common type of several does not depend on the order in which they are joined."""


@dataclass(slots=True)
class GrowthSearch:
    """Examines the loops of one file."""

    meaning: Meaning
    sharing: Sharing
    changes: Changes
    module: Module

    def values(self, at: ast.stmt) -> Values:
        """What expressions are, by what was seen around a statement."""
        return Values(self.meaning, self.module, at)

    def addition(self, node: ast.AST) -> tuple[str, Addition] | None:
        """The array that a statement makes longer at its end."""
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func) as call):
                function = self.meaning.full(self.module, func)
            case _:
                return None
        if any(keyword.arg != "axis" for keyword in call.keywords):
            return None
        if function == "numpy.append" and len(call.args) == 2:
            first, *rest = call.args
        elif function in _JOINING and len(call.args) == 1 and isinstance(call.args[0], ast.Tuple | ast.List):
            first, *rest = call.args[0].elts or [call.args[0]]
        else:
            return None
        if not isinstance(first, ast.Name) or first.id != name or not rest:
            return None
        if any(isinstance(part, ast.Starred) for part in rest):
            return None
        axis = ast.unparse(call.keywords[0].value) if call.keywords else ""
        numbers = function in _FLAT and not axis and all(self._are_numbers(node, p, function) for p in rest)
        return name, Addition(
            statement=node, call=call, function=function, axis=axis, pieces=tuple(rest), are_numbers=numbers
        )

    def _are_numbers(self, at: ast.stmt, node: ast.expr, function: str) -> bool:
        values = self.values(at)
        if isinstance(node, ast.List | ast.Tuple):
            return bool(node.elts) and all(values.is_number(part) for part in node.elts)
        return function == "numpy.append" and values.is_number(node)

    def examined(self, name: str, loop: Loop) -> Growth:
        """Whether a loop could gather the pieces of an array, and if not, why."""
        home = self.meaning.home(self.module, loop)
        additions = tuple(
            found[1]
            for node in ast.walk(loop)
            if (found := self.addition(node)) is not None
            and found[0] == name
            and self.meaning.home(self.module, node) is home
        )
        growth = Growth(
            name=name,
            loop=loop,
            additions=additions,
            surely=any(surely_runs(self.module, a, loop) for a in additions),
        )
        problem = self._scope_problem(growth, home) or self._loop_problem(growth)
        if problem is not None:
            return replace(growth, problem=problem)
        places = self._reads(growth)
        if isinstance(places, Problem):
            return replace(growth, problem=places)
        growth = replace(growth, reads=places)
        growth = replace(growth, start=self._start(growth))
        return replace(growth, problem=self._pieces_problem(growth, home) if growth.start is None else None)

    def _scope_problem(self, growth: Growth, home: ast.AST) -> Problem | None:
        """Who else may see the array while it grows."""
        name, line = growth.name, growth.additions[0].statement.lineno
        owner = self.meaning.scope(self.module, growth.loop).resolve(name)
        if owner is None or owner.node is not home:
            return Problem(line=line, reason=f"`{name}` belongs to other code as well")
        if self.changes.wild:
            return Problem(line=line, reason="the program runs text as code")
        for module in self.meaning.project.modules.values():
            for node in ast.walk(module.tree):
                if isinstance(node, FUNCTIONS) and node is not home and name in reads(node):
                    seen = self.meaning.scope(module, node).resolve(name)
                    if seen is not None and seen.node is home:
                        reader = getattr(node, "name", "lambda")
                        return Problem(line=line, reason=f"the function `{reader}` reads `{name}`")
                if module is not self.module and isinstance(node, ast.alias) and node.name == name:
                    return Problem(line=line, reason=f"the file {module.file} reads `{name}`")
        return None

    def _loop_problem(self, growth: Growth) -> Problem | None:
        """How the loop may be left before the array is whole, or add in several ways."""
        name, loop = growth.name, growth.loop
        if len({(one.function, one.axis, one.are_numbers) for one in growth.additions}) > 1:
            return Problem(
                line=growth.additions[0].statement.lineno,
                reason=f"`{name}` grows in several ways",
                advice="let it grow by one function only",
            )
        if not owns_lines(self.module, [loop]):
            return Problem(line=loop.lineno, reason="other code stands on the loop's lines")
        if loop.orelse and name in reads(ast.Module(loop.orelse, [])):
            return Problem(line=loop.orelse[0].lineno, reason=f"the loop's else reads `{name}`")
        for node in ast.walk(loop):
            if isinstance(node, ast.Yield | ast.YieldFrom | ast.Await):
                return Problem(
                    line=node.lineno, reason=f"the function may be left here while `{name}` is not whole"
                )
            if isinstance(node, ast.Try | ast.With) and any(
                one.statement in ast.walk(node) for one in growth.additions
            ):
                return Problem(line=node.lineno, reason=f"an error may be caught while `{name}` is not whole")
        for above in self.module.ancestors(loop):
            if isinstance(above, ast.Try):
                return Problem(
                    line=above.lineno, reason=f"an error in the loop would leave `{name}` incomplete"
                )
            if isinstance(above, FUNCTIONS):
                break
        return None

    def _reads(self, growth: Growth) -> tuple[ast.expr, ...] | Problem:
        """Places that read the growing array; or the first one that needs it whole."""
        name, loop = growth.name, growth.loop
        ours = {grown(one) for one in growth.additions} | {
            one.statement.targets[0] for one in growth.additions
        }
        values = self.values(loop)
        places: list[ast.expr] = []
        for node in ast.walk(loop):
            if not isinstance(node, ast.Name) or node.id != name or node in ours:
                continue
            if not isinstance(node.ctx, ast.Load):
                return Problem(line=node.lineno, reason=f"`{name}` is bound here too")
            parent = self.module.parents.get(node)
            match parent:
                case ast.Subscript(value=base, slice=index, ctx=ast.Load()) if (
                    base is node and values.is_index(index)
                ):
                    places.append(parent)
                case ast.Call(func=func, args=[argument]) if (
                    argument is node and self.meaning.full(self.module, func) == "builtins.len"
                ):
                    places.append(parent)
                case ast.Attribute(attr="size"):
                    places.append(parent)
                case _ if self._is_returned(node):
                    places.append(node)
                case _:
                    return Problem(
                        line=node.lineno,
                        reason=f"the whole of `{name}` is read here",
                        advice="read it after the loop, or keep what is needed in a variable of its own",
                    )
        return tuple(places)

    def _is_returned(self, node: ast.Name) -> bool:
        """Does it stand by itself in a return statement?"""
        parent = self.module.parents.get(node)
        if isinstance(parent, ast.Tuple):
            parent = self.module.parents.get(parent)
        return isinstance(parent, ast.Return)

    def _start(self, growth: Growth) -> Start | None:
        """The array's first numbers, bound in the loop's own block and not used on the way."""
        if not all(one.are_numbers for one in growth.additions) or growth.additions[0].function not in _FLAT:
            return None
        dtypes = self.meaning.values(self.module, growth.loop, growth.name, "dtype")
        for statement in reversed(_earlier(self.module, growth.loop)):
            match statement:
                case ast.Assign(targets=[ast.Name(id=bound)], value=value) if bound == growth.name:
                    start = self._numbers_of(value)
                    if start is None or not (owns_lines(self.module, [statement])):
                        return None
                    return self._fitting(start, growth, dtypes)
            if any(isinstance(node, ast.Name) and node.id == growth.name for node in ast.walk(statement)):
                return None
        return None

    def _fitting(self, start: Start, growth: Growth, dtypes: frozenset[str]) -> Start | None:
        """The start, if a list that begins like it becomes an array of the same type in the end."""
        if dtypes == {"float64"} and not start.is_list:
            return replace(start, numbers=tuple(repr(float(text)) for text in start.numbers))
        if any(isinstance(p, ast.Subscript) and not self.is_alike(growth, p) for p in growth.reads):
            return None
        if start.is_list and any(isinstance(place, ast.Name) for place in growth.reads):
            return None
        if not start.numbers and dtypes != {"float64"}:
            return None
        return start if dtypes and dtypes <= {"int64", "float64"} else None

    def is_alike(self, growth: Growth, place: ast.Subscript) -> bool:
        """Does a Python float do there what NumPy's would: is it compared, added, multiplied, written?"""
        for one in growth.additions:
            values = self.values(one.statement)
            if not all(values.is_float(part) for part in one.numbers):
                return False
        values = self.values(growth.loop)
        pieces = {part for one in growth.additions for part in one.numbers}
        node: ast.expr = place
        while node not in pieces:
            match self.module.parents.get(node):
                case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right) as above if (
                    values.is_float(right if left is node else left)
                ):
                    node = above
                case ast.Compare(left=left, comparators=[right]) as above if values.is_number(
                    right if left is node else left
                ):
                    return isinstance(self.module.parents.get(above), ast.While | ast.If | ast.BoolOp)
                case ast.Call(func=func) if self._are_floats(growth):
                    return self.meaning.full(self.module, func) in ("builtins.print", "builtins.float")
                case ast.FormattedValue(conversion=-1):
                    return self._are_floats(growth)
                case _:
                    return False
        return node is not place or self._are_floats(growth)

    def _are_floats(self, growth: Growth) -> bool:
        return self.meaning.values(self.module, growth.loop, growth.name, "dtype") == {"float64"}

    def _numbers_of(self, node: ast.expr) -> Start | None:
        """The numbers of a new array of one axis, or of a list."""
        match node:
            case ast.List(elts=parts):
                is_list = True
            case ast.Call(func=func, args=[ast.List(elts=parts)]) if self.meaning.full(
                self.module, func
            ) == "numpy.array" and self._is_plain(node):
                is_list = False
            case ast.Call(func=func, args=[ast.Constant(value=0)]) if self._is_plain(node):
                makers = ("numpy.zeros", "numpy.empty", "numpy.ones")
                known = self.meaning.full(self.module, func) in makers
                return Start(value=node, numbers=(), is_list=False) if known else None
            case ast.Call(func=func, args=[ast.Constant(value=1)]) if self._is_plain(node):
                first = {"numpy.zeros": "0.0", "numpy.ones": "1.0"}.get(self.meaning.full(self.module, func))
                return Start(value=node, numbers=(first,), is_list=False) if first else None
            case _:
                return None
        texts = tuple(ast.unparse(part) for part in parts if _is_constant(part))
        return Start(value=node, numbers=texts, is_list=is_list) if len(texts) == len(parts) else None

    def _is_plain(self, call: ast.Call) -> bool:
        """Is its type the one that NumPy would choose, or double precision?"""
        return all(
            keyword.arg == "dtype"
            and (
                ast.unparse(keyword.value) == "float"
                or self.meaning.full(self.module, keyword.value) == "numpy.float64"
            )
            for keyword in call.keywords
        )

    def _pieces_problem(self, growth: Growth, home: ast.AST) -> Problem | None:
        """Why the pieces cannot be kept in a list and joined after the loop."""
        name, loop, first = growth.name, growth.loop, growth.additions[0]
        line = first.statement.lineno
        if growth.reads:
            return Problem(
                line=growth.reads[0].lineno,
                reason=f"`{name}` is read while it grows, and how it began is not plain",
            )
        dtypes = self.meaning.values(self.module, loop, name, "dtype")
        if not dtypes or not dtypes <= _WIDE:
            shown = ", ".join(sorted(dtypes)) or "unknown"
            return Problem(
                line=line, reason=f"the type of `{name}`'s elements may depend on the order ({shown})"
            )
        if not self.meaning.is_array(self.module, loop, name):
            return Problem(line=line, reason=f"`{name}` was not always an array")
        if first.axis and not first.axis.lstrip("-").isdigit():
            return Problem(line=line, reason=f"the axis `{first.axis}` is not written as a number")
        ranks = self.meaning.values(self.module, loop, name, "ndim")
        if first.function == "numpy.append" and not first.axis and ranks != {"1.0"}:
            return Problem(line=line, reason=f"np.append flattens `{name}`, which had several axes")
        binds = [
            node
            for node in own_nodes(home)
            if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        ]
        known = {one.statement.targets[0] for one in growth.additions}
        for node in binds:
            if node not in known and not isinstance(
                self.module.parents.get(node), ast.Assign | ast.AnnAssign
            ):
                return Problem(line=node.lineno, reason=f"what `{name}` is before the loop cannot be told")
        group = self.sharing.group(self.module, home, name) - {name}
        changed = self.changes.changed(self.module, ast.walk(loop))
        if changed & group or (KEPT in group and self._runs_unknown(loop)):
            return Problem(
                line=line,
                reason=f"`{name}` may share memory with what the loop changes",
                advice=f"begin with a copy: `{name}.copy()`",
            )
        return None

    def _runs_unknown(self, loop: Loop) -> bool:
        return any(
            isinstance(n, ast.Call) and self.meaning.called(self.module, n) != [] for n in ast.walk(loop)
        )


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _earlier(module: Module, loop: Loop) -> Sequence[ast.stmt]:
    """The statements in front of a loop in its own block."""
    home = module.parents[loop]
    blocks = (getattr(home, field, None) for field in ("body", "orelse", "finalbody"))
    block = next((block for block in blocks if isinstance(block, list) and loop in block), [loop])
    return block[: block.index(loop)]


def search_in(project: Project, module: Module) -> GrowthSearch:
    """What examines the loops of a file."""
    found = Ownership.of(project)
    return GrowthSearch(found.meaning, found.sharing, found.changes, module)


def growths(search: GrowthSearch, loops: list[Loop]) -> list[Growth]:
    """Arrays that loops grow: with the outermost loop that could gather them, or the innermost's problem."""
    best: dict[tuple[ast.AST, str], Growth] = {}
    for loop in loops:
        if not isinstance(loop, LOOPS):
            continue
        home = search.meaning.home(search.module, loop)
        for node in ast.walk(loop):
            found = search.addition(node)
            if found is None or search.meaning.home(search.module, node) is not home:
                continue
            known = best.get((home, found[0]))
            if known is None or (known.problem is not None and known.loop is not loop):
                best[home, found[0]] = search.examined(found[0], loop)
    return list(best.values())
