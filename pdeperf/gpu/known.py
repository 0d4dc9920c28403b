"""Who else knows an array than its name: lists, objects and names through which the host may reach it."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pdeperf.arrays.paths import is_path
from pdeperf.arrays.readers import gives_new, is_reader
from pdeperf.gpu.names import GpuNames
from pdeperf.source.scopes import home_of, own_nodes, parameters, scope_of

_SEEN = ("numpy.", "math.", "cmath.", "scipy.", "time.", "matplotlib.", "h5py.", "os.", "pathlib.")
_BUILTINS = frozenset(
    "print len float int abs max min sum str repr format bool complex round any all".split()
)
_PARTS = frozenset(
    "asarray asanyarray ascontiguousarray asfortranarray array_split atleast_1d atleast_2d atleast_3d "
    "broadcast_arrays broadcast_to diag diagonal dsplit expand_dims flip fliplr flipud from_dlpack "
    "frombuffer hsplit imag moveaxis nditer ndenumerate ravel real real_if_close require reshape rollaxis "
    "rot90 split squeeze swapaxes transpose vsplit T flat data base view mT as_strided "
    "sliding_window_view conj conjugate astype nan_to_num __array_interface__ __getitem__ ctypes".split()
)
"""What may give an array's own memory back, as a function of NumPy's or as an array's attribute."""
_FRESH = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.FormattedValue, ast.Expr, ast.If, ast.While, ast.Assert)


