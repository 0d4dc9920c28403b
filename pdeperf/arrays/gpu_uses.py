"""What the statements around array computations do with arrays that live on the GPU."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import prod

from pdeperf.arrays.dtypes import KNOWN, Unliftable
from pdeperf.arrays.gpu_calls import as_device_call, numbers_read
from pdeperf.arrays.gpu_names import GpuNames
from pdeperf.arrays.ir import Buffer, Definition, Scalar, walk
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.program import Item, Kept, Nested, Run, runs_of
from pdeperf.arrays.readers import gives_new, is_reader
from pdeperf.source import Module
from pdeperf.source.scopes import own_nodes, scope_of

_ABOUT = frozenset(("shape", "size", "ndim", "dtype", "nbytes", "itemsize", "flags"))
_CHANGING = frozenset(("sort", "fill", "resize", "put", "partition", "itemset", "setflags", "setfield"))
_INTO_FIRST = frozenset(
    "numpy.copyto numpy.put numpy.place numpy.putmask numpy.fill_diagonal numpy.random.shuffle "
    "numpy.add.at numpy.subtract.at numpy.multiply.at".split()
)
_LOOKING = ("numpy.", "math.", "builtins.", "matplotlib.", "scipy.", "time.", "os.", "pathlib.", "h5py.")
_LOOKING_METHODS = frozenset(
    "append extend write plot semilogy semilogx loglog imshow contour contourf pcolormesh quiver streamplot "
    "plot_surface scatter set_data set_array set_ydata set_clim set_title set_xlabel set_ylabel set_ylim "
    "set_xlim legend colorbar suptitle savefig pause draw flush update set_description format join "
    "writerow create_dataset info debug close add_subplot text grid axis clf cla tight_layout".split()
)
_LEAVING = ("builtins.exit", "builtins.quit", "sys.exit", "os._exit")

At = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Use:
    """What a statement does with arrays.

    Attributes
    ----------
    as_device
        Its text as CuPy's own calls, if it can be written so.
    """

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    as_device: Callable[[At], list[str]] | None = None


@dataclass(slots=True)
class Arrays:
    """The arrays of a region that live on the GPU while it runs.

    Attributes
    ----------
    device
        Their names there.
    uploaded
        Those that are moved there before the region.
    late
        Those that the region itself makes and that are looked at after it.
    returned
        Those whose values the host gets at the end.
    kept
        Those whose host arrays stay the same objects: they are filled.
    dead
        Those that nobody reads after the region.
    exact
        Is everything computed with NumPy's own operations?
    has_calls
        Are there statements that become CuPy's own calls?
    is_heavy
        Do libraries' functions work there, on more than the cells that kernels compute?
    matrices
        Sparse matrices, and their names there.
    """

    names: GpuNames
    device: dict[str, str] = field(default_factory=dict)
    uploaded: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    kept: frozenset[str] = frozenset()
    dead: frozenset[str] = frozenset()
    exact: bool = True
    is_heavy: bool = False
    has_calls: bool = False
    matrices: dict[str, str] = field(default_factory=dict)
    types: dict[str, tuple[str, int]] = field(default_factory=dict)
    _swapped: frozenset[str] = frozenset()
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
        entries: dict[str, Buffer] = {}
        for run in runs:
            entries |= run.entry
        bound = {name for run in runs for name in run.names}
        for name in [*entries, *sorted(bound)]:
            self._add(name)
        for run in runs:
            self._check_numbers(run)
        for name, buffer in entries.items():
            self.types[name] = buffer.dtype, len(buffer.shape)
        statements = list(_kept_statements(self.split(items)))
        own = self._own_calls(statements)
        binds = frozenset[str]().union(*(self.use(each).binds for each in statements))
        renewed = self._renewed(runs) | binds | own
        written = {
            step.target.buffer.name
            for run in runs
            for step in run.steps
            if isinstance(step, Definition) and step.target.buffer in run.entry.values()
        }
        written |= frozenset[str]().union(*(self.use(each).writes for each in statements))
        swapped = {name for name in bound if name not in renewed}
        before = frozenset(filter(self._is_known_before, self.device))
        for name in sorted(written & renewed & before):
            if not self._is_private(name) and not self._is_new_first(name, items):
                raise Unliftable(f"`{name}` is changed, and then stands for another array")
        self.uploaded = [name for name in self.device if name in before and name in self.types]
        live = frozenset[str]().union(*(run.live for run in runs)) | binds | own
        # What only the rewrite has, and what the file does not read again, nobody looks at after it.
        after = self.names.live_after(self.names.region) | self.names.captured
        on_host = frozenset[str]().union(
            *(use.binds for each in statements if (use := self.use(each)).as_device is None)
        )
        self.dead = frozenset(filter(str.isidentifier, own - after - on_host - written - swapped))
        wanted = (written | swapped | (renewed & live)) - self.names.made - self.dead
        self.returned = sorted(wanted)
        self.late = [name for name in sorted(wanted) if name not in self.uploaded]
        self.kept = frozenset(self.uploaded) - renewed
        # Exchanged together or not at all: half an exchange would lose an array.
        known = any(not self._is_private(name) for name in swapped)
        self._swapped = frozenset(swapped) if known else frozenset()
        self._uses.clear()

    def _check_numbers(self, run: Run) -> None:
        """Numbers in array expressions are computed by the host: they must not be taken from arrays there."""
        for step in run.steps:
            parts = [*walk(step.expr)]
            if isinstance(step, Definition) and step.mask is not None:
                parts += walk(step.mask)
            for part in parts:
                if isinstance(part, Scalar) and self._of(ast.parse(part.text, mode="eval")).reads:
                    raise Unliftable(f"`{part.text}` is taken from an array on the GPU")

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
                found |= call.binds
                self.has_calls = self.has_calls or not call.is_alias
                self.is_heavy = self.is_heavy or call.is_heavy or bool(call.matrices)
                for name in call.matrices - self.matrices.keys():
                    self.matrices[name] = self.names.fresh_plain(f"{name.removeprefix('self.')}_gpu")
                self.exact = self.exact and call.exact
            if len(self.device) == known:
                return found

    def _renewed(self, runs: Sequence[Run]) -> set[str]:
        """Names that come to stand for arrays made in the region."""
        found: set[str] = set()
        while True:
            known = len(found)
            for run in runs:
                for name, view in run.names.items():
                    source = next((each for each, b in run.entry.items() if b == view.buffer), None)
                    if source is None or source in found:
                        found.add(name)
            if len(found) == known:
                return found

    def _is_known_before(self, name: str) -> bool:
        """Is there an array of this name when the region begins, here or around the function?"""
        return _root(name) in self.names.before or self._is_outer(name)

    def _is_outer(self, name: str) -> bool:
        root = _root(name)
        return root not in self.names.scope.binds and root in _bound_in(self.names.module)

    def _is_new_first(self, name: str, items: Sequence[Item]) -> bool:
        """Does every turn bind a name to a new array before it changes that?

        Only then what is changed is never the array that stood there before the region.
        """
        for item in items:
            match item:
                case Run():
                    mine = item.entry.get(name)
                    steps = [step for step in item.steps if isinstance(step, Definition)]
                    if mine is not None and any(step.target.buffer == mine for step in steps):
                        return False
                    view = item.names.get(name)
                    if view is not None:
                        return view.buffer.is_temporary
                case Kept():
                    use = self.use(item)
                    if name in use.writes:
                        return False
                    if name in use.binds:
                        call = as_device_call(item.statement, self.names, frozenset(self.device))
                        return call is not None and not call.is_alias
                case Nested(statement=ast.If()):
                    if any(name in self._changed_in(block) for block in item.blocks.values()):
                        return False
                case Nested():
                    # What stands before a loop's first turn stands there after none, too.
                    return self._is_new_first(name, item.blocks["body"]) and item is items[-1]
        return False

    def _changed_in(self, items: Sequence[Item]) -> set[str]:
        """Arrays in which a block changes cells."""
        found = {
            step.target.buffer.name
            for run in runs_of(items)
            for step in run.steps
            if isinstance(step, Definition)
        }
        return found.union(*(self.use(each).writes for each in _kept_statements(items)))

    def _is_private(self, name: str) -> bool:
        """Does nobody but this name know the array that it stood for before the region?"""
        if not name.isidentifier() or name in self.names.captured:
            return False
        scope = self.names.scope
        arguments = getattr(scope.node, "args", None)
        if isinstance(arguments, ast.arguments):
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            if any(argument.arg == name for argument in every):
                return False
        inside = {id(node) for part in self.names.region for node in ast.walk(part)}
        module = self.names.module
        for node in own_nodes(scope.node):
            if not (isinstance(node, ast.Name) and node.id == name) or id(node) in inside:
                continue
            above = module.parents.get(node)
            if isinstance(node.ctx, ast.Store):
                if not isinstance(above, ast.AugAssign) and not self._is_bound_to_new(node):
                    return False
            elif not isinstance(above, ast.Subscript | ast.Attribute | ast.BinOp | ast.Compare | ast.UnaryOp):
                if isinstance(above, ast.Call) and self._looks_only(above):
                    continue
                if isinstance(above, ast.Return | ast.FormattedValue):
                    continue
                return False
        return True

    def _is_bound_to_new(self, node: ast.Name) -> bool:
        """Does an assignment bind a name to an array that nobody else knows?"""
        module = self.names.module
        above = module.parents.get(node)
        if isinstance(above, ast.Assign):
            return gives_new(above.value, self.names.called, self.names.function)
        assign = module.parents.get(above) if isinstance(above, ast.Tuple) else None
        if not isinstance(above, ast.Tuple) or not isinstance(assign, ast.Assign):
            return False
        part = above.elts.index(node)
        return gives_new(assign.value, self.names.called, self.names.function, part)

    def most_cells(self) -> int:
        """Cells of the largest array, as seen when the script ran."""
        return max((self._cells(name) for name in self.uploaded), default=0)

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
            return Use(writes=call.changes, binds=call.binds, as_device=call.text)
        use = self._of(statement)
        if isinstance(statement, ast.Return | ast.Raise) or any(
            self.names.called(node.func) in _LEAVING
            for node in ast.walk(statement)
            if isinstance(node, ast.Call)
        ):
            every = frozenset(filter(self._is_known_before, self.device))
            return Use(use.reads | every, use.writes, use.binds)
        return use

    def _of(self, tree: ast.AST) -> Use:
        """What the nodes of a tree do with arrays."""
        reads: set[str] = set()
        writes: set[str] = set()
        binds: set[str] = set()
        parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and not self._looks_only(node):
                hidden = self._hidden(node)
                reads |= hidden
                writes |= hidden if not self._reads_only(node) else frozenset()
            if not isinstance(node, ast.Name | ast.Attribute) or not is_path(node):
                continue
            name = ast.unparse(node)
            above = parents.get(id(node))
            if name not in self.device:
                if isinstance(above, ast.Attribute):
                    continue
                reads |= self._below(name)
                if isinstance(above, ast.Call) and self._may_write(above) and node is not above.func:
                    writes |= self._below(name)
                continue
            if isinstance(node.ctx, ast.Store | ast.Del):
                reads |= {name} if isinstance(above, ast.AugAssign) else set()
                binds.add(name)
                continue
            if isinstance(above, ast.Attribute) and above.attr in _ABOUT and self._is_on_host(name):
                continue
            reads.add(name)
            if self._may_change(node, above, parents):
                writes.add(name)
        return Use(frozenset(reads - (binds - reads)), frozenset(writes - binds), frozenset(binds))

    def _is_on_host(self, name: str) -> bool:
        return name in self.uploaded

    def _may_change(self, node: ast.expr, above: ast.AST | None, parents: dict[int, ast.AST]) -> bool:
        """May the statement change the array itself?"""
        while isinstance(above, ast.Subscript | ast.Attribute | ast.Starred):
            if isinstance(above, ast.Subscript | ast.Attribute) and isinstance(
                above.ctx, ast.Store | ast.Del
            ):
                return True
            if isinstance(above, ast.Attribute) and above.attr in _CHANGING:
                return True
            node, above = above, parents.get(id(above))
        if isinstance(above, ast.keyword):
            call = parents.get(id(above))
            return above.arg == "out" or not (isinstance(call, ast.Call) and not self._may_write(call))
        if isinstance(above, ast.Call) and above.func is not node:
            first = bool(above.args) and above.args[0] is node
            return self._may_write(above) or (first and self.names.called(above.func) in _INTO_FIRST)
        # Another name for the array, or for a part of it, may be written to later.
        return isinstance(above, ast.Assign | ast.Tuple | ast.List | ast.Dict | ast.NamedExpr)

    def _looks_only(self, call: ast.Call) -> bool:
        """Does a call only look at its arguments, and at nothing else of the user's?"""
        name = self.names.called(call.func)
        if name.startswith(_LOOKING):
            return True
        if isinstance(call.func, ast.Attribute):
            base = ast.unparse(call.func.value)
            if base in self.device:
                return True
            return not name and call.func.attr in _LOOKING_METHODS
        return False

    def _may_write(self, call: ast.Call) -> bool:
        return not self._looks_only(call) and not self._reads_only(call)

    def _reads_only(self, call: ast.Call) -> bool:
        """Is it a function of this file that makes a number, or a new array, and changes nothing?"""
        function = self.names.function(call.func)
        return function is not None and is_reader(function, self.names.called)

    def _hidden(self, call: ast.Call) -> frozenset[str]:
        """Arrays that a function of the user's may reach by itself."""
        found = {name for name in self.device if _root(name) in self.names.captured or self._is_outer(name)}
        if self.names.scope.is_module:
            found |= {name for name in self.device if _root(name) in self.names.captured}
        if isinstance(call.func, ast.Attribute):
            root = _root(ast.unparse(call.func)) if is_path(call.func) else ""
            found |= self._below(root)
        return frozenset(found)

    def _below(self, name: str) -> frozenset[str]:
        """Arrays that are attributes of an object."""
        return frozenset(each for each in self.device if name and each.startswith(f"{name}."))

    def with_numbers(self, item: Kept, at: At, fresh: set[str]) -> Kept | None:
        """A statement whose numbers are made where the arrays are; None if that moves no less."""
        if item.text or not isinstance(item.statement, ast.Expr | ast.Assign | ast.AugAssign):
            return None
        known = frozenset(self.device) - fresh
        found = numbers_read(item.statement, self.names, known, at)
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
        for item in _kept_statements(items):
            call = as_device_call(item.statement, self.names, frozenset(self.device))
            if call is not None and call.is_alias:
                found |= set(call.arrays)
        return frozenset(found)

    def permuted(self, run: Run, steps_count: int = 1) -> list[str]:
        """The exchange of names by some steps, done with the host's arrays too where others know them."""
        targets = {}
        for name, view in run.names.items():
            source = next((each for each, b in run.entry.items() if b == view.buffer), None)
            if source is not None and source != name and name in self._swapped:
                targets[name] = source
        after = {name: name for name in targets}
        for _ in range(steps_count):
            after = {name: after.get(source, source) for name, source in targets.items()}
        if all(name == source for name, source in after.items()):
            return []
        return [f"{', '.join(after)} = {', '.join(after.values())}"]


def _bound_in(module: Module) -> frozenset[str]:
    """Names that a file's own level binds."""
    return scope_of(module, module.tree).binds


def _root(name: str) -> str:
    return name.split(".")[0].split("[")[0]


def _kept_statements(items: Sequence[Item]) -> Iterator[Kept]:
    for item in items:
        match item:
            case Kept():
                yield item
            case Run(before=before):
                yield from before
            case Nested():
                for block in item.blocks.values():
                    yield from _kept_statements(block)
