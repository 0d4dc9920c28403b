"""A program as Python text: the user's statements where they stayed, loops where arrays were computed."""

import ast
import copy
import tokenize
from collections.abc import Iterator, Sequence

from pdeperf.arrays.ir import Buffer, Definition, Reduction
from pdeperf.arrays.loops.beside import apart_from_text
from pdeperf.arrays.loops.boxes import is_box, turn_together
from pdeperf.arrays.loops.line_choice import LineChoice
from pdeperf.arrays.loops.line_writer import LineWriter
from pdeperf.arrays.loops.printing import FUNCTIONS
from pdeperf.arrays.loops.row_then_cells import in_one_loop
from pdeperf.arrays.loops.run_writer import RunWriter
from pdeperf.arrays.loops.schedule import Form, Recompute, Schedule, scheduled
from pdeperf.arrays.loops.slots import Loop
from pdeperf.arrays.loops.time_tiles import tiled
from pdeperf.arrays.loops.unseen import is_unseen
from pdeperf.arrays.loops.written import Written
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Kept, Nested, Run, bound_by_text, runs_of
from pdeperf.arrays.sizes import Sizes, names_of
from pdeperf.source.edits import indentation, lines_extent, owns_lines

Lines = list[str]
_STEP = "    "
_LOOPS = (ast.For, ast.While)


