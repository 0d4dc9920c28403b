"""Which functions the user has already given to Numba, and which of their loops could use all cores."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pdeperf.kernel.dependence import Answer, Parallelism, parallelism
from pdeperf.kernel.observed import Observed
from pdeperf.kernel.values import Resolve
from pdeperf.kernel.vocabulary import qualified
from pdeperf.model import Span
from pdeperf.source import Module, Project
from pdeperf.source.scopes import own_nodes, parameters, scope_of

_NOPYTHON = ("numba.njit", "numba.jit", "numba.core.decorators.njit", "numba.core.decorators.jit")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A function at a file's top level that Numba compiles.

    Attributes
    ----------
    decorator
        The decorator, bare or called.
    """

    module: Module
    node: ast.FunctionDef
    decorator: ast.expr

    @property
    def name(self) -> str:
        """The function's name."""
        return self.node.name

    @property
    def keywords(self) -> Mapping[str, ast.expr]:
        """The decorator's keyword arguments."""
        if not isinstance(self.decorator, ast.Call):
            return {}
        return {keyword.arg: keyword.value for keyword in self.decorator.keywords if keyword.arg}

    @property
    def is_serial(self) -> bool:
        """Is it compiled for one core?"""
        parallel = self.keywords.get("parallel")
        return parallel is None or (isinstance(parallel, ast.Constant) and parallel.value is False)


@dataclass(frozen=True, slots=True)
class Judged:
    """A loop of a compiled function, and whether its iterations are independent."""

    loop: ast.For
    proof: Parallelism


def compiled(module: Module) -> Iterator[Compiled]:
    """Functions at the top level of a file that numba's njit or jit decorates, and nothing else does."""
    for node in module.tree.body:
        if not isinstance(node, ast.FunctionDef) or len(node.decorator_list) != 1:
            continue
        decorator = node.decorator_list[0]
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if qualified(called, module, scope_of(module, module.tree)) not in _NOPYTHON:
            continue
        found = Compiled(module, node, decorator)
        objects = found.keywords.keys() & {"forceobj", "nopython"}
        if (
            any(not _is_true(found.keywords[name]) for name in objects & {"nopython"})
            or "forceobj" in objects
        ):
            continue
        yield found


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def definition(node: ast.expr, module: Module, project: Project) -> tuple[Module, ast.FunctionDef] | None:
    """The function of the user's that an expression names, in this file or an imported one."""
    full = qualified(node, module, scope_of(module, node))
    if full:
        home, _, name = full.rpartition(".")
        for file, other in project.modules.items():
            if file.removesuffix(".py").replace("/", ".").split(".")[-len(home.split(".")) :] == home.split(
                "."
            ):
                return _top_level(other, name)
        return None
    if not isinstance(node, ast.Name):
        return None
    owner = scope_of(module, node).resolve(node.id)
    return _top_level(module, node.id) if owner is not None and owner.is_module else None


def _top_level(module: Module, name: str) -> tuple[Module, ast.FunctionDef] | None:
    """A function bound once at the top level of a file."""
    found = [node for node in module.tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    bound = [
        node
        for node in module.nodes
        if (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name)
        or (isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name)
    ]
    return (module, found[0]) if len(found) == 1 == len(bound) else None


def reached(where: Span, project: Project) -> Iterator[Compiled]:
    """Compiled functions that lie in a span or that its lines call, and those that these call."""
    if where.file not in project:
        return
    module = project[where.file]
    known = {id(item.node): item for other in project.modules.values() for item in compiled(other)}
    waiting = [
        node for node in module.tree.body
        if id(node) in known and node.lineno <= where.last and (node.end_lineno or 0) >= where.first
    ]  # fmt: skip
    for node in module.nodes:
        if isinstance(node, ast.Call) and where.first <= node.lineno <= where.last:
            found = definition(node.func, module, project)
            if found is not None:
                waiting.append(found[1])
    seen: set[int] = set()
    while waiting:
        node = waiting.pop(0)
        if id(node) in seen or not isinstance(node, ast.FunctionDef):
            continue
        seen.add(id(node))
        item = known.get(id(node))
        if item is None:
            continue
        yield item
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call):
                found = definition(inner.func, item.module, project)
                if found is not None:
                    waiting.append(found[1])


