"""Matrices that one method makes and others fill, with a creation of their own where they are filled."""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.reached import Reached
from pdeperf.model import Span
from pdeperf.source import Module
from pdeperf.source.edits import indentation, owns_lines
from pdeperf.source.scopes import FUNCTIONS, Function, own_nodes, parameters
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.creation_lines import creation_pieces
from pdeperf.sparse.divided import Divided, written_anew
from pdeperf.sparse.filling import Filling, Problem
from pdeperf.sparse.index_names import index_pieces
from pdeperf.sparse.later_uses import form_after
from pdeperf.sparse.matrix_names import name_pieces
from pdeperf.sparse.stores import created, fillings, stored_paths
from pdeperf.sparse.stores_by_functions import stores_in_place

_SHALLOW = ("copy.copy", "dataclasses.replace", "builtins.vars", "builtins.getattr", "builtins.setattr")
_HOOKS = frozenset(("__setattr__", "__getattr__", "__getattribute__", "__dict__", "__copy__"))
_HARMLESS = frozenset("ImportError ModuleNotFoundError KeyboardInterrupt SystemExit".split())


@dataclass(frozen=True, slots=True)
class Filled:
    """The matrices of a file that are filled entry by entry.

    Attributes
    ----------
    module
        The file, with ``self.K = self.K.tolil()`` before what fills a matrix that another method has made.
    called
        Calls of functions that store into matrices, and these functions, as the user's file has them.
    """

    meaning: Meaning
    module: Module
    found: tuple[Filling | Problem, ...]
    forgets: tuple[str, ...] = ()
    divided: Divided | None = None
    called: tuple[tuple[Span, Span], ...] = ()

    def line(self, number: int) -> int:
        """The line of the user's file."""
        return number if self.divided is None else self.divided.origins[number - 1]

    def spans(self, filling: Filling) -> tuple[Span, ...]:
        """Where, in the user's file, the loops are that fill a matrix."""
        spans = (self.module.span(loop) for loop in filling.loops)
        return tuple(spans if self.divided is None else map(self.divided.original, spans))

    def reached(self, span: Span) -> tuple[Span, ...]:
        """A loop, with the functions that store for it."""
        found = [span]
        for one in found:
            found += [body for call, body in self.called if one.contains(call) and body not in found]
        return tuple(found)


def filled_in(meaning: Meaning, module: Module, only: Collection[str] | None = None) -> Filled:
    """The matrices of a file that are filled entry by entry, wherever they are made.

    Parameters
    ----------
    only
        The matrices made elsewhere that are looked for; None for all.
    """
    before: tuple[int, ...] = tuple(range(1, len(module.lines) + 1))
    forgets: list[str] = []
    is_written = False
    called: tuple[tuple[Span, Span], ...] = ()
    if (inlined := stores_in_place(meaning, module, only)) is not None:
        new = inlined.divided
        meaning, module, is_written = Meaning(new.project), new.module, True
        before = new.origins
        forgets += inlined.forgets
        called = inlined.called
    for named in (creation_pieces, name_pieces, index_pieces):
        pieces, names = named(meaning, module, only)
        if pieces:
            new = written_anew(meaning.project, module, pieces)
            meaning, module, is_written = Meaning(new.project), new.module, True
            before = tuple(before[line - 1] for line in new.origins)
            forgets += names
    found = _begun_in(meaning, module, only)
    if not is_written:
        return found
    origins = found.divided.origins if found.divided is not None else range(1, len(before) + 1)
    both = Divided(found.meaning.project, found.module, tuple(before[line - 1] for line in origins))
    return replace(found, divided=both, forgets=tuple(forgets), called=called)


def _begun_in(meaning: Meaning, module: Module, only: Collection[str] | None) -> Filled:
    known = tuple(fillings(meaning, module))
    begun, reasons = _begun(meaning, module, [one for one in known if isinstance(one, Filling)])
    begun = [(path, one) for path, one in begun if only is None or path in only]
    while begun:
        two = _with_creations(meaning, module, begun)
        new = Meaning(two.project)
        found = tuple(fillings(new, two.module))
        good = {(one.path, two.origins[one.creation.lineno - 1]) for one in found if isinstance(one, Filling)}
        bad = {path for path, one in begun if (path, one.lineno) not in good}
        bad |= {path for path, _ in begun if _is_kept_in_rows(new, two.module, path, found)}
        if not bad:
            return Filled(new, two.module, (*found, *reasons), divided=two)
        reasons += [
            Problem(two.origins[one.line - 1], one.reason) for one in found if isinstance(one, Problem)
        ]
        begun = [(path, one) for path, one in begun if path not in bad]
    return Filled(meaning, module, (*known, *reasons))


