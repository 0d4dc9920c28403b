"""How the user's own functions are compiled when a kernel calls them.

A plain function that reads nothing but its parameters is decorated where it stands. One that
reads globals, an enclosing function's variables or attributes of ``self`` is copied to the top
level with these as additional parameters: Numba would freeze them at their first values.
"""

import ast
import re
from dataclasses import dataclass, field

from pdeperf.kernel.admission import Arithmetic, infer_names, shape_problems
from pdeperf.kernel.definitions import (
    Definition,
    is_compiled,
    is_import,
    is_literal_constant,
    name_of_lambda,
    reads_globals_only,
    rebase,
    returned,
    self_of,
    signature_trouble,
    single_definition,
)
from pdeperf.kernel.kinds import UNKNOWN, Kind, infer, join_all
from pdeperf.kernel.lists import only_read
from pdeperf.kernel.lowering import CalleeUse, Lowering, Problem, names_near
from pdeperf.kernel.observed import Observed
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module, Project
from pdeperf.source.flow import reach, writes
from pdeperf.source.scopes import parameters, scope_of


@dataclass(frozen=True, slots=True)
class Found:
    """A function's definition and how it is reached."""

    module: Module
    node: Definition
    name: str
    receiver: str = ""
    self_name: str = ""
    guard: str = ""
    hoist: str = ""
    module_name: str = ""


@dataclass(frozen=True, slots=True)
class Callee:
    """One of the user's functions, compiled.

    Attributes
    ----------
    extras
        Additional leading parameters of a copy: (its name inside, its access path in the callee's terms).
    decorate
        Compiled where it stands, rather than copied.
    """

    module: Module
    node: Definition
    name: str
    extras: tuple[tuple[str, str], ...]
    lowering: Lowering
    decorate: bool
    ready: bool
    python_division: bool
    exact: bool
    result: Kind
    casts: tuple[ast.expr, ...]
    dropped: str = ""
    reads: frozenset[int] = frozenset()
    hoist: str = ""


