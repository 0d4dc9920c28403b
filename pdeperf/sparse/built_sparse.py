"""Matrices made of ``np.diag``, ``np.eye`` and ``np.kron``, made as sparse ones from the start."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import names_of
from pdeperf.lifetimes.vocabulary import ELEMENTWISE
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, owns_lines, replace, segment
from pdeperf.source.scopes import Scope
from pdeperf.sparse.written import Additions

_SOLVES = ("numpy.linalg.solve", "scipy.linalg.solve")
_FLOATS = frozenset(("numpy.ones", "numpy.zeros", "numpy.linspace"))
_REFLECTING = ("LinAlgError", "globals(", "locals(", "vars(", "exec(", "eval(")
_Key = tuple[ast.AST, str]


@dataclass(frozen=True, slots=True)
class Written:
    """A matrix that is written otherwise.

    Attributes
    ----------
    names
        Those that hold sparse matrices from now on, and the scope of each.
    lines
        Of the products and solves.
    """

    edits: list[Edit]
    names: tuple[tuple[ast.AST, str], ...]
    lines: frozenset[int]


@dataclass(slots=True)
class Operators:
    """Finds the names of a file that hold such matrices and are used as operators alone.

    Attributes
    ----------
    held
        The statement that binds each of them.
    """

    meaning: Meaning
    module: Module
    held: dict[_Key, ast.Assign] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for statement in ast.walk(self.module.tree):
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)]) if owns_lines(self.module, [statement]):
                    owner = self._owner(statement.targets[0])
                    if owner is not None and self._stores(owner, name) == 1:
                        self.held[owner.node, name] = statement
        while True:
            bad = {key for key, one in self.held.items() if not self.is_operator(one.value)}
            bad |= {
                key
                for node in ast.walk(self.module.tree)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
                if (key := self._key(node)) in self.held and not self._is_used_as_operator(node)
            }
            if not bad:
                return
            self.held = {key: one for key, one in self.held.items() if key not in bad}

    def _owner(self, node: ast.expr) -> Scope | None:
        assert isinstance(node, ast.Name)
        return self.meaning.scope(self.module, node).resolve(node.id)

    def _key(self, node: ast.Name) -> _Key | None:
        owner = self._owner(node)
        return (owner.node, node.id) if owner is not None else None

    def _stores(self, owner: Scope, name: str) -> int:
        """How often a name is bound, deletions and declarations by ``global`` counted."""
        found = 0
        for node in ast.walk(self.module.tree):
            match node:
                case ast.Name(id=one, ctx=ast.Store() | ast.Del()) if one == name:
                    found += self.meaning.scope(self.module, node).resolve(name) is owner
                case ast.Global(names=names) | ast.Nonlocal(names=names) if name in names:
                    found += 2
        return found

    def is_operator(self, node: ast.expr) -> bool:
        """Is an expression made of diagonals, identities, Kronecker products and names of such matrices?"""
        match node:
            case ast.Name():
                return self._key(node) in self.held
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self.is_operator(operand)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.MatMult(), right=right):
                return self.is_operator(left) and self.is_operator(right)
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return (self._is_number(left) and self.is_operator(right)) or (
                    self.is_operator(left) and self._is_number(right)
                )
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self.is_operator(left) and self._is_number(right)
            case ast.Attribute(value=value, attr="T"):
                return self.is_operator(value)
            case ast.Call(func=func, args=arguments, keywords=keywords):
                name = self.meaning.full(self.module, func)
                plain = all(one.arg == "k" for one in keywords)
                match name, arguments:
                    case "numpy.diag", [values, *rest] if plain and len(rest) <= 1:
                        return self._is_vector(values) and all(map(self._is_number, rest))
                    case "numpy.identity", [size] if not keywords:
                        return self._is_number(size)
                    case "numpy.eye", [*sizes] if plain and 0 < len(sizes) <= 3:
                        return all(map(self._is_number, sizes))
                    case "numpy.kron", [one, other] if not keywords:
                        return self.is_operator(one) and self.is_operator(other)
        return False

    def _is_number(self, node: ast.expr) -> bool:
        match node:
            case ast.Constant(value=value):
                return isinstance(value, int | float | complex) and not isinstance(value, bool)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self._is_number(operand)
            case ast.BinOp(left=left, right=right, op=op):
                return not isinstance(op, ast.MatMult) and self._is_number(left) and self._is_number(right)
            case ast.Name() if self.meaning.is_plain_number(self.module, node):
                return True
            case ast.Name() | ast.Attribute():
                return any(
                    self.meaning.is_number(self.module, site, ast.unparse(node)) for site in self._sites(node)
                )
        return False

    def _sites(self, node: ast.expr) -> Iterator[ast.stmt]:
        """Where the names of an expression may have been looked at: nearest first."""
        for above in self.module.ancestors(node):
            if isinstance(above, ast.stmt):
                yield above
        yield from (one for one in self.module.tree.body if isinstance(one, ast.For | ast.While))

    def _is_vector(self, node: ast.expr) -> bool:
        """Is it surely one axis of floats?"""
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._is_vector(operand)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
                return any(map(self._is_vector, (left, right))) and all(
                    self._is_vector(one) or self._is_number(one) for one in (left, right)
                )
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._is_vector(left) and self._is_number(right)
            case ast.Call(func=func, args=[first, *rest], keywords=[]):
                name = self.meaning.full(self.module, func)
                if name == "numpy.full" and len(rest) == 1:
                    return self._is_number(first) and self._is_number(rest[0]) and _has_float(rest[0])
                if name.rpartition(".")[2] in ELEMENTWISE and not rest:
                    return self._is_vector(first)
                return name in _FLOATS and (name == "numpy.linspace" or self._is_number(first))
            case ast.Name() | ast.Attribute():
                text = ast.unparse(node)
                if isinstance(node, ast.Name) and self._is_vector_of_file(node):
                    return True
                return any(
                    self.meaning.values(self.module, site, text, "ndim") == {"1.0"}
                    and self.meaning.values(self.module, site, text, "dtype") <= {"float64", "complex128"}
                    for site in self._sites(node)
                )
        return False

    def _is_vector_of_file(self, node: ast.Name) -> bool:
        """Is a name bound once, to one axis of floats?"""
        owner = self._owner(node)
        if owner is None or self._stores(owner, node.id) != 1:
            return False
        return any(
            isinstance(one, ast.Assign)
            and isinstance(one.targets[0], ast.Name)
            and one.targets[0].id == node.id
            and self._owner(one.targets[0]) is owner
            and self._is_vector(one.value)
            for one in ast.walk(owner.node)
        )

    def _is_dense(self, node: ast.expr) -> bool:
        """Is an expression computed from arrays and numbers alone, as far as was seen?"""
        for one in ast.walk(node):
            if not isinstance(one, ast.Name) or self._is_known(one):
                continue
            kinds = {
                kind
                for site in self._sites(one)
                for kind in self.meaning.values(self.module, site, one.id, "type")
            }
            if not kinds or any("matrix" in kind or kind.startswith("scipy.") for kind in kinds):
                return False
        return True

    def _is_known(self, node: ast.Name) -> bool:
        """Is it a library, a function, a number, or one of these matrices?"""
        return (
            bool(self.meaning.full(self.module, node))
            or node.id in self.meaning.functions
            or self.meaning.is_plain_number(self.module, node)
            or self._key(node) in self.held
        )

    def outermost(self, node: ast.expr) -> ast.expr:
        """The largest such expression around one."""
        above = self.module.parents.get(node)
        while isinstance(above, ast.expr) and self.is_operator(above):
            node, above = above, self.module.parents.get(above)
        return node

    def _is_used_as_operator(self, node: ast.Name) -> bool:
        whole = self.outermost(node)
        match self.module.parents.get(whole):
            case ast.Assign(targets=[ast.Name() as target], value=value) if value is whole:
                return self._key(target) in self.held
        return self.use(whole) != ""

    def use(self, whole: ast.expr) -> str:
        """What an operator is used for: ``product``, ``dot``, ``solve``, ``factors``; or empty."""
        match self.module.parents.get(whole):
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                return "product" if self._is_dense(right if left is whole else left) else ""
            case ast.Attribute(attr="dot") as method:
                match self.module.parents.get(method):
                    case ast.Call(func=func, args=[other], keywords=[]) if func is method:
                        return "product" if self._is_dense(other) else ""
            case ast.Call(func=func, args=[first, other], keywords=[]) if first is whole:
                name = self.meaning.full(self.module, func)
                if name in ("numpy.dot", "numpy.matmul"):
                    return "dot" if self._is_dense(other) else ""
                if name in _SOLVES:
                    return "solve"
            case ast.Call(func=ast.Name(id="FactorisedOnce"), args=[first, solver], keywords=[]) if (
                first is whole and self.meaning.full(self.module, solver) in _SOLVES
            ):
                return "factors"
        return ""


def written_sparse(meaning: Meaning, module: Module, added: Additions) -> Written | None:
    """The edits that make all such matrices of a file sparse; None if there is none that is used."""
    if any(word in module.text for word in _REFLECTING):
        return None
    found = Operators(meaning, module)
    others = [one for one in meaning.project.modules.values() if one is not module]
    if any(name in names_of(other) for _, name in found.held for other in others):
        return None
    edits: list[Edit] = []
    lines: set[int] = set()
    done: set[ast.expr] = set()
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Name | ast.Call) or not found.is_operator(node):
            continue
        whole = found.outermost(node)
        above = module.parents.get(whole)
        is_held = isinstance(above, ast.Assign) and above in found.held.values()
        use = "" if is_held else found.use(whole)
        if whole in done or not (is_held or use) or (use and not _names(whole, found)):
            continue
        done.add(whole)
        written = _as_sparse(found, whole, added.alias("sparse"))
        text = ast.unparse(written)
        if use:
            lines.add(whole.lineno)
            edits.append(_used(module, whole, text, use, added))
        else:
            plain = isinstance(written, ast.Call | ast.Attribute)
            made = text if isinstance(written, ast.Name) else f"{text if plain else f'({text})'}.tocsr()"
            edits.append(replace(module, whole, made))
    if not lines:
        return None
    return Written(edits, tuple(found.held), frozenset(lines))


def _names(whole: ast.expr, found: Operators) -> bool:
    return any(isinstance(one, ast.Name) and found.is_operator(one) for one in ast.walk(whole))


def _used(module: Module, whole: ast.expr, text: str, use: str, added: Additions) -> Edit:
    if use == "product":
        return replace(module, whole, text if isinstance(whole, ast.Name) else f"({text})")
    call = module.parents[whole]
    assert isinstance(call, ast.Call)
    if use == "dot":
        return replace(module, call, f"({text}) @ ({segment(module, call.args[1])})")
    linalg = added.alias("linalg")
    matrix = f"{text}.tocsc()" if isinstance(whole, ast.Name) else f"({text}).tocsc()"
    if use == "factors":
        return replace(module, call, f"{linalg}.splu({matrix}).solve")
    start, _ = extent(module, call)
    _, end = extent(module, whole)
    return Edit(start, end, f"{linalg}.spsolve({matrix}")


def _as_sparse(found: Operators, node: ast.expr, sparse: str) -> ast.expr:
    """An operator made of sparse matrices."""
    match node:
        case ast.UnaryOp(op=op, operand=operand):
            return ast.UnaryOp(op, _as_sparse(found, operand, sparse))
        case ast.BinOp(left=left, op=op, right=right):
            sides = [
                _as_sparse(found, side, sparse) if found.is_operator(side) else side for side in (left, right)
            ]
            return _joint(sides[0], op, sides[1])
        case ast.Attribute(value=value, attr=attr):
            return ast.Attribute(_as_sparse(found, value, sparse), attr, ast.Load())
        case ast.Call(func=func, args=arguments, keywords=keywords):
            options = {keyword.arg: keyword.value for keyword in keywords}
            last = found.meaning.full(found.module, func).rpartition(".")[2]
            if last == "kron":
                return _call(f"{sparse}.kron", [_as_sparse(found, one, sparse) for one in arguments])
            if last == "diag":
                offset = arguments[1] if len(arguments) > 1 else options.get("k", ast.Constant(0))
                return _call(f"{sparse}.diags_array", arguments[:1], offsets=offset)
            shift = arguments[2] if len(arguments) > 2 else options.get("k")
            return _call(f"{sparse}.eye_array", arguments[:2], **({"k": shift} if shift is not None else {}))
    return node


def _joint(one: ast.expr, op: ast.operator, other: ast.expr) -> ast.expr:
    """A sum; one of diagonals is made at once."""
    match one, op, other:
        case (
            ast.Call(func=ast.Attribute(attr="diags_array"), args=[values], keywords=[offsets]),
            ast.Add(),
            ast.Call(
                func=ast.Attribute(attr="diags_array"), args=[more], keywords=[ast.keyword(value=offset)]
            ),
        ):
            known = values.elts if isinstance(values, ast.List) else [values]
            places = offsets.value.elts if isinstance(offsets.value, ast.List) else [offsets.value]
            if len({ast.unparse(place) for place in (*places, offset)}) == len(places) + 1:
                lists = ast.List([*known, more], ast.Load()), ast.List([*places, offset], ast.Load())
                return ast.Call(one.func, [lists[0]], [ast.keyword("offsets", lists[1])])
    return ast.BinOp(one, op, other)


def _has_float(node: ast.expr) -> bool:
    return any(
        isinstance(one, ast.Div) or (isinstance(one, ast.Constant) and isinstance(one.value, float))
        for one in ast.walk(node)
    )


def _call(name: str, arguments: list[ast.expr], **options: ast.expr) -> ast.Call:
    keywords = [ast.keyword(key, value) for key, value in options.items()]
    return ast.Call(ast.parse(name, mode="eval").body, arguments, keywords)