def _with_creations(meaning: Meaning, module: Module, begun: Sequence[tuple[str, ast.stmt]]) -> Divided:
    """The file with ``self.K = self.K.tolil()`` before some statements."""
    pieces = []
    for first in sorted({one.lineno for _, one in begun}):
        row = module.lines[first - 1].rstrip("\r\n")
        here = [(path, one) for path, one in begun if one.lineno == first]
        lines = [
            (f"{indentation(module, one)}{path} = {path}.to{_form(meaning, path)}()", first)
            for path, one in here
        ]
        pieces.append((first, first, [*lines, (row, first)]))
    return written_anew(meaning.project, module, pieces)


def _form(meaning: Meaning, path: str) -> str:
    """The format that a matrix is made in."""
    attr = path.rpartition(".")[2]
    for module in meaning.project.modules.values():
        for node in ast.walk(module.tree):
            match node:
                case ast.Assign(targets=[ast.Attribute(attr=name)], value=value) if name == attr:
                    made = created(meaning, module, value)
                    if made is not None and made[0] in ("lil", "dok"):
                        return made[0]
    return "lil"


def _is_kept_in_rows(meaning: Meaning, module: Module, path: str, found: Sequence[Filling | Problem]) -> bool:
    """May it be in CSR format when it is filled again, and does it matter that it is not afterwards?"""
    fills = [one for one in found if isinstance(one, Filling) and one.path == path]
    if all(form_after(meaning, module, one, fills) in ("csr", "csc") for one in fills):
        return False
    attr = path.rpartition(".")[2]
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("tocsr", "tocsc")
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == attr
        and _is_kept(place, node)
        for place in meaning.project.modules.values()
        for node in ast.walk(place.tree)
    )


def _is_kept(module: Module, conversion: ast.Call) -> bool:
    """Is it ``self.K = self.K.tocsr()``?"""
    assert isinstance(conversion.func, ast.Attribute)
    match module.parents.get(conversion):
        case ast.Assign(targets=[target]):
            return ast.unparse(target) == ast.unparse(conversion.func.value)
    return False


def _begun(
    meaning: Meaning, module: Module, known: Sequence[Filling]
) -> tuple[list[tuple[str, ast.stmt]], list[Problem]]:
    """Where matrices are filled that other methods have made, and where that is not certain."""
    sites: dict[str, list[tuple[ast.FunctionDef, list[ast.stmt]]]] = {}
    for home in ast.walk(module.tree):
        if isinstance(home, ast.FunctionDef):
            for path, statements in _stored_in(module, home):
                if not any(one.path == path and statements[0] in one.statements for one in known):
                    sites.setdefault(path, []).append((home, statements))
    begun: list[tuple[str, ast.stmt]] = []
    reasons: list[Problem] = []
    constancy = Constancy(meaning) if sites else None
    for path, places in sites.items():
        assert constancy is not None
        if _is_array(meaning, path):
            continue
        filled = [statement for one in known if one.path == path for statement in one.statements]
        filled += [statement for _, statements in places for statement in statements]
        stores = {id(node) for one in filled for node in ast.walk(one)}
        if reason := _is_shared(constancy, path, stores, [home for home, _ in places]):
            reasons += [
                Problem(one.lineno, f"`{path}` is made elsewhere and filled here, but {reason}")
                for _, statements in places
                for one in statements
                if isinstance(one, ast.For | ast.While)
            ]
            continue
        begun += [(path, statements[0]) for _, statements in places]
    return begun, reasons


def _is_array(meaning: Meaning, path: str) -> bool:
    """Is it made as an array or a list, and nowhere in a sparse format?"""
    attr = path.rpartition(".")[2]
    made = [
        (module, node.value)
        for module in meaning.project.modules.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign)
        and any(isinstance(one, ast.Attribute) and one.attr == attr for one in node.targets)
    ]
    return not any(created(meaning, *one) for one in made) and any(
        isinstance(value, ast.List | ast.ListComp)
        or (isinstance(value, ast.Call) and meaning.full(module, value.func).startswith("numpy."))
        for module, value in made
    )


def _stored_in(module: Module, home: ast.FunctionDef) -> Iterator[tuple[str, list[ast.stmt]]]:
    """The attributes of ``self`` that loops of a method store into, each with the statements that do so."""
    if parameters(home)[:1] != ("self",) or not isinstance(module.parents.get(home), ast.ClassDef):
        return
    selves = [one for one in ast.walk(home) if isinstance(one, ast.Name) and one.id == "self"]
    if not all(isinstance(one.ctx, ast.Load) for one in selves):
        return
    found: dict[str, list[ast.stmt]] = {}
    for statement in home.body:
        for path in stored_paths(statement):
            if path.startswith("self.") and path.count(".") == 1:
                found.setdefault(path, []).append(statement)
    for path, statements in found.items():
        if any(isinstance(one, ast.For | ast.While) for one in statements) and owns_lines(
            module, statements[:1]
        ):
            yield path, statements


