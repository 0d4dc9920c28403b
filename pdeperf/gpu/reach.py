"""What a statement does with arrays that live on the GPU, and who else may know them."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from pdeperf.arrays.entries import reached
from pdeperf.arrays.lifting.library import stored_out
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.readers import gives_new, is_reader
from pdeperf.gpu.known import Known
from pdeperf.gpu.names import GpuNames
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

_KEEPING = frozenset(("append", "extend"))

_ARRAY_METHODS = frozenset(
    "all any argmax argmin argsort astype clip conj copy cumprod cumsum diagonal dot flatten item max "
    "mean min nonzero prod ravel repeat reshape round squeeze std sum take tobytes tolist trace transpose "
    "var".split()
)
"""Methods of arrays that leave them as they are."""

At = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Use:
    """What a statement does with arrays.

    Attributes
    ----------
    as_device
        Its text as CuPy's own calls, if it can be written so.
    needs
        Arrays that these calls are given.
    held
        Arrays that it may reach through something else than their names.
    """

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    as_device: Callable[[At], list[str]] | None = None
    needs: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()


@dataclass(slots=True)
class Reached:
    """The arrays of a region, and how the statements around it reach them.

    Attributes
    ----------
    device
        Their names on the GPU.
    uploaded
        Those that are moved there before the region.
    """

    names: GpuNames
    device: dict[str, str] = field(default_factory=dict)
    uploaded: list[str] = field(default_factory=list)
    _known: Known | None = None
    _passed: list[tuple[str, str]] = field(default_factory=list)
    """Names, and other names whose arrays they get."""
    _there: set[str] = field(default_factory=lambda: {"cp", "cupyx"})
    """Names of the rewrite's own in statements of the host."""

    @property
    def _escaping(self) -> frozenset[str]:
        """Arrays that something else than their names may stand for, or hold."""
        if self._known is None or self._known.here != self.device.keys():
            self._known = Known(self.names, frozenset(self.device))
        return self.one_array(frozenset(filter(self._known.escapes, self.device)))

    def kept_hold_of(self, statement: ast.stmt) -> frozenset[str]:
        """Arrays of which a statement of the host's may keep hold, or of a part: ``frames.append(u)``."""
        known = Known(self.names, frozenset(self.device))
        known.note(statement)
        return frozenset(
            ast.unparse(node)
            for node in ast.walk(statement)
            if isinstance(node, ast.Name | ast.Attribute)
            and isinstance(node.ctx, ast.Load)
            and ast.unparse(node) in self.device
            and not self._is_shown(known, node)
            and not known.stays(node)
        )

    def _is_shown(self, known: Known, node: ast.expr) -> bool:
        """Is it, or a part of it, given to a method that only looks? A library's may give it back."""
        above = known.above(node)
        while isinstance(above, ast.Subscript | ast.Attribute):
            node, above = above, known.above(above)
        match above:
            case ast.Call(func=ast.Attribute(attr=attr) as func) if func is not node:
                return attr not in _KEEPING and not self.names.called(func) and self._looks_only(above)
        return False

    def one_array(self, names: frozenset[str]) -> frozenset[str]:
        """Some names, and those that may stand for one of their arrays at times."""
        while wider := [pair for pair in self._passed if names & {*pair} and not names >= {*pair}]:
            names = names.union(*wider)
        return names

    def is_known_before(self, name: str) -> bool:
        """Is there an array of this name when the region begins, here or around the function?"""
        if not name.isidentifier() and self.names.look(ast.parse(name, mode="eval").body) is None:
            return False  # an attribute that the region makes
        return root_of(name) in self.names.before or self._is_outer(name)

    def _is_outer(self, name: str) -> bool:
        root = root_of(name)
        return root not in self.names.scope.binds and root in _bound_in(self.names.module)

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
            elif isinstance(above, ast.Subscript | ast.Attribute):
                known = self._known or Known(self.names, frozenset(self.device))
                if not known.stays(node) and not self._is_shown(known, node):
                    return False
            elif not isinstance(above, ast.BinOp | ast.Compare | ast.UnaryOp):
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

    def _of(self, tree: ast.AST) -> Use:
        """What the nodes of a tree do with arrays."""
        reads: set[str] = set()
        writes: set[str] = set()
        binds: set[str] = set()
        through: set[str] = set()
        parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and (held := self._held(node, parents)):
                reads |= self._escaping
                through |= self._escaping
                writes |= self._escaping if held == "changed" else frozenset()
            if isinstance(node, ast.Call) and not self._looks_only(node):
                hidden = self._hidden(node)
                reads |= hidden
                through |= self._escaping
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
                if isinstance(above, ast.AugAssign):  # in place
                    reads.add(name)
                    writes.add(name)
                else:
                    binds.add(name)
                continue
            if isinstance(above, ast.Attribute) and above.attr in _ABOUT and self._is_on_host(name):
                continue
            reads.add(name)
            if self._may_change(node, above, parents):
                writes.add(name)
        return Use(
            frozenset(reads - (binds - reads)),
            frozenset(writes),
            frozenset(binds),
            held=frozenset(through),
        )

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
            into_first = first and self.names.called(above.func) in _INTO_FIRST
            into_last = bool(above.args) and above.args[-1] is node and stored_out(above, self.names.called)
            return self._may_write(above) or into_first or bool(into_last)
        # Another name for the array, or for a part of it, may be written to later.
        return isinstance(above, ast.Assign | ast.Tuple | ast.List | ast.Dict | ast.NamedExpr)

    def _looks_only(self, call: ast.Call) -> bool:
        """Does a call only look at its arguments, and at nothing else of the user's?"""
        name = self.names.called(call.func)
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if any(isinstance(each, ast.Lambda) or self.names.function(each) is not None for each in given):
            return False
        if name.startswith(_LOOKING):
            return True
        if isinstance(call.func, ast.Attribute):
            base = ast.unparse(call.func.value)
            if base in self.device or root_of(base).split("(")[0] in self._there:
                return True
            attr = call.func.attr
            looks = attr in _LOOKING_METHODS or attr in _ARRAY_METHODS
            return not name and looks and attr not in _methods(self.names.module)
        return False

    def _may_write(self, call: ast.Call) -> bool:
        return not self._looks_only(call) and not self._reads_only(call)

    def _reads_only(self, call: ast.Call) -> bool:
        """Is it a function of this file that makes a number, or a new array, and changes nothing?"""
        function = self.names.function(call.func)
        return function is not None and is_reader(function, self.names.called)

    def _hidden(self, call: ast.Call) -> frozenset[str]:
        """Arrays that a function of the user's may reach by itself."""
        found = {name for name in self.device if root_of(name) in self.names.captured or self._is_outer(name)}
        if isinstance(call.func, ast.Attribute):
            root = root_of(ast.unparse(call.func)) if is_path(call.func) else ""
            found |= self._below(root)
        paths = {name for name in self.device if not name.isidentifier()}
        if self.names.function(call.func) is None:
            found |= paths
        else:
            inner = [node for each in reached([call], self.names.module) for node in ast.walk(each)]
            read = {node.attr for node in inner if isinstance(node, ast.Attribute)}
            found |= {name for name in paths if name.rpartition(".")[2] in read}
        return frozenset(found) | self._escaping

    def _held(self, name: ast.Name, parents: dict[int, ast.AST]) -> str:
        """Is a name, with what is taken of it, something that may hold arrays? ``read`` or ``changed``."""
        node: ast.expr = name
        if name.id in self._there or name.id in self.device.values():
            return ""
        names, depth, of_array = self.names, 0, False
        while True:
            if ast.unparse(node) in self.device or (is_path(node) and names.called(node)):
                return ""
            kind = names._kind(node) if is_path(node) else names.kind_of(node)
            is_number = kind.is_scalar or kind.base in ("str", "none", "list", "tuple", "generator", "module")
            if is_number and not of_array:
                return ""
            of_array = of_array or kind.is_array
            above = parents.get(id(node))
            call = parents.get(id(above))
            if isinstance(above, ast.Attribute) and isinstance(call, ast.Call) and call.func is above:
                if above.attr in _ARRAY_METHODS and self._looks_only(call):
                    break
                return ""  # told by the call
            if isinstance(above, ast.Attribute) or (isinstance(above, ast.Subscript) and above.value is node):
                node, depth = above, depth + 1
                continue
            break
        if isinstance(above, ast.Call) and above.func is node:
            return ""
        is_stored = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
        if (
            is_stored
            and not isinstance(above, ast.AugAssign)
            and (not depth or isinstance(node, ast.Attribute))
        ):
            return ""  # bound, not changed
        if names._kind(name).is_array and self._known is not None and not self._known.escapes(name.id):
            return ""
        return "changed" if is_stored else "read"

    def _below(self, name: str) -> frozenset[str]:
        """Arrays that are attributes of an object."""
        return frozenset(each for each in self.device if name and each.startswith(f"{name}."))


def _methods(module: Module) -> frozenset[str]:
    """Names of the file's functions."""
    return frozenset(node.name for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef))


def _bound_in(module: Module) -> frozenset[str]:
    """Names that a file's own level binds."""
    return scope_of(module, module.tree).binds


def root_of(name: str) -> str:
    """The name that a path begins with."""
    return name.split(".")[0].split("[")[0]
