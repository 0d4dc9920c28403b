"""What the source proves about integers: in terms of what each of them is computed from.

A name that is bound once, a parameter, an attribute that ``__init__`` binds are such values as no later
statement changes. What is not followed is not known.
"""

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pdeperf.kernel.fixed_point import Place
from pdeperf.kernel.polynomials import Atom, Polynomial, atom, of
from pdeperf.kernel.provable import Provable
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.bindings import Binding, How
from pdeperf.source.scopes import FUNCTIONS, parameters, statement_of

MOST_STEPS = 4000
_LOOPS = (ast.For, ast.While, ast.AsyncFor)
Given = Mapping[ast.AST, Mapping[str, tuple[ast.expr, Place | None]]]
"""For a function, what is given for its parameters, and where."""


@dataclass(slots=True)
class Numbers:
    """The integers of a project, in terms of values that no later statement changes.

    Attributes
    ----------
    provable
        What is proved about types.
    """

    provable: Provable
    _asked: set[tuple[int, int]] = field(default_factory=set)
    _loops: dict[Atom, frozenset[ast.AST]] = field(default_factory=dict)
    _bindings_of: dict[Atom, Binding] = field(default_factory=dict)
    _steps: int = 0

    def number(self, node: ast.expr, place: Place) -> Polynomial | None:
        """An integer at a place."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            return None
        match node:
            case ast.Constant(value=int() as value) if not isinstance(value, bool):
                return of(value)
            case ast.Name(id=name):
                return self._name(name, place)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.number(operand, place)
                return inner.times(-1) if inner is not None else None
            case ast.BinOp(left=left, op=op, right=right):
                return self._combined(self.number(left, place), op, self.number(right, place))
            case ast.Call(func=ast.Name(id="len"), args=[whole], keywords=[]):
                return self.known(whole, 0, place)
            case ast.Subscript(
                value=ast.Attribute(value=whole, attr="shape"), slice=ast.Constant(value=int(at))
            ):
                return self.known(whole, at, place) if at >= 0 else None
            case ast.Attribute(attr="size", value=whole):
                return self.known(whole, 0, place) if self._is_line(whole, place) else None
            case ast.Attribute(value=ast.Name(id=root), attr=name):
                return self._attribute(root, name, place)
        return None

    # ---- names of numbers

    def _name(self, name: str, place: Place) -> Polynomial | None:
        reaching = self.provable.bindings.reaching(place.module, place.scope, name, place.at)
        if len(reaching) != 1 or not self._is_own(name, reaching, place):
            return None
        (one,) = reaching
        loops = _loops_around(one)
        if loops and not self._is_in(one, loops, place):
            return None
        value = self._value(one)
        if value is not None and self._follows(value, one, place):
            return value
        leaf = ("name", id(one))
        self._loops[leaf] = loops
        self._bindings_of[leaf] = one
        return atom(leaf)

    def _is_own(self, name: str, reaching: Sequence[Binding], place: Place) -> bool:
        """Is a name bound by statements of its own scope alone?"""
        owner = place.scope.resolve(name)
        is_set = self.provable.program.is_set_from_outside(name)
        return owner is not None and not is_set and all(one.scope.node is owner.node for one in reaching)

    def _value(self, one: Binding) -> Polynomial | None:
        """What a name was bound to, in terms of older values."""
        key = id(one), -1
        if one.value is None or key in self._asked:
            return None
        self._asked.add(key)
        try:
            place = Place(one.module, one.scope, one.statement)
            if one.how is How.VALUE:
                return self.number(one.value, place)
            if one.how is How.PART:
                match one.value, one.path:
                    case ((ast.Tuple(elts=parts) | ast.List(elts=parts)), (int(at),)) if 0 <= at < len(parts):
                        return self.number(parts[at], place)
                    case ast.Attribute(value=whole, attr="shape"), (int(at),) if at >= 0:
                        return self.known(whole, at, place)
            return None
        finally:
            self._asked.discard(key)

    def _is_in(self, one: Binding, loops: frozenset[ast.AST], place: Place) -> bool:
        """Is a place, in each turn of the loops around a binding, reached behind it?"""
        above = {*place.module.ancestors(place.at)}
        return (
            one.module is place.module
            and one.scope.node is place.scope.node
            and loops <= above
            and self.provable.bindings.is_certain(place.module, place.scope, one, place.at)
        )

    def _follows(self, value: Polynomial, one: Binding, place: Place) -> bool:
        """Is what a binding computed still what its parts are at a later place?"""
        if not any(self._loops.get(part) for part in value.atoms):
            return True
        return self._is_in(one, frozenset(), place)

    def _combined(
        self, one: Polynomial | None, op: ast.operator, other: Polynomial | None
    ) -> Polynomial | None:
        if one is None or other is None:
            return None
        match op:
            case ast.Add():
                return one + other
            case ast.Sub():
                return one - other
            case ast.Mult():
                return one * other
            case ast.FloorDiv():
                if one.value is not None and other.value:
                    return of(one.value // other.value)
                leaf = ("//", one, other)
                parts = one.atoms | other.atoms
                self._loops[leaf] = frozenset().union(*(self._loops.get(part, frozenset()) for part in parts))
                return atom(leaf)
        return None

    # ---- attributes

    def _attribute(self, root: str, name: str, place: Place) -> Polynomial | None:
        """``self.nx``, which ``__init__`` binds, once."""
        stored = self._stored(root, name, place)
        if stored is None or len(stored) != 1 or self._is_changed(name):
            return None
        value, home, path = stored[0]
        if not _is_maker(home.scope.node) or _loops_of(home.module, home.at):
            return None
        found: Polynomial | None = None
        if not path:
            found = self.number(value, home)
        elif isinstance(value, ast.Tuple) and len(path) == 1 and 0 <= path[0] < len(value.elts):
            found = self.number(value.elts[path[0]], home)
        found = found or atom(("stored", id(value), path))
        return self._in_maker(self._of_object(found, root, home), root, place)

    def _stored(
        self, root: str, name: str, place: Place
    ) -> list[tuple[ast.expr, Place, tuple[int, ...]]] | None:
        """What is stored under the name of an attribute of the object by a name, in methods of it."""
        if not self._is_object(root, place):
            return None
        found: list[tuple[ast.expr, Place, tuple[int, ...]]] = []
        for module, value, path in self.provable.stores.attribute_values(name):
            if not isinstance(value, ast.expr):
                return None
            at = statement_of(module, value)
            scope = self.provable.bindings.scope(module, value)
            own = self.provable.program.receiver_class(module, scope.node)
            if not own or not isinstance(scope.node, ast.FunctionDef):
                return None
            owner = parameters(scope.node)[0] if parameters(scope.node) else ""
            if not isinstance(at, ast.Assign | ast.AnnAssign | ast.AugAssign) or not _stores(at, owner, name):
                return None
            if not isinstance(at, ast.AugAssign):
                found.append((value, Place(module, scope, at), path))
        return found

    def _is_changed(self, name: str) -> bool:
        """Is an attribute of this name changed by ``+=``, somewhere?"""
        targets = (node.target for _, node in self.provable.program.all(ast.AugAssign))
        return any(isinstance(one, ast.Attribute) and one.attr == name for one in targets)

    def _is_object(self, root: str, place: Place) -> bool:
        """Is it an object of one of the user's classes, the same one wherever its name is seen?"""
        reaching = self.provable.bindings.reaching(place.module, place.scope, root, place.at)
        every = reaching and self.provable.bindings.every(reaching[0].scope, root)
        kinds = self.provable.kinds(root, place.module, place.scope, place.at)
        is_own = bool(kinds) and all(kind.base == "object" and ":" in kind.dtype for kind in kinds)
        return is_own and len(reaching) == len(every) == 1 and not _loops_around(reaching[0])

    def _of_object(self, found: Polynomial | None, root: str, home: Place) -> Polynomial | None:
        """A number of the method that has stored it, as one of the object."""
        own = parameters(home.scope.node)[0] if isinstance(home.scope.node, ast.FunctionDef) else ""

        def given(part: Atom) -> Polynomial | None:
            if self._loops.get(part):
                return None
            match part:
                case ("of", object_, inner):
                    return atom(("of", root, inner)) if object_ == own else None
                case ("//", Polynomial() as one, Polynomial() as other):
                    return self._combined(one.substituted(given), ast.FloorDiv(), other.substituted(given))
                case ("name" | "size", *_) if self._bindings_of[part].scope.is_module:
                    return atom(part)
            return atom(("of", root, part)) if _is_maker(home.scope.node) else None

        return found.substituted(given) if found is not None else None

    def _in_maker(self, found: Polynomial | None, root: str, place: Place) -> Polynomial | None:
        """In ``__init__`` itself, what the object is made of is its own arguments."""
        function = place.scope.node
        if found is None or not isinstance(function, ast.FunctionDef) or not _is_maker(function):
            return found
        if parameters(function)[:1] != (root,):
            return found

        def given(part: Atom) -> Polynomial:
            match part:
                case ("of", _, ("name" | "size", *_) as inner):
                    return atom(inner if self._bindings_of[inner].scope.node is function else part)
            return atom(part)

        return found.substituted(given)

    def known(self, node: ast.expr, axis: int, place: Place) -> Polynomial | None:
        """How long an array, or a list, is along one dimension."""
        raise NotImplementedError

    # ---- where a function is called

    def in_terms_of(
        self,
        found: Polynomial,
        given: Given,
        place: Place,
    ) -> Polynomial | None:
        """A number in terms of parameters, in terms of what is given for them."""

        def replaced(part: Atom) -> Polynomial | None:
            match part:
                case ("//", Polynomial() as one, Polynomial() as other):
                    return self._combined(
                        one.substituted(replaced), ast.FloorDiv(), other.substituted(replaced)
                    )
                case ("of", _, inner):
                    return replaced(inner)
                case ("name" | "size", *rest):
                    one_ = self._bindings_of[part]
                    values = given.get(one_.statement)
                    if values is None or one_.how is not How.PARAMETER:
                        return atom(part) if one_.scope.is_module and not self._loops.get(part) else None
                    if one_.name not in values:
                        return None
                    value, home = values[one_.name]
                    at = home or place
                    axis = rest[1] if len(rest) > 1 else None
                    return self.known(value, axis, at) if isinstance(axis, int) else self.number(value, at)
            return None

        return found.substituted(replaced)

    def parameters_of(self, found: Polynomial) -> frozenset[Binding]:
        """The parameters that a number is made of; none where it is made of several objects."""
        if len({part[1] for part in found.atoms if isinstance(part, tuple) and part[0] == "of"}) > 1:
            return frozenset()
        ones = (self._bindings_of.get(part) for part in _all_atoms(found.atoms))
        return frozenset(one for one in ones if one is not None and one.how is How.PARAMETER)

    def bounds(self, atoms: Iterable[Atom]) -> tuple[dict[Atom, int], dict[Atom, int]]:
        """The least and the most that some unknowns are, where the source shows it."""
        least: dict[Atom, int] = {}
        most: dict[Atom, int] = {}
        for part in atoms:
            match part:
                case ("size", *_) | ("of", _, ("size", *_)):
                    least[part] = 0
                case ("name", *_):
                    one = self._bindings_of[part]
                    values = _written_values(one.value) if one.how is How.ELEMENT and not one.path else []
                    if values:
                        least[part], most[part] = min(values), max(values)
        return least, most

    def turns_of(self, number: Polynomial) -> Iterable[Polynomial]:
        """What is not negative of a number's counters, in terms of their ranges' bounds."""
        for part in _all_atoms(number.atoms):
            one = self._bindings_of.get(part)
            if one is None or one.how is not How.ELEMENT or one.path:
                continue
            place = Place(one.module, one.scope, one.statement)
            match one.value:
                case ast.Call(func=ast.Name(id="range"), args=[stop], keywords=[]):
                    low, high = self.number(ast.Constant(0), place), self.number(stop, place)
                case ast.Call(func=ast.Name(id="range"), args=[start, stop], keywords=[]):
                    low, high = self.number(start, place), self.number(stop, place)
                case _:
                    continue
            if low is not None:
                yield atom(part) - low
            if high is not None:
                yield high - atom(part) - of(1)

    # ---- kinds

    def _full(self, node: ast.Call, place: Place) -> str:
        return qualified(node.func, place.module, place.scope)

    def _ndim(self, node: ast.expr, place: Place) -> int | None:
        """The number of dimensions; 0 of a number."""
        kinds = self.provable.kinds_of(node, place)
        if kinds and all(kind.is_scalar for kind in kinds):
            return 0
        counts = {kind.ndim if kind.is_array else -1 for kind in kinds}
        return counts.pop() if len(counts) == 1 and min(counts) > 0 else None

    def _is_integer(self, node: ast.expr, place: Place) -> bool:
        kinds = self.provable.kinds_of(node, place)
        return bool(kinds) and all(kind.base in ("int", "npint") for kind in kinds)

    def _is_line(self, node: ast.expr, place: Place) -> bool:
        return self._ndim(node, place) == 1

    def _is_table(self, node: ast.expr, place: Place) -> bool:
        return self._ndim(node, place) == 2