@dataclass(slots=True)
class Callees:
    """The user's functions that one candidate compiles, as they are found."""

    project: Project
    observed: Observed
    home: Module
    taken: frozenset[str]
    built: dict[tuple[str, int, int], Callee] = field(default_factory=dict)
    hoists: dict[int, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    options: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _open: set[tuple[str, int, int]] = field(default_factory=set)
    _kinds: dict[tuple[str, int, int], list[dict[str, Kind]]] = field(default_factory=dict)

    def resolve(self, call: ast.Call, caller: Lowering) -> CalleeUse | Problem:
        """How a kernel calls what this call means."""
        found = self._find(call, caller)
        if isinstance(found, Problem):
            return found
        if any(isinstance(part, ast.Starred) for part in call.args) or any(not k.arg for k in call.keywords):
            return Problem(call.lineno, f"`{found.name}` is called with a starred argument")
        if not found.receiver and self._is_replaced(found.name):
            return Problem(call.lineno, f"`{found.name}` may be replaced by another function from outside")
        built = self._build(call, found, caller)
        if isinstance(built, Problem):
            return built
        extras: list[str] = []
        for inner, text in built.extras:
            outer = rebase(text, found.self_name, found.receiver)
            root = re.split(r"[.\[]", outer, maxsplit=1)[0]
            if built.module is not caller.module and not found.receiver:
                return Problem(call.lineno, f"`{found.name}` reads `{text}` of another file")
            if not found.receiver and self._shadowed(root, built, caller):
                return Problem(call.lineno, f"`{root}` means something else in `{found.name}`")
            extras.append(caller.path(outer, call.lineno, built.lowering.seen.get(inner)))
        return CalleeUse(
            built.name,
            tuple(extras),
            built.result,
            found.guard,
            built.exact,
            built.reads,
            keeps_name=bool(found.module_name),
        )

    def _shadowed(self, root: str, built: Callee, caller: Lowering) -> bool:
        inner = scope_of(built.module, built.node).resolve(root)
        outer = caller.scope.resolve(root)
        return (inner.node if inner else None) is not (outer.node if outer else None)

    def _find(self, call: ast.Call, caller: Lowering) -> Found | Problem:
        func = call.func
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            other = self.observed.provable.program.module_of(caller.module, caller.scope, func.value.id)
            if other is not None:
                return self._find_in_module(call, func, other, caller)
        if isinstance(func, ast.Attribute):
            return self._find_method(call, func, caller)
        if not isinstance(func, ast.Name):
            return Problem(call.lineno, f"it calls `{ast.unparse(func)[:40]}`")
        owner = caller.scope.resolve(func.id)
        if owner is not None:
            found = single_definition(func.id, owner.node)
            if found is not None:
                return Found(caller.module, found, func.id)
        seen = caller.look(func.id)
        chosen = ""
        if seen is not None and seen.functions:
            self.options[func.id] = seen.functions
            chosen = self.choices.get(func.id, seen.functions[0])
        located = self._located(chosen, len(call.args))
        if located is None:
            what = (
                "a library's function"
                if seen and seen.function
                else "something that is not a function of yours"
            )
            return Problem(call.lineno, f"it calls `{func.id}`, {what}")
        module, node, name = located
        imported = owner is None or is_import(func.id, owner.node)
        if imported and seen is not None and seen.function:
            return Found(module, node, func.id)
        home = scope_of(caller.module, caller.scope.node).module
        if isinstance(node, ast.Lambda):
            name = name_of_lambda(node, module)
            if not name and module is caller.module and reads_globals_only(node, module):
                hoist = self._hoisted(node, func.id)
                return Found(module, node, func.id, guard=f"{func.id} is {hoist}", hoist=hoist)
        if module is not caller.module or name not in home.binds:
            return Problem(
                call.lineno,
                f"`{func.id}` is a function passed as an argument that has no name of its own here",
                "define it with def at top level of this file",
            )
        if single_definition(name, module.tree) is not node:
            return Problem(call.lineno, f"`{func.id}` is a function that is not defined at top level")
        visible = caller.scope.resolve(name)
        if visible is not None and visible.is_module:
            return Found(module, node, name, guard=f"{func.id} is {name}")
        # The parameter hides the function that it is given: compare with another name of it.
        self.aliases.setdefault(name, self._unused(f"{name}_function"))
        return Found(module, node, name, guard=f"{func.id} is {self.aliases[name]}")

    def _find_in_module(
        self, call: ast.Call, func: ast.Attribute, home: Module, caller: Lowering
    ) -> Found | Problem:
        """``grid.flux(a)``: a function at the top level of one of the user's modules."""
        found = single_definition(func.attr, home.tree)
        is_plain = isinstance(found, ast.FunctionDef) and home.parents.get(found) is home.tree
        if found is None or not is_plain or home is caller.module:
            return Problem(
                call.lineno, f"`{ast.unparse(func)}` is not defined by def at top level of {home.file}"
            )
        return Found(home, found, func.attr, module_name=ast.unparse(func.value))

    def _hoisted(self, node: ast.Lambda, stem: str) -> str:
        """The top-level name that a lambda is given."""
        if id(node) not in self.hoists:
            self.hoists[id(node)] = self._unused(f"{stem}_function")
        return self.hoists[id(node)]

    def _unused(self, name: str) -> str:
        while name in self.taken or name in (*self.hoists.values(), *self.aliases.values()):
            name += "_"
        return name

    def _located(self, function: str, arguments_count: int = -1) -> tuple[Module, Definition, str] | None:
        """The definition that an observed function came from; None where several could be meant."""
        if function.count(":") < 2:
            return None
        file, line, qualname = function.split(":", 2)
        if file not in self.project:
            return None
        name = qualname.rpartition(".")[2]
        found: list[Definition] = []
        for node in ast.walk(self.project[file].tree):
            if isinstance(node, ast.FunctionDef) and node.name == name:
                lines = {node.lineno, *(part.lineno for part in node.decorator_list)}
                found += [node] if int(line) in lines else []
            elif isinstance(node, ast.Lambda) and name == "<lambda>" and node.lineno == int(line):
                found += [node] if arguments_count in (-1, len(node.args.args)) else []
        return (self.project[file], found[0], name) if len(found) == 1 else None

    def _find_method(self, call: ast.Call, func: ast.Attribute, caller: Lowering) -> Found | Problem:
        receiver = ast.unparse(func.value)
        methods = [
            (module, node, home)
            for module in self.project.modules.values()
            for home in ast.walk(module.tree)
            if isinstance(home, ast.ClassDef)
            for node in home.body
            if isinstance(node, ast.FunctionDef) and node.name == func.attr
        ]
        if not methods:
            return Problem(call.lineno, f"it calls `{ast.unparse(func)}`")
        if len(methods) > 1 or self._is_assigned(func.attr):
            return Problem(
                call.lineno, f"`{func.attr}` is defined by several classes: which one is meant is not known"
            )
        module, node, _ = methods[0]
        seen = caller.look(ast.unparse(func))
        located = self._located(seen.function if seen else "")
        mine = receiver == self_of(caller)
        if not mine and (located is None or located[1] is not node):
            return Problem(call.lineno, f"`{ast.unparse(func)}` was not seen to be the method `{func.attr}`")
        names = parameters(node)
        decorators = [ast.unparse(part) for part in node.decorator_list]
        if decorators == ["staticmethod"]:
            return Found(module, node, func.attr, receiver=receiver)
        if decorators or not names:
            return Problem(call.lineno, f"the method `{func.attr}` is decorated")
        return Found(module, node, func.attr, receiver=receiver, self_name=names[0])

    def _is_replaced(self, function: str) -> bool:
        """Does anything assign this name in a module (``grid.flux = mine``)?"""
        for module in self.project.modules.values():
            for node in ast.walk(module.tree):
                match node:
                    case ast.Attribute(value=ast.Name(id=owner), attr=name) if not isinstance(
                        node.ctx, ast.Load
                    ):
                        scope = scope_of(module, node).resolve(owner)
                        if name == function and scope is not None and is_import(owner, scope.node):
                            return True
                    case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id=owner), name, *_]):
                        known = isinstance(name, ast.Constant) and name.value != function
                        if not known and owner != "self":
                            return True
        return False

    def _is_assigned(self, attribute: str) -> bool:
        return any(
            isinstance(node, ast.Attribute) and node.attr == attribute and isinstance(node.ctx, ast.Store)
            for module in self.project.modules.values()
            for node in ast.walk(module.tree)
        )

    def _build(self, call: ast.Call, found: Found, caller: Lowering) -> Callee | Problem:
        key = (found.module.file, found.node.lineno, found.node.col_offset)
        if key in self.built:
            return self._again(call, found, caller, self.built[key])
        if key in self._open:
            return Problem(call.lineno, f"`{found.name}` calls itself")
        self._open.add(key)
        try:
            built = self._compile(call, found, caller)
        finally:
            self._open.discard(key)
        if isinstance(built, Callee):
            self.built[key] = built
            self._kinds[key] = [self._argument_kinds(call, found.node, found, caller)]
        return built

    def _again(self, call: ast.Call, found: Found, caller: Lowering, built: Callee) -> Callee | Problem:
        """A function called with other kinds of arguments: does what was prepared hold for these?"""
        key = (found.module.file, found.node.lineno, found.node.col_offset)
        kinds = self._argument_kinds(call, found.node, found, caller)
        known = self._kinds.setdefault(key, [])
        if kinds in known or key in self._open:
            return built
        self._open.add(key)
        try:
            other = self._compile(call, found, caller)
        finally:
            self._open.discard(key)
        if isinstance(other, Problem):
            return other
        classes = {"int": "int", "bool": "int", "npint": "int", "f32": "f32"}
        bases = {classes.get(kind.base, "float") for kind in (other.result, built.result)}
        differs = len(bases) > 1 and UNKNOWN not in (other.result, built.result)
        raises = other.python_division and not built.python_division
        if differs or raises or len(other.casts) != len(built.casts):
            return Problem(
                call.lineno,
                f"`{found.name}` is called with numbers of different types",
                "give it numbers of one type everywhere",
            )
        known.append(kinds)
        return built

    def _compile(self, call: ast.Call, found: Found, caller: Lowering) -> Callee | Problem:
        node, module = found.node, found.module
        ready = isinstance(node, ast.FunctionDef) and is_compiled(node)
        trouble = signature_trouble(node, ready=ready or bool(found.receiver))
        if trouble:
            return Problem(call.lineno, f"`{found.name}` {trouble}")
        scope = scope_of(module, node)
        body = node.body if isinstance(node, ast.FunctionDef) else [returned(node)]
        names = frozenset(parameters(node)) - {found.self_name}
        own = (frozenset[str]().union(*(writes(part) for part in body)) | names) & scope.binds
        lowering = Lowering(
            module,
            scope,
            self.observed,
            range(node.lineno, (node.end_lineno or node.lineno) + 1),
            frozenset[str]().union(*(writes(part) for part in body)),
            names_near(body, scope) | names,
            self.resolve,
            own=own,
        )
        lowering.problems.extend(shape_problems(body, lowering, is_function=True))
        statements = lowering.statements(body)
        for name in sorted(lowering.assigned - own | (lowering.assigned & frozenset(lowering.sources))):
            lowering.problem(node, f"it changes `{name}`, which lives outside")
        kinds = dict(lowering.kinds) | self._argument_kinds(call, node, found, caller)
        kinds = infer_names(statements, lowering, kinds)
        arithmetic = Arithmetic(statements, kinds, lowering) if statements else None
        if arithmetic is not None:
            lowering.problems.extend(arithmetic.problems)
        stored = [
            n.id
            for s in statements
            for n in ast.walk(s)
            if isinstance(n, ast.Name) and n.id in lowering.sources and isinstance(n.ctx, ast.Store)
        ]
        if stored:
            lowering.problem(node, f"it changes `{lowering.sources[stored[0]]}`")
        if lowering.problems:
            first = lowering.problems[0]
            return Problem(call.lineno, f"`{found.name}`, line {first.line}: {first.reason}", first.advice)
        free = reach(statements).exposed - names - frozenset(use.name for use in lowering.uses.values())
        extras = tuple(
            (name, lowering.sources.get(name, name))
            for name in sorted(free)
            if name in lowering.sources or not self._stays_global(name, module, lowering)
        )
        top = isinstance(node, ast.FunctionDef) and module.parents.get(node) is module.tree
        casts = tuple(arithmetic.casts) if arithmetic else ()
        decorate = (top or bool(found.hoist)) and not extras and not lowering.edits and not casts
        if not decorate and (module is not self.home or ready):
            what = f"reads `{extras[0][1]}`" if extras else "must be adapted"
            return Problem(call.lineno, f"`{found.name}` {what} in {module.file}")
        results = [
            infer(inner.value, kinds, lowering.call_kind)
            for statement in statements
            for inner in ast.walk(statement)
            if isinstance(inner, ast.Return) and inner.value is not None
        ]
        return Callee(
            module=module,
            node=node,
            name=(found.hoist or found.name) if decorate else self._fresh_name(found.name),
            extras=extras,
            lowering=lowering,
            decorate=decorate,
            ready=ready,
            python_division=arithmetic is not None and bool(arithmetic.divisors),
            exact=arithmetic is None or arithmetic.exact,
            result=join_all(results) if results and UNKNOWN not in results else UNKNOWN,
            casts=casts,
            dropped=found.self_name,
            hoist=found.hoist,
            reads=only_read(
                statements,
                [*(name for name, _ in extras), *(n for n in parameters(node) if n != found.self_name)],
                kinds,
                lowering,
            ),
        )

    def _fresh_name(self, stem: str) -> str:
        name = f"{stem.strip('_')}_kernel"
        while name in self.taken or any(callee.name == name for callee in self.built.values()):
            name += "_"
        return name

    def _argument_kinds(
        self, call: ast.Call, node: Definition, found: Found, caller: Lowering
    ) -> dict[str, Kind]:
        names = [name for name in parameters(node) if name != found.self_name]
        kinds = {
            name: infer(value, caller.kinds, caller.call_kind)
            for name, value in zip(names, call.args, strict=False)
        }
        for name in names:
            seen = self.observed.look(found.module, node, name)
            if seen is not None and kinds.get(name, UNKNOWN) == UNKNOWN:
                kinds[name] = seen.kind
        return {name: kind for name, kind in kinds.items() if kind != UNKNOWN}

    def _stays_global(self, name: str, module: Module, lowering: Lowering) -> bool:
        """What a library offers or a literal constant may stay a global of the kernel."""
        owner = lowering.scope.resolve(name)
        if qualified(ast.Name(id=name, ctx=ast.Load()), module, lowering.scope):
            return True
        return owner is not None and owner.is_module and is_literal_constant(name, self.project, module)