class Writer:
    """Writes one region.

    Parameters
    ----------
    names, sizes
        Of the region.
    library
        The user's name of NumPy.
    recompute
        See :func:`pdeperf.arrays.loops.schedule.scheduled`.
    form
        The order in which cells are computed.

    Attributes
    ----------
    in_order
        Loops run in order, so that a row can be stored when those after it have read it.
    """

    in_order = True

    def __init__(
        self,
        names: Names,
        sizes: Sizes,
        library: str,
        *,
        recompute: Recompute,
        form: Form = Form.NESTS,
    ) -> None:
        self._names, self._sizes, self._library = names, sizes, library
        self._recompute, self.form = recompute, form
        self.in_order = self.in_order and form is not Form.APART
        self._loops: list[Loop] = []
        self._counters: set[str] = set()
        self._exact = True
        self.arrays: dict[str, Buffer] = {}
        self.helpers: set[str] = set()
        self.by_text: frozenset[str] = frozenset()
        self.shared: set[str] = set()
        self.behind: set[str] = set()
        self._is_tiled = False
        self._has_lines = False
        self._lines = LineChoice(self)
        self._private: frozenset[str] = frozenset()
        self._forgotten: frozenset[str] = frozenset()

    def region(self, items: Sequence[Item]) -> Written:
        """The whole region's text, from column 0."""
        self._private = self._lines.private_arrays(items)
        self.by_text = bound_by_text(items)
        lines = self._block(items)
        checks = [text for text in self._sizes.checks if not names_of(text) & self.by_text]
        late = [text for text in self._sizes.checks if names_of(text) & self.by_text]
        if late:
            raise LateCheck(late[0])
        self.helpers |= {name for name in FUNCTIONS if any(f"{name}(" in line for line in lines)}
        return Written(
            lines,
            tuple(checks),
            frozenset(self._counters),
            self._exact,
            self.arrays,
            frozenset(self.helpers),
            self._private | self._forgotten,
            frozenset(self.shared),
            frozenset(self.behind),
            self._is_tiled,
            self._has_lines,
        )

    def _block(self, items: Sequence[Item]) -> Lines:
        done = 0
        lines: Lines = []
        for position, item in enumerate(items):
            if position < done:
                continue
            if (by_lines := self._by_lines(items[position:])) is not None:
                lines += by_lines[0]
                done = position + by_lines[1]
                continue
            together = in_one_loop(self, *items[position : position + 2]) if items[position + 1 :] else None
            if together is not None:
                lines += together
                done = position + 2
                continue
            match item:
                case Kept():
                    lines += self._kept(item)
                case Run():
                    lines += self._run(item)
                case Nested():
                    lines += self._nested(item)
        return lines

    def _kept(self, item: Kept) -> Lines:
        if item.text:
            return item.text.splitlines()
        statement, module = item.statement, self._names.module
        if id(statement) in self._names.rewritten or not owns_lines(module, [statement]):
            return ast.unparse(statement).splitlines()
        start, end = lines_extent(module, [statement])
        indent = indentation(module, statement)
        return _standing_alone([_unindented(row, indent) for row in module.text[start:end].splitlines()])

    def _by_lines(self, items: Sequence[Item]) -> tuple[Lines, int] | None:
        """The text of the items that go line by line together, and how many they are."""
        found = self._lines.at(items)
        if found is None:
            return None
        lines, count = found
        self._has_lines = True
        writer = LineWriter(self, lines, self._private)
        text = writer.text()
        self._forgotten |= lines.forgotten
        for part in lines.parts:
            self._note(part.run, writer.counters)
        return text, count

    def head(self, statement: ast.stmt) -> Lines:
        """The first lines of a compound statement, as the user wrote them."""
        module = self._names.module
        body: list[ast.stmt] = getattr(statement, "body")  # noqa: B009 - blocks have one
        head_end = body[0].lineno
        rows = [module.lines[line - 1].rstrip("\r\n") for line in range(statement.lineno, head_end)]
        indent = indentation(module, statement)
        while rows and (not rows[-1].strip() or rows[-1].strip().startswith("#")):
            rows.pop()
        head = [_unindented(row, indent) for row in rows]
        if not head or id(statement) in self._names.rewritten:
            head = _head(statement)
        return _standing_alone(head)

    def _nested(self, item: Nested) -> Lines:
        if (in_tiles := tiled(self, item, self._names, self._sizes)) is not None:
            self._is_tiled = True
            lines, run, counters = in_tiles
            self._note(run, counters)
            return lines
        statement = item.statement
        head = self.head(statement)
        loop, inner = self._inside(statement, item.blocks["body"])
        lines = [*loop.before, *head, *(_STEP + row if row else row for row in inner)]
        if orelse := item.blocks.get("orelse"):
            rest, branch = self._block(orelse), getattr(statement, "orelse")  # noqa: B009 - it has one
            is_chain = isinstance(statement, ast.If) and len(branch) == 1 and isinstance(branch[0], ast.If)
            if is_chain and rest and rest[0].startswith("if "):
                return [*lines, "el" + rest[0], *rest[1:]]
            lines += ["else:", *(_STEP + row if row else row for row in rest)]
        return lines + loop.after

    def _inside(self, statement: ast.stmt, items: list[Item]) -> tuple[Loop, Lines]:
        """The body of a loop or a branch; written again when it turns out that arrays take turns."""
        loop = Loop(statement, items)
        if not isinstance(statement, _LOOPS):
            return loop, self._block(items) or ["pass"]
        taken = self._names.taken
        while True:
            known = len(loop.working)
            self._names.taken = taken.union(*loop.working.values())
            loop.before.clear()
            loop.after.clear()
            self._loops.append(loop)
            lines = self._block(items)
            self._loops.pop()
            if len(loop.working) == known:
                return loop, lines or ["pass"]

    def is_there(self, name: str) -> bool:
        """Does an array that is known before the region stand where the region's do?"""
        return True

    def current(self, name: str, *, outside: bool = False) -> str:
        """The name that holds an array's values now: another one where buffers take turns."""
        for loop in reversed(self._loops[:-1] if outside else self._loops):
            if name in loop.working:
                return loop.working[name][0]
        return name

    def _run(self, run: Run) -> Lines:
        if run.relied is None:
            return self._loops_of(run)
        saved = self._sizes.saved()
        self._sizes.restore(run.relied)
        known = self._sizes.checks
        lines = self._loops_of(run)
        new = [text for text in self._sizes.checks if text not in known]
        self._sizes.restore(saved)
        if new:
            raise LateCheck(new[0])
        return lines

    def _loops_of(self, run: Run) -> Lines:
        unseen = self._may_rotate(run)
        rotate = unseen or self._is_unseen(run, may_read=True)
        in_order = self.in_order and self.form is Form.NESTS
        schedule = scheduled(run, self._sizes, recompute=self._recompute, rotate=rotate, in_order=in_order)
        doubled = [step for step in run.steps if step_is_doubled(step, schedule)]
        in_turn = unseen and self.form in (Form.NESTS, Form.ROWS, Form.APART)
        in_turn = in_turn and turn_together(doubled, self._sizes)
        in_turn = in_turn and all(is_box(step) and not self._is_rebound(step) for step in doubled)
        turning = {step.target.buffer.array.name for step in doubled if isinstance(step, Definition)}
        if (
            rotate
            and doubled
            and not (in_turn and apart_from_text(turning, self._loops[-1].items, self._names))
        ):
            rotate = False
            schedule = scheduled(run, self._sizes, recompute=self._recompute, in_order=in_order)
        lines = [row for kept in run.before for row in self._kept(kept)]
        writer = RunWriter(self, run, schedule, rotate=rotate)
        lines += writer.lines()
        self._note(run, writer.counters)
        return lines

    def _note(self, run: Run, counters: Sequence[str]) -> None:
        """Note what was used to write a run."""
        self._counters |= set(counters)
        self._exact = self._exact and all(step.exact for step in run.steps if isinstance(step, Definition))

    def _is_rebound(self, step: Definition | Reduction) -> bool:
        """Does the loop bind the array's name to another array?"""
        assert isinstance(step, Definition)
        buffer = step.target.buffer.array
        bound = {name for run in runs_of(self._loops[-1].items) for name in run.names}
        return buffer.is_temporary or buffer.name in bound

    def comments(self, run: Run) -> list[tuple[int, str]]:
        """Comments above and between the run's statements and at the ends of their lines, by line."""
        module = self._names.module
        if not run.statements or id(run.statements[0]) in self._names.rewritten:
            return []
        first, last = run.statements[0], run.statements[-1]
        start = first.lineno
        while start - 1 > self._names.region[0].lineno and module.lines[start - 2].strip().startswith("#"):
            start -= 1
        rows = module.lines[start - 1 : last.end_lineno or last.lineno]
        kept = "".join(row for each in run.before for row in self._kept(each))
        return [(start - 1 + number, text) for number, text in _comments_in(rows) if text not in kept]

    @property
    def loop(self) -> Loop | None:
        """The innermost loop around what is being written."""
        return self._loops[-1] if self._loops else None

    def _may_rotate(self, run: Run) -> bool:
        return self._is_unseen(run)

    def _is_unseen(self, run: Run, *, may_read: bool = False) -> bool:
        if not self._loops or run.guards:
            return False
        return is_unseen(run, self._loops[-1], self._names, may_read=may_read)

    def inexact(self) -> None:
        """Note that something is computed in another way than NumPy's."""
        self._exact = False


def _comments_in(rows: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The comments in some lines of code, with their line, the first being 1."""
    source = iter([row.lstrip() for row in rows])
    try:
        for token in tokenize.generate_tokens(lambda: next(source, "")):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, IndentationError):
        return


class LateCheck(Exception):  # noqa: N818 - a reason, not a fault
    """A condition on sizes that cannot be checked when the region is entered."""


def _head(statement: ast.stmt) -> Lines:
    """The first line of a compound statement that does not stand in the file."""
    bare = copy.copy(statement)
    bare.body, bare.orelse = [ast.Pass()], []  # type: ignore[attr-defined]
    return ast.unparse(bare).splitlines()[:-1]


def step_is_doubled(step: Definition | Reduction, schedule: Schedule) -> bool:
    """Does a step go to a second buffer?"""
    return isinstance(step, Definition) and step.target in schedule.doubled


def _standing_alone(rows: Lines) -> Lines:
    """``elif`` as ``if``: a chain is made again where it can be."""
    return [rows[0].removeprefix("el"), *rows[1:]] if rows[0].startswith("elif ") else rows


def _unindented(row: str, indent: str) -> str:
    return row[len(indent) :] if row.startswith(indent) else row.lstrip()