def _all_atoms(atoms: Iterable[Atom]) -> Iterable[Atom]:
    for part in atoms:
        yield part
        match part:
            case ("//", Polynomial() as one, Polynomial() as other):
                yield from _all_atoms(one.atoms | other.atoms)
            case ("of", _, inner):
                yield from _all_atoms((inner,))


def _loops_around(one: Binding) -> frozenset[ast.AST]:
    """The loops in whose turns a name is bound anew, in its own scope."""
    if one.how is How.PARAMETER:
        return frozenset()
    own = frozenset((one.statement,)) if isinstance(one.statement, _LOOPS) else frozenset[ast.AST]()
    return _loops_of(one.module, one.statement) | own


def _loops_of(module: Module, statement: ast.AST) -> frozenset[ast.AST]:
    found: set[ast.AST] = set()
    for above in module.ancestors(statement):
        if isinstance(above, FUNCTIONS):
            break
        if isinstance(above, _LOOPS):
            found.add(above)
    return frozenset(found)


def _is_maker(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "__init__"


def _stores(statement: ast.stmt, owner: str, name: str) -> bool:
    """Is every store of an attribute in a statement one to the method's own object?"""
    found = [
        node.value
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store)
    ]
    return bool(owner) and all(isinstance(one, ast.Name) and one.id == owner for one in found)


def _written_values(node: ast.expr | None) -> list[int]:
    """Integers that a loop runs over: ``for n in (16, 32, 64)``."""
    if not isinstance(node, ast.Tuple | ast.List):
        return []
    values = [part.value for part in node.elts if isinstance(part, ast.Constant)]
    whole = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    return whole if len(whole) == len(node.elts) else []