def _is_shared(
    constancy: Constancy, path: str, stores: Collection[int], fillers: Collection[Function]
) -> str:
    """Why it matters that a filled matrix is another object than before; empty if nobody can tell."""
    meaning, attr = constancy.meaning, path.rpartition(".")[2]
    if constancy.changes.wild:
        return "the program runs text as code"
    makers: set[tuple[str, str, str]] = set()
    for module in meaning.project.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, (ast.Module, *FUNCTIONS)) and (
                reason := _other_names(constancy, module, node, attr, fillers)
            ):
                return reason
            if isinstance(node, ast.ExceptHandler) and not _is_harmless(node):
                return f"line {node.lineno} handles errors, after which it may be filled in part"
            if isinstance(node, ast.Name | ast.Attribute):
                name = node.attr if isinstance(node, ast.Attribute) else node.id
                if name in _HOOKS or meaning.full(module, node) in _SHALLOW:
                    return f"line {node.lineno} may give it to another object"
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and getattr(node, "name", "") in {attr, *_HOOKS}:
                return f"`{getattr(node, 'name', '')}` is defined"
            if isinstance(node, ast.ClassDef) and any(_binds(one, attr) for one in node.body):
                return f"class `{node.name}` has one for all its objects"
            if not (isinstance(node, ast.Attribute) and node.attr == attr) or id(node) in stores:
                continue
            match module.parents.get(node):
                case ast.Assign(targets=targets) as statement if node in targets:
                    made = _made(meaning, module, statement, path)
                    if made is None:
                        return f"line {node.lineno} makes it in another way"
                    makers |= {made} - {("", "", "")}
                case ast.Call(args=arguments, keywords=keywords) as call if (
                    node in arguments or any(keyword.value is node for keyword in keywords)
                ) and not meaning.full(module, call.func):
                    if Reached(meaning).from_nodes([call]) & set(fillers):
                        return f"line {node.lineno} may give it another name"
            if not isinstance(node.ctx, ast.Load) and not isinstance(module.parents.get(node), ast.Assign):
                return f"line {node.lineno} binds it"
    return "" if len(makers) == 1 else "it is not always made in the same way"


def _other_names(
    constancy: Constancy, module: Module, home: ast.AST, attr: str, fillers: Collection[Function]
) -> str:
    """Whether a matrix has another name in a function while it is filled, or after the function's end."""
    others = constancy.sharing.group(module, home, f".{attr}") - {f".{attr}"}
    if not others:
        return ""
    own = constancy.meaning.scope(module, home).binds if isinstance(home, FUNCTIONS) else frozenset[str]()
    given = parameters(home) if isinstance(home, FUNCTIONS) else ()
    is_local = others <= own - set(given)
    if is_local and home not in fillers and not Reached(constancy.meaning).from_nodes([home]) & set(fillers):
        return ""
    return f"`{min(others)}` in line {getattr(home, 'lineno', 1)} may be another name of it"


def _is_harmless(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all(kind is not None and ast.unparse(kind) in _HARMLESS for kind in kinds)


def _binds(statement: ast.stmt, attr: str) -> bool:
    """Does a statement of a class bind a name to something that objects share?"""
    if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Constant | None):
        return False
    nodes = [statement, *own_nodes(statement)] if not isinstance(statement, FUNCTIONS) else []
    return any(
        isinstance(one, ast.Name) and one.id == attr and isinstance(one.ctx, ast.Store) for one in nodes
    )


def _made(meaning: Meaning, module: Module, statement: ast.Assign, path: str) -> tuple[str, str, str] | None:
    """Format, kind and numbers of a new matrix; nothing of None and the same in another format."""
    match statement.value:
        case ast.Constant(value=None):
            return "", "", ""
        case ast.Call(func=ast.Attribute(value=base, attr="tocsr" | "tocsc"), args=[], keywords=[]) if (
            ast.unparse(base) == path == ast.unparse(statement.targets[0])
        ):
            return "", "", ""
    found = created(meaning, module, statement.value)
    if found is None or len(statement.targets) > 1 or found[3] is not None:
        return None
    form, kind, _, _, scalar = found
    return (form, kind, scalar) if form in ("lil", "dok") else None
