"""Which types a name must have, whatever the input: what the source proves, not what one run showed.

The whole project is read: every binding that can reach a place, every call of a function, every
store to an attribute of that name. What is not followed counts as anything.
"""

import ast
from collections.abc import Callable, Sequence

from pdeperf.kernel.displays import is_display
from pdeperf.kernel.enums import integer_of_member
from pdeperf.kernel.fixed_point import Place, of_constant
from pdeperf.kernel.kinds import BOOL, FLOAT, INT, UNKNOWN, Kind, element
from pdeperf.kernel.library_kinds import call_kinds, method_kinds, subscripted
from pdeperf.kernel.operator_kinds import ANYTHING, NO_NDIM, NOTHING, Kinds, combined, compared
from pdeperf.kernel.proved_elsewhere import DICT, ProvedElsewhere
from pdeperf.kernel.tables import Table
from pdeperf.kernel.vocabulary import CONSTANTS, qualified
from pdeperf.source import Module
from pdeperf.source.bindings import Binding, How, targets_of
from pdeperf.source.scopes import COMPREHENSIONS, FUNCTIONS, Scope, parameters, scope_of

_ARGUMENTS = Kind("object", "argparse")
_LIST = Kind("object", "list")
RANGE = Kind("object", "range")
"""A range that goes up by ones."""
STRIDED = Kind("object", "strided range")
"""A range that goes by other steps: down, or over every second place."""


