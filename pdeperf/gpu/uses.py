"""What the statements around array computations do with arrays that live on the GPU."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

from pdeperf.arrays.dtypes import KNOWN, Unliftable
from pdeperf.arrays.ir import Definition
from pdeperf.arrays.program import Item, Kept, Nested, Run, runs_of
from pdeperf.gpu.calls import as_device_call
from pdeperf.gpu.first import is_new_first, is_read_first, kept_statements
from pdeperf.gpu.names import GpuNames
from pdeperf.gpu.passed_on import Pairs, by_runs, by_statements, origins, put_by, renewed
from pdeperf.gpu.reach import At, Reached, Use, root_of
from pdeperf.gpu.types import check_bound, check_numbers, check_types
from pdeperf.gpu.words import numbers_read

_LEAVING = ("builtins.exit", "builtins.quit", "sys.exit", "os._exit")


@dataclass(slots=True)
class Arrays(Reached):
    """The arrays of a region that live on the GPU while it runs.

    Attributes
    ----------
    late
        Those that the region itself makes and that are looked at after it.
    returned
        Those whose values the host gets at the end.
    kept
        Those whose host arrays stay the same objects: they are filled.
    dead
        Those that nobody reads after the region.
    changed
        Those whose values, or whose names' arrays, become others.
    changed_outside
        Those of which statements that are no runs change cells.
    exact
        Is everything computed with NumPy's own operations?
    has_calls
        Are there statements that become CuPy's own calls?
    is_heavy
        Do libraries' functions work there, on more than the cells that kernels compute?
    matrices
        Sparse matrices, and their names there.
    exchanged
        Names whose arrays take turns on the host as they do there, because something else knows them.
    only_there, origins
        Names that statements bind to other names' arrays on the GPU only, and whose these are.
    second_names
        Those names, and the names of the arrays that they get.
    """

    late: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    kept: frozenset[str] = frozenset()
    dead: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    changed_outside: frozenset[str] = frozenset()
    exact: bool = True
    is_heavy: bool = False
    has_calls: bool = False
    matrices: dict[str, str] = field(default_factory=dict)
    types: dict[str, tuple[str, int]] = field(default_factory=dict)
    exchanged: frozenset[str] = frozenset()
    only_there: frozenset[str] = frozenset()
    origins: dict[str, tuple[str, bool]] = field(default_factory=dict)
    second_names: Pairs = field(default_factory=list)
    _uses: dict[int, Use] = field(default_factory=dict)
    _alive: list[object] = field(default_factory=list)

    @classmethod
    def of(cls, names: GpuNames, items: Sequence[Item]) -> "Arrays":
        """Find out about a region.

        Raises
        ------
        Unliftable
            If what the host would see cannot be told.
        """
        self = cls(names)
        self._find(items)
        return self

    def _find(self, items: Sequence[Item]) -> None:
        runs = list(runs_of(items))
        entries = {name: buffer for run in runs for name, buffer in run.entry.items()}
        bound = {name for run in runs for name in run.names}
        for name in [*entries, *sorted(bound)]:
            self._add(name)
        self._passed = by_runs(runs)
        for run in runs:
            check_numbers(self, run)
        check_types(runs)
        for name, buffer in entries.items():
            self.types[name] = buffer.dtype, len(buffer.shape)
        split = self.split(items)
        statements = list(kept_statements(split))
        own = self._own_calls(statements)
        self.second_names = by_statements(self, statements)
        self._passed += self.second_names
        self._uses.clear()
        turns = [each for each in statements if self.is_turn(each)]
        turned = frozenset[str]().union(*(self.use(each).binds for each in turns))
        binds = frozenset[str]().union(*(self.use(each).binds for each in statements if each not in turns))
        for each in statements:
            check_bound(self, each)
        new = (self.use(each).binds for each in statements if not self.is_exchange(each))
        anew = renewed(runs, self._passed, frozenset[str]().union(*new)) | binds | own
        written = {
            step.target.buffer.name
            for run in runs
            for step in run.steps
            if isinstance(step, Definition) and step.target.buffer in run.entry.values()
        }
        self.changed_outside = frozenset[str]().union(*(self.use(each).writes for each in statements))
        written |= self.changed_outside
        after = self.names.live_after(self.names.region) | self.names.captured
        for item in statements:
            call = as_device_call(item.statement, self.names, frozenset(self.device))
            if call is not None and call.is_view and (parts := written & {*call.arrays, *call.binds}):
                raise Unliftable(f"`{sorted(parts)[0]}` changes, and part of it has another name")
            is_second_name = call is not None and call.is_alias and len(call.arrays) > len(call.binds)
            if call is not None and is_second_name and set(map(root_of, call.arrays)) <= after:
                raise Unliftable(f"`{min(call.binds)}` becomes another name of an array")
        swapped = {name for name in bound | turned if name not in anew}
        for run in runs:
            self._check_exchange(run, swapped)
        before = frozenset(filter(self.is_known_before, self.device))
        held = frozenset[str]().union(*(self.use(each).held for each in statements))
        if others := sorted(held & anew & before):
            raise Unliftable(f"`{others[0]}` becomes another array, and something else knows the first")
        for name, source in self._passed:
            is_new = (name in anew or name not in self.types) and name in after
            if is_new and source in before and not self._is_private(source):
                raise Unliftable(f"`{name}` may be left with the array of `{source}`, which others know")
        changed = self.one_array(frozenset(name for name in written if not is_new_first(self, name, split)))
        for name in sorted(changed & anew & before):
            if not self._is_private(name):
                raise Unliftable(f"`{name}` is changed, and then stands for another array")
        put_by(self, split, anew)
        for name in sorted(before - self.types.keys()):
            kind = self.names._kind(ast.parse(name, mode="eval").body)
            if kind.is_array and is_read_first(self, name, items):
                self.types[name] = kind.dtype, kind.ndim
        self.uploaded = [name for name in self.device if name in before and name in self.types]
        live = frozenset[str]().union(*(run.live for run in runs)) | binds | own | turned
        # What only the rewrite has, and what the file does not read again, nobody looks at after it.
        on_host = frozenset[str]().union(
            *(use.binds for each in statements if (use := self.use(each)).as_device is None)
        )
        self.dead = frozenset(filter(str.isidentifier, own - after - on_host - written - swapped))
        self.changed = frozenset(written | swapped | anew)
        wanted = (written | swapped | (anew & live)) - self.names.made - self.dead
        self.returned = sorted(wanted)
        self.late = [name for name in sorted(wanted) if name not in self.uploaded]
        self.kept = frozenset(self.uploaded) - anew
        # Exchanged together or not at all: half an exchange would lose an array.
        known = any(not self._is_private(name) for name in swapped) or bool(swapped & self._escaping)
        self.exchanged = frozenset(swapped) if known else frozenset()
        self._uses.clear()
        self.only_there = frozenset(name for name, _ in self.second_names) - self.exchanged
        self.origins = origins(self, split)

    def alone(self, items: Sequence[Item]) -> frozenset[str]:
        """Names of new arrays that CuPy's own functions make, and that nobody else knows."""
        found: set[str] = set()
        known: set[str] = set()
        for item in kept_statements(self.split(items)):
            call = as_device_call(item.statement, self.names, frozenset(self.device))
            if call is None or call.is_alias or call.is_view:
                use = self.use(item)
                known |= use.reads | use.binds | use.held
            else:
                found |= call.binds
        return frozenset(name for name in found - known if root_of(name) not in self.names.before)

    def _check_exchange(self, run: Run, swapped: set[str]) -> None:
        """Refuse half an exchange, ``u, v = v, u`` with nobody to read ``v``: it would lose an array."""
        names = {name for name in run.names if name in swapped}
        loops = [
            n for part in self.names.region for n in ast.walk(part) if isinstance(n, ast.For | ast.While)
        ]
        read = self.names.live_after(self.names.region)
        read = read.union(*(self.names.live_after(loop.body[-1:]) for loop in loops))
        if lost := sorted(name for name in names - run.live if name in read):
            raise Unliftable(f"`{lost[0]}` becomes another name of an array")
        gone = {run.entry[name] for name in names - run.live if name in run.entry}
        for name in names & run.live:
            if run.names[name].buffer in gone and not all(map(self._is_private, names)):
                raise Unliftable(f"`{name}` takes the array of a name that nobody reads any more")

    def _add(self, name: str) -> None:
        if name not in self.device:
            stem = name.replace("self.", "") if name.startswith("self.") else name
            self.device[name] = self.names.fresh_plain(f"{stem}_gpu")

    def _own_calls(self, statements: Sequence[Kept]) -> set[str]:
        """Names bound by statements that become CuPy's own calls, with the arrays that these read."""
        found: set[str] = set()
        while True:
            known = len(self.device)
            for item in statements:
                call = as_device_call(item.statement, self.names, frozenset(self.device))
                if call is None:
                    continue
                for name, (dtype, ndim) in call.arrays.items():
                    if dtype not in KNOWN:
                        continue
                    self._add(name)
                    if name not in call.binds or name in call.reads:
                        self.types.setdefault(name, (dtype, ndim))
                found |= set() if self.is_turn(item) else call.binds
                self.has_calls = self.has_calls or not call.is_alias
                self.is_heavy = self.is_heavy or call.is_heavy or bool(call.matrices)
                for name in call.matrices - self.matrices.keys():
                    self.matrices[name] = self.names.fresh_plain(f"{name.removeprefix('self.')}_gpu")
                self.exact = self.exact and call.exact
            if len(self.device) == known:
                return found

    def most_cells(self) -> int:
        """Cells of the largest array, as seen when the script ran, or entries of the largest matrix."""
        cells = [self._cells(name) for name in self.uploaded]
        entries = [int(value) for name in self.matrices for value in self.names._rows(name, "nnz_count")]
        return max([*cells, *entries], default=0)

    def seen_bytes(self, names: Sequence[str]) -> int:
        """Bytes of some arrays, eight for each cell."""
        return 8 * sum(map(self._cells, names))

    def _cells(self, name: str) -> int:
        shape = self.names._shape(name, self.types.get(name, ("", 0))[1])
        return prod(shape) if shape else 0

    def upload(self, name: str) -> str:
        """An expression that moves a host array to the GPU."""
        dtype = self.types.get(name, ("", 0))[0]
        kind = f', dtype="{dtype}"' if dtype and name not in self.uploaded else ""
        return f'cp.asarray({name}{kind}, order="C")'

    def host_copy(self, name: str) -> str:
        """The host's array for ``ndarray.set``."""
        return name

    def split(self, items: Sequence[Item]) -> list[Item]:
        """With branches taken apart, so that arrays are moved where they are needed."""
        found: list[Item] = []
        for item in items:
            match item:
                case Kept(statement=ast.If() | ast.For() | ast.While() as branch, text="") if isinstance(
                    branch, ast.If
                ) or self._has_calls(branch):
                    self._put_on_lines(branch)
                    blocks: dict[str, list[Item]] = {
                        "body": self.split([Kept(each) for each in branch.body]),
                        "orelse": self.split([Kept(each) for each in branch.orelse]),
                    }
                    found.append(Nested(branch, blocks))
                case Nested():
                    found.append(
                        Nested(
                            item.statement, {name: self.split(block) for name, block in item.blocks.items()}
                        )
                    )
                case _:
                    found.append(item)
        return found

    def _put_on_lines(self, branch: ast.If | ast.For | ast.While) -> None:
        """Statements beside a head get lines of their own: ``if it % 10 == 0: print(it)``."""
        for block in (branch.body, branch.orelse):
            if block and len({branch.lineno, *(part.lineno for part in block)}) <= len(block):
                self.names.rewritten |= {id(part) for part in block}

    def _has_calls(self, loop: ast.stmt) -> bool:
        """Is there work in a loop that CuPy's own functions do?"""
        return any(
            isinstance(node, ast.Assign) and as_device_call(node, self.names, frozenset()) is not None
            for node in ast.walk(loop)
        )

    def head(self, statement: ast.stmt) -> Use:
        """What the first line of a compound statement reads.

        Raises
        ------
        Unliftable
            If it does so every turn.
        """
        match statement:
            case ast.While(test=test):
                use = self._of(test)
                if use.reads | use.writes:
                    raise Unliftable(f"`while {ast.unparse(test)[:40]}` looks at an array every turn")
                return use
            case ast.If(test=head) | ast.For(iter=head):
                use = self._of(head)
                if use.writes:
                    raise Unliftable(f"`{ast.unparse(head)[:40]}` may change an array")
                return use
            case ast.With(items=parts):
                if any(self._of(part).reads for part in parts):
                    raise Unliftable("`with` an array")
                return Use()
        raise Unliftable(f"line {statement.lineno}: a block of this kind")

    def use(self, item: Kept) -> Use:
        """What a statement does that stays as it is."""
        statement = item.statement
        if id(statement) not in self._uses:
            self._alive.append(statement)
            self._uses[id(statement)] = self._statement(statement)
        return self._uses[id(statement)]

    def _statement(self, statement: ast.stmt) -> Use:
        if any(
            isinstance(node, ast.Try | ast.Yield | ast.YieldFrom | ast.Await) for node in ast.walk(statement)
        ):
            raise Unliftable(f"line {statement.lineno}: `try`, or a generator")
        call = as_device_call(statement, self.names, frozenset(self.device))
        if call is not None:
            needs = frozenset(call.arrays.keys() - call.binds) | call.reads
            return Use(writes=call.changes, binds=call.binds, as_device=call.text, needs=needs)
        use = self._of(statement)
        if isinstance(statement, ast.Return | ast.Raise) or any(
            self.names.called(node.func) in _LEAVING
            for node in ast.walk(statement)
            if isinstance(node, ast.Call)
        ):
            every = frozenset(filter(self.is_known_before, self.device))
            return Use(use.reads | every, use.writes, use.binds, held=use.held)
        return use

    def with_numbers(self, item: Kept, at: At, fresh: set[str]) -> Kept | None:
        """A statement whose numbers are made where the arrays are; None if that moves no less."""
        if item.text or not isinstance(item.statement, ast.Expr | ast.Assign | ast.AugAssign):
            return None
        known = frozenset(self.device) - fresh

        def noted(name: str) -> str:
            there = at(name)
            self._there.add(there)
            return there

        found = numbers_read(item.statement, self.names, known, noted)
        if found is None:
            return None
        changed, exact = found
        ast.fix_missing_locations(changed)
        self._alive.append(changed)
        self.exact = self.exact and exact
        return Kept(changed, text=ast.unparse(changed), keeps_sizes=item.keeps_sizes)

    def aliased(self, items: Sequence[Item]) -> frozenset[str]:
        """Arrays that a statement gives another name to."""
        found: set[str] = set()
        for item in kept_statements(items):
            call = as_device_call(item.statement, self.names, frozenset(self.device))
            found |= set(call.arrays) if call is not None and call.is_alias else set()
        return frozenset(found)

    def drop(self, names: frozenset[str]) -> None:
        """Names that nothing binds any more, because nobody reads them."""
        self.dead |= names
        self.returned = [name for name in self.returned if name not in names]
        self.late = [name for name in self.late if name not in names]

    def is_turn(self, item: Kept) -> bool:
        """Do names only get one another's arrays: ``u, v = v, u``?"""
        call = as_device_call(item.statement, self.names, frozenset(self.device))
        return call is not None and call.is_alias and call.binds == call.arrays.keys()

    def turned_there(self, item: Kept) -> list[str]:
        """The same exchange of the host's arrays, where others know them."""
        known = self.is_turn(item) and self.use(item).binds <= self.exchanged
        return ast.unparse(item.statement).splitlines() if known else []

    def is_exchange(self, item: Kept) -> bool:
        """Does a statement only give arrays other names?"""
        call = as_device_call(item.statement, self.names, frozenset(self.device))
        return call is not None and call.is_alias