def callers(item: Compiled, project: Project) -> Iterator[Compiled]:
    """Compiled functions, other than itself, that mention a compiled function."""
    for module in project.modules.values():
        for other in compiled(module):
            if other.node is item.node:
                continue
            for node in ast.walk(other.node):
                if isinstance(node, ast.Name | ast.Attribute):
                    found = definition(node, module, project)
                    if found is not None and found[1] is item.node:
                        yield other
                        break


def is_fallback(item: Compiled, project: Project) -> bool:
    """Is a serial kernel kept beside a parallel one that is called with the same arguments?"""
    for module in project.modules.values():
        for function in (node for node in module.tree.body if isinstance(node, ast.FunctionDef)):
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            mine = [call for call in calls if _means(call, item.node, module, project)]
            for call in mine:
                for other in calls:
                    found = definition(other.func, module, project)
                    if found is None or ast.dump(ast.List(other.args)) != ast.dump(ast.List(call.args)):
                        continue
                    if any(peer.node is found[1] and not peer.is_serial for peer in compiled(found[0])):
                        return True
    return False


def _means(call: ast.Call, node: ast.FunctionDef, module: Module, project: Project) -> bool:
    found = definition(call.func, module, project)
    return found is not None and found[1] is node


@dataclass(frozen=True, slots=True)
class Context:
    """What the analyses of a compiled function's loops start from.

    Attributes
    ----------
    arrays
        Dimensions of the parameters that were seen to be arrays.
    scalars
        Parameters that were seen to be numbers.
    callees
        The user's functions that it calls, by name.
    constants
        Integers that top-level names hold for good.
    """

    arrays: Mapping[str, int]
    scalars: frozenset[str]
    callees: Mapping[str, ast.FunctionDef]
    constants: Mapping[str, int]
    resolve: Resolve


def context(item: Compiled, project: Project) -> Context:
    """What is known of a compiled function's parameters and of the functions that it calls."""
    homes: dict[int, Module] = {}
    callees: dict[str, ast.FunctionDef] = {}
    clashes: set[str] = set()
    waiting = [(item.module, item.node)]
    while waiting:
        module, node = waiting.pop()
        if any(id(part) in homes for part in node.body):
            continue
        homes.update((id(part), module) for part in ast.walk(node))
        for call in (inner for inner in ast.walk(node) if isinstance(inner, ast.Call)):
            found = definition(call.func, module, project)
            if found is None or not isinstance(call.func, ast.Name):
                continue
            if callees.setdefault(call.func.id, found[1]) is not found[1]:
                clashes.add(call.func.id)
            waiting.append(found)

    def resolve(node: ast.expr) -> str:
        home = homes.get(id(node), item.module)
        return qualified(node, home, scope_of(home, node))

    observed = Observed(project)
    seen = {name: observed.look(item.module, item.node, name) for name in parameters(item.node)}
    return Context(
        arrays={name: what.kind.ndim for name, what in seen.items() if what and what.kind.is_array},
        scalars=frozenset(name for name, what in seen.items() if what and what.kind.is_scalar),
        callees={name: node for name, node in callees.items() if name not in clashes},
        constants=dict(_constants(item.module)),
        resolve=resolve,
    )


def judged(item: Compiled, project: Project) -> Iterator[Judged]:
    """The outermost loops of a function that may run in any order, and those that may not, in order."""
    yield from _outermost(item.node.body, item, context(item, project))


def _outermost(statements: list[ast.stmt], item: Compiled, known: Context) -> Iterator[Judged]:
    for statement in statements:
        if isinstance(statement, ast.For):
            proof = parallelism(
                statement,
                item.node,
                known.arrays,
                known.callees,
                constants=known.constants,
                scalars=known.scalars,
                resolve=known.resolve,
                rewrites_branches=True,
            )
            yield Judged(statement, proof)
            if proof.answer is Answer.YES:
                continue
        for block in ("body", "orelse"):
            yield from _outermost(getattr(statement, block, []), item, known)


def _constants(module: Module) -> Iterator[tuple[str, int]]:
    """Integers that top-level names hold for good: Numba compiles them in."""
    shared = {name for node in module.nodes if isinstance(node, ast.Global) for name in node.names}
    stores: dict[str, int] = {}
    for node in own_nodes(module.tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            stores[node.id] = stores.get(node.id, 0) + 1
    for statement in module.tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int() as value)):
                if stores[name] == 1 and name not in shared and not isinstance(value, bool):
                    yield name, value