class Provable(ProvedElsewhere):
    """What the source of a project proves about types.

    Parameters
    ----------
    project
        The user's files.
    """

    def kinds(self, text: str, module: Module, scope: Scope, at: ast.AST) -> Kinds:
        """Every kind that an access path may have when control is at a statement."""
        key = text, module, scope.node, at
        if key not in self._answers:
            place = Place(module, scope, at)
            self._answers[key] = self._settled(lambda: self._of(ast.parse(text, mode="eval").body, place))
        return self._answers[key]

    def kinds_of(self, node: ast.expr, place: Place) -> Kinds:
        """Every kind that an expression may have at a place."""
        return self._settled(lambda: self._of(node, place))

    def elements(self, node: ast.expr, module: Module, scope: Scope) -> Kinds:
        """Kinds of the numbers in a list, however deep, that an expression makes on the spot."""
        return self._settled(lambda: self._elements(node, Place(module, scope, node)))

    def _settled(self, question: Callable[[], Kinds]) -> Kinds:
        return ANYTHING if self.program.is_dynamic else self._facts.settled(question) or ANYTHING

    # ---- expressions

    def _of(self, node: ast.expr, place: Place) -> Kinds:
        match node:
            case ast.Constant(value=value):
                return frozenset((of_constant(value),))
            case ast.Name(id=name):
                return self._name(node, name, place)
            case ast.BinOp(left=left, op=op, right=right):
                return combined(self._of(left, place), op, self._of(right, place), right)
            case ast.UnaryOp(op=op, operand=operand):
                kinds = self._of(operand, place)
                if isinstance(op, ast.Not):
                    return frozenset((BOOL,))
                return frozenset(INT if kind == BOOL else kind for kind in kinds)
            case ast.BoolOp(op=ast.Or(), values=[*firsts, last]):
                nothing = frozenset((Kind("none"),))
                return NOTHING.union(
                    self._of(last, place), *(self._of(one, place) - nothing for one in firsts)
                )
            case ast.BoolOp(values=values):
                return NOTHING.union(*(self._of(value, place) for value in values))
            case ast.IfExp(body=body, orelse=orelse):
                return self._of(body, place) | self._of(orelse, place)
            case ast.NamedExpr(value=value):
                return self._of(value, place)
            case ast.Compare(left=left, comparators=others):
                sides = NOTHING.union(*(self._of(side, place) for side in (left, *others)))
                return compared(sides)
            case ast.Subscript(value=value, slice=index):
                return self._subscript(value, index, place)
            case ast.Attribute():
                return self._attribute(node, place)
            case ast.Call():
                return self._call(node, place)
            case ast.Dict():
                return frozenset((DICT,))
            case ast.List() | ast.ListComp():
                return frozenset((_LIST,))
            case ast.JoinedStr():
                return frozenset((Kind("str"),))
            case ast.Tuple():
                return frozenset((Kind("tuple"),))
            case _:
                return ANYTHING

    def _name(self, node: ast.AST, name: str, place: Place) -> Kinds:
        for above in place.module.ancestors(node):
            if isinstance(above, COMPREHENSIONS):
                for part in above.generators:
                    if any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(part.target)):
                        path = next((p for n, p in targets_of(part.target) if n == name), (-1,))
                        return self._element(part.iter, path, place)
            elif isinstance(above, ast.stmt):
                break
        if qualified(ast.Name(id=name, ctx=ast.Load()), place.module, place.scope) in CONSTANTS:
            return frozenset((FLOAT,))
        reaching = self._bindings.reaching(place.module, place.scope, name, place.at)
        return NOTHING.union(*(self._binding(one) for one in reaching)) if reaching else ANYTHING

    def _binding(self, one: Binding) -> Kinds:
        return self._facts.variable(("binding", id(one)), lambda: self._bound(one))

    def _bound(self, one: Binding) -> Kinds:
        place = Place(one.module, one.scope, one.statement)
        if one.how is How.PARAMETER:
            return self._parameter(one)
        if one.value is None:
            return self._imported(one)
        if one.how is How.UPDATE:
            assert one.operator is not None
            old = self._name(one.statement, one.name, place)
            fresh = combined(old, one.operator, self._of(one.value, place), one.value)
            arrays = frozenset(kind for kind in old if kind.is_array)  # changed in place: the type stays
            return arrays | fresh if arrays != old else old
        if one.how is How.ELEMENT:
            return self._element(one.value, one.path, place)
        return self._part(one.value, one.path, place)

    def _imported(self, one: Binding) -> Kinds:
        found = self.program.imported(one.module, one.statement, one.name)
        if found is None:
            return ANYTHING
        module, name = found
        return self._of_module(module, name)

    def _of_module(self, module: Module, name: str) -> Kinds:
        """A global of a module, seen from elsewhere."""
        scope = self._bindings.scope(module, module.tree)
        every = self._bindings.every(scope, name)
        if not every or self.program.is_set_from_outside(name):
            return ANYTHING
        return NOTHING.union(*(self._binding(one) for one in every))

    def _part(self, node: ast.expr, path: Sequence[int], place: Place) -> Kinds:
        """Kinds of a part of a value, by position."""
        if not path:
            return self._of(node, place)
        at, rest = path[0], path[1:]
        if at < 0:
            return ANYTHING
        match node:
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                starred = any(isinstance(part, ast.Starred) for part in parts)
                return self._part(parts[at], rest, place) if not starred and at < len(parts) else ANYTHING
            case ast.Attribute(attr="shape") if not rest:
                return frozenset((INT,)) if self._is_array(node.value, place) else ANYTHING
            case ast.IfExp(body=body, orelse=orelse):
                return self._part(body, path, place) | self._part(orelse, path, place)
            case ast.ListComp(elt=element):
                return self._part(element, rest, place)
            case ast.Name(id=name):
                reaching = self._bindings.reaching(place.module, place.scope, name, place.at)
                return (
                    NOTHING.union(*(self._part_of(one, path) for one in reaching)) if reaching else ANYTHING
                )
            case ast.Call():
                if qualified(node.func, place.module, place.scope) == "numpy.meshgrid":
                    kinds = (
                        self._part(ast.Tuple(node.args, ast.Load()), (at,), place) if not rest else ANYTHING
                    )
                    return frozenset(
                        Kind("array", k.dtype, NO_NDIM) if k.is_array else UNKNOWN for k in kinds
                    )
                functions = self._functions(node, place)
                if functions:
                    return NOTHING.union(*(self._returned(*function, tuple(path)) for function in functions))
        kinds = self._of(node, place)
        if all(kind.is_array for kind in kinds):
            return NOTHING.union(*(subscripted(kind, len(path), slices=False) for kind in kinds))
        if isinstance(node, ast.Attribute) and self._is_own(node.value, place):
            name, whole = node.attr, tuple(path)
            return self._facts.variable(("attribute", name, whole), lambda: self._stored(name, whole))
        return ANYTHING

    def _is_own(self, node: ast.expr, place: Place) -> bool:
        """Is it an object of one of the user's classes?"""
        kinds = self._of(node, place)
        return bool(kinds) and all(kind.base == "object" and ":" in kind.dtype for kind in kinds)

    def _part_of(self, one: Binding, path: Sequence[int]) -> Kinds:
        if one.how is How.PARAMETER:
            whole = tuple(path)
            return self._facts.variable(("part", id(one), whole), lambda: self._parameter(one, whole))
        if one.how not in (How.VALUE, How.PART) or one.value is None:
            kinds = self._binding(one)
            if all(kind.is_array for kind in kinds):
                return NOTHING.union(*(subscripted(kind, len(path), slices=False) for kind in kinds))
            return ANYTHING
        value, place = one.value, Place(one.module, one.scope, one.statement)
        whole = (*one.path, *path)
        return self._facts.variable(("part", id(one), whole), lambda: self._kept(value, whole, place))

    def _kept(self, value: ast.expr, path: tuple[int, ...], place: Place) -> Kinds:
        """Kinds of a part of what was stored before: a list may have changed since."""
        changes = path and isinstance(value, ast.List | ast.ListComp)
        return ANYTHING if changes else self._part(value, path, place)

    def _element(self, source: ast.expr, path: Sequence[int], place: Place) -> Kinds:
        """Kinds of what a loop over something gets."""
        match source:
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return NOTHING.union(*(self._part(part, path, place) for part in parts))
            case ast.Call(func=func, args=arguments) if arguments:
                name = qualified(func, place.module, place.scope) or ast.unparse(func)
                last = name.rpartition(".")[2]
                if last in ("range", "trange"):
                    return frozenset((INT,))
                if last in ("tqdm", "reversed", "list", "sorted"):
                    return self._element(arguments[0], path, place)
                if last == "enumerate" and path:
                    first = path[0] == 0
                    return frozenset((INT,)) if first else self._element(arguments[0], path[1:], place)
                if last == "zip" and path and 0 <= path[0] < len(arguments):
                    return self._element(arguments[path[0]], path[1:], place)
            case ast.Name(id=name) if (shown := self._shown(name, place)) is not None:
                return self._element(shown[0], path, shown[1])
        kinds = self._of(source, place)
        if not all(kind.is_array for kind in kinds):
            return ANYTHING
        return NOTHING.union(*(subscripted(kind, 1 + len(path), slices=False) for kind in kinds))

    def _shown(self, name: str, place: Place) -> tuple[ast.expr, Place] | None:
        """The list or tuple that is written where a name is bound, if it is that and nothing else."""
        reaching = self._bindings.reaching(place.module, place.scope, name, place.at)
        only = reaching[0] if len(reaching) == 1 else None
        if only is None or only.value is None or only.how is not How.VALUE or not is_display(only):
            return None
        return only.value, Place(only.module, only.scope, only.statement)

    def _elements(self, node: ast.expr, place: Place) -> Kinds:
        match node:
            case ast.ListComp(elt=inner) | ast.BinOp(left=ast.List(elts=[inner]), op=ast.Mult()):
                return self._elements(inner, place)
            case ast.BinOp(op=ast.Mult(), right=ast.List(elts=[inner])):
                return self._elements(inner, place)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return NOTHING.union(*(self._elements(part, place) for part in parts))
            case ast.Call():
                functions = self._functions(node, place)
                if functions:
                    return NOTHING.union(*(self._returned_elements(*function) for function in functions))
        return self._of(node, place)

    def _is_array(self, node: ast.expr, place: Place) -> bool:
        return all(kind.is_array for kind in self._of(node, place))

    def _default(self, function: ast.expr, index: ast.expr, place: Place) -> Kinds:
        """``place.__defaults__[0]``, of a function that is defined once."""
        at = index.value if isinstance(index, ast.Constant) else None
        if not isinstance(function, ast.Name) or not isinstance(at, int):
            return ANYTHING
        made = [node for node in place.module.all(ast.FunctionDef) if node.name == function.id]
        names = place.module.all(ast.Name)
        is_bound = any(one.id == function.id and not isinstance(one.ctx, ast.Load) for one in names)
        if len(made) != 1 or is_bound or place.scope.resolve(function.id) is None:
            return ANYTHING
        scope = scope_of(place.module, place.module.parents[made[0]])
        return self._of(made[0].args.defaults[at], Place(place.module, scope, made[0]))

    def _subscript(self, value: ast.expr, index: ast.expr, place: Place) -> Kinds:
        if isinstance(value, ast.Attribute) and value.attr == "shape":
            return frozenset((INT,)) if self._is_array(value.value, place) else ANYTHING
        if isinstance(value, ast.Attribute) and value.attr == "__defaults__":
            return self._default(value.value, index, place)
        receiver = self._of(value, place)
        if isinstance(index, ast.Constant) and isinstance(index.value, str):
            key = index.value
            if receiver <= {DICT}:
                return self._facts.variable(("entry", key), lambda: self._entry(key))
            return ANYTHING
        if not all(kind.is_array for kind in receiver):
            match index:
                case ast.Constant(value=int(at)) if receiver == {Kind("tuple")} and at >= 0:
                    return self._part(value, (at,), place)
            return self._of_table(value, index, place)
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        dropped, slices = 0, False
        for part in parts:
            if isinstance(part, ast.Slice):
                slices = True
                continue
            if {kind.base for kind in self._of(part, place)} <= {"int", "npint"}:
                dropped += 1
                continue
            return frozenset(Kind("array", kind.dtype, NO_NDIM) for kind in receiver)
        return NOTHING.union(*(subscripted(kind, dropped, slices=slices) for kind in receiver))

    def _of_table(self, value: ast.expr, index: ast.expr, place: Place) -> Kinds:
        """Kinds of an element of a list that is written in the source and never changes."""
        depth, base = 1, value
        while isinstance(base, ast.Subscript):
            depth, base = depth + 1, base.value
        table: Table | None = None
        if isinstance(base, ast.Name):
            table = self._tables.named(base.id, place.module, place.scope)
        elif isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):
            function = place.scope.node
            home = place.module.parents.get(function)
            if isinstance(function, FUNCTIONS) and parameters(function)[:1] == (base.value.id,):
                is_class = isinstance(home, ast.ClassDef)
                table = self._tables.of_class(base, place.module, home if is_class else None)  # type: ignore[arg-type]
        is_element = table is not None and table.kind.ndim == depth and not isinstance(index, ast.Slice)
        return frozenset((element(table.kind),)) if table is not None and is_element else ANYTHING

    def _attribute(self, node: ast.Attribute, place: Place) -> Kinds:
        if node.attr in ("cell_contents", "__self__"):  # which no text stores
            return ANYTHING
        full = qualified(node, place.module, place.scope)
        if full in CONSTANTS:
            return frozenset((FLOAT,))
        if isinstance(node.value, ast.Name):
            module = self.program.module_of(place.module, place.scope, node.value.id)
            if module is not None:
                return self._of_module(module, node.attr)
        if full:
            return ANYTHING
        if integer_of_member(node, self.program, place.module, place.scope) == ast.unparse(node):
            return frozenset((INT,))
        receiver = self._of(node.value, place)
        if receiver and all(kind.is_array for kind in receiver):
            if node.attr in ("size", "ndim", "nbytes", "itemsize"):
                return frozenset((INT,))
            if node.attr == "shape":
                return frozenset((Kind("tuple", "int"),))
            return receiver if node.attr == "T" else ANYTHING
        name = node.attr
        if receiver and receiver <= {RANGE, STRIDED} and name in ("start", "stop", "step"):
            return frozenset((INT,))
        if receiver == {_ARGUMENTS}:
            return self._stores.argument(name)
        if self._is_own(node.value, place):
            return self._facts.variable(("attribute", name), lambda: self._stored(name))
        return ANYTHING if receiver else NOTHING

    # ---- calls

    def _call(self, node: ast.Call, place: Place) -> Kinds:
        full = qualified(node.func, place.module, place.scope)
        if full:
            made = {"argparse.ArgumentParser": Kind("object", "parser"), "builtins.dict": DICT}.get(full)
            if full == "builtins.range" and not node.keywords:
                made = RANGE if len(node.args) < 3 else STRIDED
            if made is not None:
                return frozenset((made,))
            return call_kinds(
                full, node, lambda part: self._of(part, place), lambda part: self._elements(part, place)
            )
        if isinstance(node.func, ast.Attribute) and node.func.attr == "parse_args":
            return frozenset((_ARGUMENTS,))
        home = self.program.class_called(place.module, place.scope, node.func)
        if home:
            return frozenset((Kind("object", home),))
        functions = self._functions(node, place)
        if functions:
            return NOTHING.union(*(self._returned(*function, ()) for function in functions))
        if isinstance(node.func, ast.Attribute):
            receiver = self._of(node.func.value, place)
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(key)), *rest], keywords=[]
                ) if receiver <= {DICT}:
                    default = self._of(rest[0], place) if rest else frozenset((Kind("none"),))
                    return default | self._facts.variable(("entry", key), lambda: self._entry(key))
            return method_kinds(receiver, node.func.attr, node)
        return ANYTHING
