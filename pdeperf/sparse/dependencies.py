"""What a computation depends on, if it changes nothing: the names and attributes that it reads."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.sharing import passed
from pdeperf.lifetimes.vocabulary import CONVERSIONS, READING_METHODS, SPARSE_MAKERS, VIEW_METHODS
from pdeperf.source import Module
from pdeperf.source.flow import writes
from pdeperf.source.scopes import Function, own_nodes, parameters, statement_of

_BUILTINS = frozenset(
    f"builtins.{name}"
    for name in (
        "len range int float abs min max enumerate zip list tuple sum round complex bool sorted reversed"
    ).split()
)
FILLING_METHODS = frozenset("append extend setdiag eliminate_zeros sum_duplicates sort_indices fill".split())
"""Methods that change an object which the function has made itself."""
_NEW = SPARSE_MAKERS | {
    f"scipy.sparse.{form}_{kind}"
    for form in ("lil", "dok", "bsr", "dia", "csr", "csc", "coo")
    for kind in ("matrix", "array")
}
_LINEAR = frozenset(f"numpy.linalg.{name}" for name in "det inv norm solve".split()) | frozenset(
    f"numpy.{name}"
    for name in (
        "diag outer kron tile repeat tri tril triu dot matmul vstack hstack block concatenate stack "
        "asarray broadcast_to divmod unique nonzero flatnonzero meshgrid ravel_multi_index ix_"
    ).split()
)
"""Functions that make new arrays, or views of what they are given, which counts as a key."""
_STATEMENTS = (
    ast.Assign, ast.AugAssign, ast.For, ast.While, ast.If,
    ast.Expr, ast.Pass, ast.Continue, ast.Break, ast.Return,
)  # fmt: skip


class Impure(Exception):  # noqa: N818 - a verdict, not an error
    """Something may be changed, or depend on what cannot be named; the text says what."""


@dataclass(slots=True)
class Dependencies:
    """Finds what expressions and functions read.

    Attributes
    ----------
    called
        The user's functions that are run.
    leaves_out_unused
        What a function is given and never reads counts as nothing that it depends on.
    """

    meaning: Meaning
    leaves_out_unused: bool = False
    called: dict[Function, Module] = field(default_factory=dict)
    _open: list[Function] = field(default_factory=list)

    def of(self, module: Module, nodes: Iterable[ast.expr], known: frozenset[str]) -> Iterator[str]:
        """Texts of what some expressions read beside names that are known.

        Raises
        ------
        Impure
            If evaluating them may do more than compute.
        """
        for node in nodes:
            yield from self._of(module, node, known)

    def _of(self, module: Module, node: ast.expr, known: frozenset[str]) -> Iterator[str]:
        match node:
            case ast.Constant():
                return
            case ast.Name(id=name):
                if name in known or self.meaning.full(module, node):
                    return
                if name in self.meaning.functions:
                    raise Impure(f"the function `{name}` is a value")
                yield name
            case ast.Attribute():
                yield from self._of_attribute(module, node, known)
            case ast.Subscript(value=ast.Name() | ast.Attribute() as base, slice=ast.Constant()) if (
                ast.unparse(base).partition(".")[0] not in known
            ):
                yield from self._as_key(module, base)
                yield ast.unparse(node)
            case ast.Call():
                yield from self._of_call(module, node, known)
            case ast.BinOp() | ast.UnaryOp() | ast.BoolOp() | ast.Compare() | ast.Tuple() | ast.List():
                yield from self._children(module, node, known)
            case ast.Subscript() | ast.Slice() | ast.IfExp() | ast.Starred():
                yield from self._children(module, node, known)
            case ast.ListComp(generators=loops) | ast.GeneratorExp(generators=loops):
                bound = frozenset[str]().union(*(_names(loop.target) for loop in loops))
                yield from self._children(module, node, known | bound)
            case _:
                raise Impure(f"`{ast.unparse(node)}` is no plain expression")

    def _children(self, module: Module, node: ast.AST, known: frozenset[str]) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.comprehension):
                yield from self._children(module, child, known)
            elif isinstance(child, ast.expr):
                yield from self._of(module, child, known)

    def _as_key(self, module: Module, base: ast.expr) -> Iterator[str]:
        """Nothing, where an access path runs no code."""
        at = statement_of(module, base)
        inner: ast.expr = base
        while isinstance(inner, ast.Attribute):
            if self.meaning.values(module, at, ast.unparse(inner), "property"):
                raise Impure(f"`{ast.unparse(inner)}` is a property")
            inner = inner.value
        if not isinstance(inner, ast.Name):
            raise Impure(f"`{ast.unparse(base)}` is no plain name")
        yield from ()

    def _of_attribute(self, module: Module, node: ast.Attribute, known: frozenset[str]) -> Iterator[str]:
        if self.meaning.full(module, node):
            return
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or root.id in known:
            yield from self._of(module, node.value, known)
            return
        if (
            node.attr in ("shape", "size", "ndim", "nnz")
            and isinstance(node.value, ast.Name)
            and not self._open
        ):
            yield ast.unparse(node)
            return
        while node.attr in ("T", "shape", "size", "dtype", "ndim", "nnz", "real", "imag"):
            if not isinstance(node.value, ast.Attribute):
                yield from self._of(module, node.value, known)
                return
            node = node.value
        yield from self._as_key(module, node)
        yield ast.unparse(node)

    def _of_call(self, module: Module, node: ast.Call, known: frozenset[str]) -> Iterator[str]:
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any((keyword.arg or "out") in ("out", "copy") for keyword in node.keywords):
            raise Impure(f"`{ast.unparse(node)}` may write to an argument")
        name = self.meaning.full(module, node.func)
        if name == "builtins.len" and not self._open:
            match arguments:
                case [ast.Name(id=of)] if of not in known:
                    yield ast.unparse(node)
                    return
        unread = self._unread(module, node) if self.leaves_out_unused and not name else ()
        for argument in arguments:
            texts = list(self._of(module, argument, known))
            yield from () if argument in unread else texts
        if name:
            if self.meaning.is_pure(module, node) or name in _NEW | _BUILTINS | _LINEAR:
                return
            raise Impure(f"`{name}` is not known to compute from its arguments alone")
        functions = self.meaning.called(module, node)
        if not functions and isinstance(node.func, ast.Attribute):
            if node.func.attr in CONVERSIONS | READING_METHODS | VIEW_METHODS - {"get"}:
                yield from self._of(module, node.func.value, known)
                return
            raise Impure(f"`{ast.unparse(node.func)}` may change something")
        if not functions or len(functions) != 1:
            raise Impure(f"it is not known what `{ast.unparse(node.func)}` runs")
        home, function = functions[0]
        receiver = ""
        if isinstance(node.func, ast.Attribute):
            receiver = ast.unparse(node.func.value)
            if receiver.partition(".")[0] in known or home is not module:
                raise Impure(f"`{receiver}` is made here")
            yield from self._as_key(module, node.func.value)
        for text in self.of_function(home, function):
            root = re.split(r"\W", text, maxsplit=1)[0]
            owners = [
                self.meaning.scope(one, at).resolve(root)
                for one, at in ((module, node), (home, function.body[0]))  # type: ignore[index]
            ]
            if root != "self" and (
                owners[0] is None or owners[1] is None or owners[0].node is not owners[1].node
            ):
                raise Impure(f"`{root}` means something else in `{ast.unparse(node.func)}`")
            is_own = text.partition(".")[0].partition("[")[0] == "self"
            yield f"{receiver}{text.removeprefix('self')}" if is_own and receiver else text

    def _unread(self, module: Module, node: ast.Call) -> list[ast.expr]:
        """Arguments for parameters that the function does not mention."""
        functions = self.meaning.called(module, node) or []
        if len(functions) != 1 or not isinstance(functions[0][1], ast.FunctionDef):
            return []
        function = functions[0][1]
        inside = [inner for one in function.body for inner in ast.walk(one)]
        mentioned = {inner.id for inner in inside if isinstance(inner, ast.Name)}
        return [one for name, one in passed(node, function) if name is not None and name not in mentioned]

    def of_function(self, module: Module, function: Function) -> list[str]:
        """What a function reads beside its parameters: globals, and attributes of ``self``."""
        if not isinstance(function, ast.FunctionDef) or function.decorator_list or function in self._open:
            raise Impure("a function is decorated, or calls itself")
        self._open.append(function)
        try:
            return list(dict.fromkeys(self._of_body(module, function)))
        finally:
            self._open.pop()
            self.called[function] = module

    def of_statements(
        self, module: Module, statements: Sequence[ast.stmt], made: frozenset[str]
    ) -> Iterator[str]:
        """What statements read beside the names that they bind themselves.

        Raises
        ------
        Impure
            If they may do more than compute and bind these.
        """
        nodes = [node for one in statements for node in (one, *own_nodes(one))]
        fresh = self._made(module, nodes)
        for node in nodes:
            match node:
                case ast.Return():
                    raise Impure(f"line {node.lineno} returns")
                case ast.Assign(targets=[ast.Attribute()], value=value):
                    yield from self._of(module, value, made)
                case ast.stmt():
                    yield from self._of_statement(module, node, made, fresh)

    def _of_body(self, module: Module, function: ast.FunctionDef) -> Iterator[str]:
        given = frozenset(parameters(function)) - {"self"}
        known = given | frozenset().union(*(writes(one) for one in function.body))
        yield from self.of(module, function.args.defaults, frozenset())
        nodes = list(own_nodes(function))
        fresh = self._made(module, nodes) - given
        for node in nodes:
            if isinstance(node, ast.stmt):
                yield from self._of_statement(module, node, known, fresh)

    def _of_statement(
        self, module: Module, node: ast.stmt, known: frozenset[str], fresh: frozenset[str]
    ) -> Iterator[str]:
        if not isinstance(node, _STATEMENTS):
            raise Impure(f"line {node.lineno} does more than compute")
        match node:
            case ast.Expr(value=ast.Constant()):
                return
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) as call
            ) if name in fresh and method in FILLING_METHODS:
                yield from self.of(module, call.args, known)
            case ast.Expr(value=ast.Call(func=func, args=[ast.Name(id=name), *others], keywords=[])) if (
                name in fresh and self.meaning.full(module, func) == "numpy.add.at"
            ):
                yield from self.of(module, others, known)
            case ast.Expr(value=value):
                raise Impure(f"`{ast.unparse(value)}` is done for what it changes")
            case ast.Assign(targets=targets, value=value):
                yield from self._targets(module, targets, known, fresh)
                yield from self._of(module, value, known)
            case ast.AugAssign(target=target, value=value):
                if isinstance(target, ast.Name) and target.id not in fresh:
                    raise Impure(f"`{target.id}` is changed")
                yield from self._targets(module, [target], known, fresh)
                yield from self._of(module, value, known)
            case ast.For(target=target, iter=source):
                yield from self._targets(module, [target], known, fresh)
                yield from self._of(module, source, known)
            case ast.While(test=test) | ast.If(test=test):
                yield from self._of(module, test, known)
            case ast.Return(value=ast.expr() as value):
                yield from self._of(module, value, known)

    def _targets(
        self, module: Module, targets: Iterable[ast.expr], known: frozenset[str], fresh: frozenset[str]
    ) -> Iterator[str]:
        for target in targets:
            match target:
                case ast.Name() | ast.Starred(value=ast.Name()):
                    continue
                case ast.Tuple(elts=parts) | ast.List(elts=parts):
                    yield from self._targets(module, parts, known, fresh)
                case ast.Subscript(value=ast.Name(id=name), slice=index) if name in fresh:
                    yield from self._of(module, index, known)
                case _:
                    raise Impure(f"`{ast.unparse(target)}` is stored into")

    def _made(self, module: Module, nodes: Iterable[ast.AST]) -> frozenset[str]:
        """Names that only ever hold what some nodes have made themselves, or numbers."""
        values: dict[str, list[ast.expr | None]] = {}
        for node in nodes:
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        for name, held in _bindings(target, value):
                            values.setdefault(name, []).append(held)
                case ast.For(target=target):
                    for name in _names(target):
                        values.setdefault(name, []).append(None)
        fresh, before = frozenset(values), frozenset[str]()
        while fresh != before:  # what is converted is as new as what it was made of
            before = fresh
            fresh = frozenset(
                name for name in before if all(self._is_new(module, one, before) for one in values[name])
            )
        return fresh

    def _is_new(self, module: Module, value: ast.expr | None, fresh: frozenset[str]) -> bool:
        match value:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)) if (
                name in fresh and attr in _FORMS
            ):
                return True
            case ast.Constant() | ast.List() | ast.ListComp() | ast.BinOp() | ast.UnaryOp() | ast.Compare():
                return True
            case ast.Call(func=func):
                name = self.meaning.full(module, func)
                makes = name.startswith("numpy.") and name.rpartition(".")[2] in _MAKERS
                if makes or name in _NEW or name in ("builtins.int", "builtins.float", "builtins.len"):
                    return True
                return (
                    not name and isinstance(func, ast.Attribute) and func.attr in ("copy", "tolil", "todok")
                )
        return False


_FORMS = frozenset("tocsr tocsc tocoo tolil todok todia tobsr toarray".split())
_MAKERS = frozenset(
    "zeros ones empty full eye identity zeros_like ones_like array linspace arange copy".split()
)


def _bindings(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr | None]]:
    """Each name that is bound, and to what; None where that is a part of something."""
    match target, value:
        case ast.Name(id=name), _:
            yield name, value
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            for one, held in zip(targets, values, strict=True):
                yield from _bindings(one, held)
        case _:
            yield from ((name, None) for name in _names(target))


def _names(target: ast.expr) -> frozenset[str]:
    return frozenset(
        node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )


def hidden_reads(meaning: Meaning, module: Module, nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Names that the functions read which some nodes call.

    Raises
    ------
    Impure
        If a call changes more than the list that it appends to.
    """
    found: set[str] = set()
    for call in nodes:
        if not isinstance(call, ast.Call):
            continue
        match call.func:
            case ast.Attribute(value=ast.Name(), attr="append" | "extend"):
                continue
        used = (one.id for one in ast.walk(call) if isinstance(one, ast.Name) and one.id != "self")
        known = frozenset(name for name in used if name not in meaning.functions)
        for text in Dependencies(meaning).of(module, [call], known):
            found |= {one.id for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Name)}
    return frozenset(found)