@dataclass(slots=True)
class Known:
    """Tells which arrays of a region may be reached through something else than their names.

    Parameters
    ----------
    here
        Paths whose arrays the region follows.
    """

    names: GpuNames
    here: frozenset[str]
    _found: dict[str, bool] = field(default_factory=dict)
    _inside: set[tuple[int, str]] = field(default_factory=set)
    _added: dict[ast.AST, ast.AST] = field(default_factory=dict)

    def escapes(self, path: str) -> bool:
        """May something else than a path stand for its array, or hold it?"""
        if path not in self._found:
            self._found[path] = True  # While it is looked for: through itself nothing gets away.
            mentions = list(self._mentions(path))
            made_here = path.isidentifier() or not self._is_given(path.rpartition(".")[2])
            self._found[path] = (
                path in self.names.aliases or not made_here or not all(map(self.stays, mentions))
            )
        return self._found[path]

    def _is_given(self, attr: str) -> bool:
        """May an attribute be bound by a call, ``SimpleNamespace(u=u)`` or a data class, or out of sight?"""
        stored = False
        for node in ast.walk(self.names.module.tree):
            match node:
                case ast.keyword(arg=arg) if arg == attr:
                    return True
                case ast.AnnAssign(target=ast.Name(id=name)) if name == attr:
                    return True
                case ast.Attribute(attr=name, ctx=ast.Store()) if name == attr:
                    stored = True
        return not stored

    def _mentions(self, path: str) -> Iterator[ast.expr]:
        """Where a name is read or bound; of an attribute, wherever any object's is."""
        module, scope = self.names.module, self.names.scope
        last = path.rpartition(".")[2]
        if last != path:
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Attribute) and node.attr == last:
                    yield node
            return
        nodes: Iterable[ast.AST]
        if path in scope.binds and not scope.is_module and path not in self.names.captured:
            nodes = own_nodes(scope.node)
        else:
            nodes = ast.walk(module.tree)
        for node in nodes:
            if isinstance(node, ast.Name) and node.id == path:
                yield node
        if isinstance(scope.node, ast.FunctionDef) and path in parameters(scope.node):
            yield ast.Name(id=path, ctx=ast.Store())  # the caller's

    def note(self, statement: ast.stmt) -> None:
        """Look at a statement that the file has not got: of a function that is put in."""
        for node in ast.walk(statement):
            self._added.update((child, node) for child in ast.iter_child_nodes(node))

    def above(self, node: ast.AST) -> ast.AST | None:
        """What a node is part of."""
        return self.names.module.parents.get(node) or self._added.get(node)

    def stays(self, node: ast.expr) -> bool:
        """Does an array, or a part of it, get no other name where it is mentioned?"""
        above = self.above(node)
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            return self._is_bound_to_new(node, above)
        match above:
            case ast.Subscript() if node is above.slice or isinstance(above.ctx, ast.Store | ast.Del):
                return True
            case ast.Subscript():
                return self.names.kind_of(above).is_scalar or self.stays(above)
            case ast.Attribute(attr=attr):
                call = self.above(above)
                is_called = isinstance(call, ast.Call) and call.func is above
                part: ast.expr = call if is_called and isinstance(call, ast.Call) else above
                return attr not in _PARTS or self.stays(part)
            case ast.AugAssign():
                return True
            case ast.Assign(targets=targets):
                return all(self._is_followed(target) or self._is_brief(target) for target in targets)
            case ast.Tuple() if isinstance(assign := self.above(above), ast.Assign):
                if assign.value is not above:
                    return False
                return self._is_exchange(assign) or self._is_brief(_partner(node, above, assign))
            case ast.Tuple() if isinstance(place := self.above(above), ast.Subscript):
                return place.slice is above
            case ast.Tuple() | ast.List() if isinstance(call := self.above(above), ast.Call):
                return self._copies(call)
            case ast.IfExp(test=test):
                return node is test or self.stays(above)
            case ast.Call():
                return self._stays_in(above, node, None)
            case ast.keyword(arg=str(name)) if isinstance(call := self.above(above), ast.Call):
                return self._stays_in(call, node, name)
            case ast.Return():
                return "." not in ast.unparse(node) and not self.names.is_repeated
        return isinstance(above, _FRESH)

    def _is_followed(self, target: ast.expr) -> bool:
        """Is a target a path that the region follows too, or a part of an array, which gets a copy?"""
        if isinstance(target, ast.Subscript):
            value = target.value
            return is_path(value) and (ast.unparse(value) in self.here or self.names.is_array(value))
        return self._is_in_region(target) and is_path(target) and ast.unparse(target) in self.here

    def _is_brief(self, target: ast.expr | None) -> bool:
        """Is a target a name of another scope, of which nothing in the region hears?"""
        module = self.names.module
        if not isinstance(target, ast.Name) or self._is_in_region(target):
            return False
        if target not in module.parents:
            return False
        scope = scope_of(module, home_of(module, target)).resolve(target.id)
        if scope is None or scope.node is self.names.scope.node:
            return False
        if isinstance(scope.node, ast.FunctionDef) and target.id in parameters(scope.node):
            return False
        own = list(own_nodes(scope.node))
        if any(isinstance(node, ast.Yield | ast.YieldFrom | ast.Await) for node in own):
            return False
        if (id(scope.node), target.id) in self._inside:
            return True
        self._inside.add((id(scope.node), target.id))
        own_ids = {id(node) for node in own}
        for node in ast.walk(scope.node):
            if not isinstance(node, ast.Name) or node.id != target.id:
                continue
            if id(node) in own_ids:
                if isinstance(node.ctx, ast.Load) and not self._stays_brief(node):
                    return False
            elif scope_of(module, home_of(module, node)).resolve(node.id) is scope:
                return False
        return True

    def _stays_brief(self, node: ast.expr) -> bool:
        """As anywhere, but that it may not be given back."""
        return not isinstance(self.above(node), ast.Return) and self.stays(node)

    def _is_in_region(self, node: ast.expr) -> bool:
        return getattr(node, "lineno", 0) in self.names.lines

    def _is_exchange(self, assign: ast.Assign) -> bool:
        """Does an assignment only exchange paths that the region follows: ``u, v = v, u``?"""
        match assign:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                before, after = ({ast.unparse(each) for each in part} for part in (values, targets))
                lasts = {each.rpartition(".")[2] for each in after}
                if before == after and all("." in each for each in after):
                    return all(any(path.endswith(f".{last}") for path in self.here) for last in lasts)
                return all(map(self._is_followed, targets)) and all(map(self._is_followed, values))
        return False

    def _copies(self, call: ast.Call) -> bool:
        """Does a call make something new of what it is given?"""
        name = self.names.called(call.func)
        last = name.rpartition(".")[2]
        if name.startswith("builtins."):
            return last in _BUILTINS
        return name.startswith(_SEEN) and last not in _PARTS

    def _stays_in(self, call: ast.Call, node: ast.expr, keyword: str | None) -> bool:
        """Does a call keep no hold of what it is given, nor give it back?"""
        if node is call.func or self._copies(call):
            return True
        name = self.names.called(call.func)
        if name.startswith("numpy.") and name.rpartition(".")[2] in _PARTS:
            return self.stays(call)
        function = self.names.function(call.func)
        if function is None or function.args.vararg or function.args.kwarg or function.decorator_list:
            return False
        if is_reader(function, self.names.called):
            return True
        if keyword is None:
            every = [*function.args.posonlyargs, *function.args.args]
            skipped = isinstance(self.above(function), ast.ClassDef)
            at = call.args.index(node) + skipped
            if any(isinstance(each, ast.Starred) for each in call.args) or at >= len(every):
                return False
            keyword = every[at].arg
        return self._stays_as(function, keyword) and self.stays(call)

    def _stays_as(self, function: ast.FunctionDef, name: str) -> bool:
        """Does a function keep no hold of an argument?"""
        if (id(function), name) in self._inside:
            return True
        self._inside.add((id(function), name))
        every = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == name]
        own = {id(node) for node in own_nodes(function)}
        return all(
            id(node) in own and (isinstance(node.ctx, ast.Store) or self._stays_inside(node))
            for node in every
        )

    def _stays_inside(self, node: ast.expr) -> bool:
        """As in the region's own scope; a result is looked at where it goes."""
        return isinstance(self.above(node), ast.Return) or self.stays(node)

    def _is_bound_to_new(self, node: ast.expr, above: ast.AST | None) -> bool:
        """Does a statement bind a path to an array that nobody else knows?"""
        part: int | None = None
        if isinstance(above, ast.Tuple):
            part, above = above.elts.index(node), self.above(above)
        match above:
            case ast.AugAssign():
                return True
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                pass
            case _:
                return False
        if part is not None and isinstance(value, ast.Tuple) and part < len(value.elts):
            value, part = value.elts[part], None
        if part is not None and isinstance(value, ast.Call) and self._copies(value):
            return True  # several new arrays: numpy.meshgrid
        if isinstance(value, ast.Subscript) and self.names.called(value.value).startswith("numpy."):
            return True  # numpy.mgrid
        if part is None and is_path(value) and isinstance(above, ast.Assign):
            return self._is_exchange(above) or (self._is_in_region(value) and ast.unparse(value) in self.here)
        return gives_new(value, self.names.called, self.names.function, part)


def _partner(node: ast.expr, values: ast.Tuple, assign: ast.Assign) -> ast.expr | None:
    """What one of several values is given to: of ``u, v = self.u, self.v``."""
    match assign.targets:
        case [ast.Tuple(elts=targets)] if len(targets) == len(values.elts):
            return targets[values.elts.index(node)]
    return None
