"""How the user's own functions are compiled when a kernel calls them.

A plain function that reads nothing but its parameters is decorated where it stands. One that
reads globals, an enclosing function's variables or attributes of ``self`` is copied to the top
level with these as additional parameters: Numba would freeze them at their first values.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pdeperf.kernel.admission import Arithmetic
from pdeperf.kernel.array_stores import agreed
from pdeperf.kernel.callee_search import Search
from pdeperf.kernel.callee_use import precisions
from pdeperf.kernel.caught import ask_first
from pdeperf.kernel.columns import keeps_type
from pdeperf.kernel.definitions import (
    Definition,
    is_certain,
    is_compiled,
    is_literal_constant,
    late_defaults,
    names_another,
    rebase,
    returned,
    root_of,
    signature_trouble,
    subjects,
)
from pdeperf.kernel.forms import shape_problems
from pdeperf.kernel.found_functions import Classes, Found, Key, for_classes, key_of
from pdeperf.kernel.frozen_globals import files_of_constant
from pdeperf.kernel.given_back import carried, changed_paths, of_call, returns_something
from pdeperf.kernel.given_functions import given_to, is_spread_plainly, places_of_objects, told_apart
from pdeperf.kernel.index_checks import IndexCheck, Region, index_checks
from pdeperf.kernel.index_functions import only_value, written_out
from pdeperf.kernel.kinds import INT, UNKNOWN, Kind, infer, join_all
from pdeperf.kernel.lists import only_read, stored_arrays
from pdeperf.kernel.lowering import CalleeUse, Lowering, Problem
from pdeperf.kernel.names_bound import infer_names, result_kinds
from pdeperf.kernel.numbers_of_arrays import as_they_are
from pdeperf.kernel.object_lists import Element
from pdeperf.kernel.outer_names import bind_outside
from pdeperf.kernel.own_lists import settled
from pdeperf.kernel.paths import MARK, names_near
from pdeperf.kernel.replaced import is_replaced
from pdeperf.kernel.vector_columns import vector_problems
from pdeperf.kernel.vocabulary import qualified
from pdeperf.kernel.zero_checks import surely_bound
from pdeperf.source import Module
from pdeperf.source.flow import reach, writes
from pdeperf.source.scopes import parameters, scope_of
from pdeperf.source.short_loops import in_terms_of


@dataclass(frozen=True, slots=True)
class Callee:
    """One of the user's functions, compiled.

    Attributes
    ----------
    extras
        Additional leading parameters of a copy: (its name inside, its access path in the callee's terms).
    decorate
        Compiled where it stands, rather than copied.
    dropped
        Parameters that are objects, whose parts are among the extras.
    changes
        Its own names of the attributes that it binds anew and gives back, and their kinds.
    index_checks
        Sizes of arrays that are compared with what indices reach.
    value, grows
        What it returns, in lowered names, where it does nothing else; how that grows with what it is given.
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
    dropped: tuple[str, ...] = ()
    reads: frozenset[int] = frozenset()
    stores: frozenset[int] = frozenset()
    hoist: str = ""
    changes: tuple[tuple[str, Kind], ...] = ()
    index_checks: tuple[IndexCheck, ...] = ()
    value: ast.expr | None = None
    grows: tuple[float, ...] = ()

    @property
    def given(self) -> tuple[str, ...]:
        """Its own names of all that it is given, in order."""
        return (*(n for n, _ in self.extras), *(n for n in parameters(self.node) if n not in self.dropped))

    @property
    def outside(self) -> dict[str, str]:
        """Access paths of all that it is given besides its arguments, or gives back."""
        return dict(self.extras) | {name: self.lowering.sources[name] for name, _ in self.changes}


@dataclass(slots=True)
class Callees(Search):
    """The user's functions that one candidate compiles, and files of globals frozen in them."""

    built: dict[Key, Callee] = field(default_factory=dict)
    frozen: set[str] = field(default_factory=set)
    _open: set[Key] = field(default_factory=set)
    _kinds: dict[int, list[dict[str, Kind]]] = field(default_factory=dict)
    _made_for: dict[Key, list[dict[str, str]]] = field(default_factory=dict)

    def resolve(self, call: ast.Call, caller: Lowering) -> CalleeUse | Problem:
        """How a kernel calls what this call means."""
        found = self.find(call, caller)
        if isinstance(found, Problem):
            return found
        if not is_spread_plainly(call, caller):
            reason = f"`{found.name}` is called with a starred argument that is no tuple of numbers"
            return Problem(call.lineno, reason, "write the arguments out")
        if not found.receiver and is_replaced(found.name, self.project):
            return Problem(call.lineno, f"`{found.name}` may be replaced by another function from outside")
        if self._is_itself(found):
            return CalleeUse(found.name, guard=found.guard, keeps_name=bool(found.module_name))
        found = self.with_objects(call, found, caller)
        built = self._build(call, found, caller)
        if isinstance(built, Problem):
            return built
        if set(built.dropped) != found.dropped.keys():
            return Problem(
                call.lineno, f"`{found.name}` is given an object or nothing here and something else elsewhere"
            )
        inherited = self._inherited(call, found, built, caller)
        if isinstance(inherited, Problem):
            return inherited
        outside: dict[str, str] = {}
        for inner, text in built.outside.items():
            outer, is_given = rebase(text, found.renamed), root_of(text) in found.renamed
            root = re.split(r"[.\[]", outer, maxsplit=1)[0]
            if built.module is not caller.module and names_another(text):
                return Problem(call.lineno, f"`{found.name}` compares `{text}` in another file")
            if built.module is not caller.module and not (found.receiver or is_given):
                return Problem(call.lineno, f"`{found.name}` reads `{text}` of another file")
            if not (found.receiver or is_given) and self._shadowed(root, built, caller):
                return Problem(call.lineno, f"`{root}` means something else in `{found.name}`")
            outside[inner] = caller.path(outer, call.lineno, built.lowering.seen.get(inner), inner)
        changes = of_call(call, built.changes, outside, caller)
        if isinstance(changes, Problem):
            return changes
        return CalleeUse(
            built.name,
            tuple(outside[inner] for inner, _ in built.extras),
            built.result,
            caller.canonical(found.guard),
            built.exact,
            built.reads,
            built.stores,
            keeps_name=bool(found.module_name),
            inherited=inherited,
            dropped=places_of_objects(call, found),
            leading=found.leading,
            changes=changes,
            returns=returns_something(built.node),
        )

    def _inherited(
        self, call: ast.Call, found: Found, built: Callee, caller: Lowering
    ) -> tuple[str, ...] | Problem:
        """The conditions of a compiled function's own calls, as its caller must check them."""
        result: list[str] = []
        uses = built.lowering.uses.values()
        inside = [guard for use in uses for guard in (*use.inherited, use.guard) if guard]
        renamed = {name: caller.canonical(path) for name, path in found.renamed.items()}
        for guard in map(built.lowering.canonical, (*inside, *sorted(built.lowering.conditions))):
            for root in subjects(guard):
                mine, outer = root in renamed, root_of(renamed.get(root, root))
                if outer in caller.assigned:
                    return Problem(call.lineno, f"`{outer}` is assigned here, and `{found.name}` calls it")
                if not mine and (built.module is not caller.module or self._shadowed(root, built, caller)):
                    return Problem(call.lineno, f"`{found.name}` calls `{root}`, which it is given")
                if not mine and (root in caller.meant or root in parameters(built.node)):
                    return Problem(call.lineno, f"`{found.name}` calls `{root}`, which it is given")
            result.append(caller.canonical(in_terms_of(guard, renamed)))
        return tuple(one for one in dict.fromkeys(result) if not is_certain(one))

    def _is_itself(self, found: Found) -> bool:
        """Does a function that is compiled already call itself? Numba has seen to that."""
        key = key_of(found)
        is_open = key in self._open and key not in self.built
        return is_open and isinstance(found.node, ast.FunctionDef) and is_compiled(found.node)

    def _shadowed(self, root: str, built: Callee, caller: Lowering) -> bool:
        inner = scope_of(built.module, built.node).resolve(root)
        outer = caller.scope.resolve(root)
        return (inner.node if inner else None) is not (outer.node if outer else None)

    def _build(self, call: ast.Call, found: Found, caller: Lowering) -> Callee | Problem:
        key = key_of(found)
        for made_for in self._made_for.get(key, ()):
            if self.is_chosen(made_for):
                return self._again(call, found, caller, self.built[for_classes(key, made_for)])
        if key in self._open:
            return Problem(call.lineno, f"`{found.name}` calls itself")
        built = self._within(call, found, caller, made_for := {})
        if isinstance(built, Callee):
            self._made_for.setdefault(key, []).append(made_for)
            self.built[for_classes(key, made_for)] = built
            self._kinds[id(built)] = [self._argument_kinds(call, found.node, found, caller)]
        return built

    def _within(self, call: ast.Call, found: Found, caller: Lowering, asked: Classes) -> Callee | Problem:
        """A function compiled, which calls itself if it is met again; ``asked`` tells for which classes."""
        self._open.add(key_of(found))
        self.asked.append(asked)
        try:
            return self._compile(call, found, caller)
        finally:
            self._open.discard(key_of(found))
            self.asked.pop()

    def _again(self, call: ast.Call, found: Found, caller: Lowering, built: Callee) -> Callee | Problem:
        """A function called with other kinds of arguments: does what was prepared hold for these?"""
        key = key_of(found)
        kinds = self._argument_kinds(call, found.node, found, caller)
        known = self._kinds[id(built)]
        if kinds in known or key in self._open:
            return built
        other = self._within(call, found, caller, {})
        if isinstance(other, Problem):
            return other
        bases = {precisions(kind) for kind in (other.result, built.result)}
        differs = len(bases) > 1 and UNKNOWN not in (other.result, built.result)
        raises = other.python_division and not built.python_division
        differs = differs or [name for name, _ in other.changes] != [name for name, _ in built.changes]
        built.lowering.array_stores.update(agreed(built.lowering.array_stores, other.lowering.array_stores))
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
        trouble = signature_trouble(node, ready=ready or bool(found.receiver or found.leading))
        if trouble:
            return Problem(call.lineno, f"`{found.name}` {trouble}")
        late = late_defaults(node, module, self.project).keys() - given_to(call, found).keys()
        if late := late - found.dropped.keys():
            reason = f"`{found.name}` has a default for `{min(late)}` that is not a number written there"
            return Problem(call.lineno, reason, "give the argument in the call")
        scope = scope_of(module, node)
        body = node.body if isinstance(node, ast.FunctionDef) else [returned(node)]
        names = frozenset(parameters(node)) - found.dropped.keys()
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
            meant=dict(found.given),
        )
        lowering.problems.extend(shape_problems(body, lowering, is_function=True))
        if not ready:
            lowering.rename_objects(body)
        for name, element in found.elements:
            lowering.elements[name] = Element(name, element.home, name)
        outer = bind_outside(node, lowering)
        statements = lowering.statements(body)
        for name in sorted((lowering.assigned - own | (lowering.assigned & lowering.sources.keys())) - outer):
            lowering.problem(node, f"it changes `{name}`, which lives outside")
        kinds = dict(lowering.kinds) | self._argument_kinds(call, node, found, caller)
        kinds = infer_names(statements, lowering, kinds)
        lists = settled(statements, kinds, lowering, names)
        if not ready:
            lowering.edits.extend((*lists.edits, *as_they_are(statements, kinds, lowering)))
            lowering.problems.extend(lists.problems)
        ask_first(statements, kinds, lowering)
        arithmetic = Arithmetic(statements, kinds, lowering, self.built.values()) if statements else None
        if arithmetic is not None and not ready:
            lowering.problems.extend(arithmetic.problems)
        changes = changed_paths(node, statements, kinds, lowering)
        if changes and ready:
            lowering.problem(node, f"it changes `{lowering.sources[changes[0][0]]}`")
        for column in (name for name, text in lowering.sources.items() if MARK in text):
            if not keeps_type(column, kinds, statements, lowering):
                lowering.problem(node, f"it stores numbers of another type in `{column}`")
        lowering.problems.extend(vector_problems(statements, kinds, lowering))
        if lowering.problems:
            first = lowering.problems[0]
            return Problem(call.lineno, f"`{found.name}`, line {first.line}: {first.reason}", first.advice)
        free = reach(statements).exposed - names - frozenset(use.name for use in lowering.uses.values())
        free -= frozenset(lowering.tables) | (surely_bound(statements) & own)
        if late_bound := free & own:
            reason = f"`{min(late_bound)}` may have no value where `{found.name}` reads it"
            return Problem(call.lineno, reason, "give it one before the loop or branch that binds it")
        free |= carried(changes, statements)
        extras = tuple(
            (name, lowering.sources.get(name, name))
            for name in sorted(free)
            if name in lowering.sources or not self._stays_global(name, module, lowering)
        )
        if any(not table.is_global for table in lowering.tables.values()):
            return Problem(call.lineno, f"`{found.name}` makes a table of its own")
        top = isinstance(node, ast.FunctionDef) and module.parents.get(node) is module.tree
        casts = tuple(arithmetic.casts) if arithmetic and not ready else ()
        as_it_is = not (extras or lowering.edits or casts or changes or found.renamed)
        decorate = (top or bool(found.hoist)) and as_it_is
        if not decorate and (module is not self.home or ready):
            what = f"reads `{extras[0][1]}`" if extras else "must be adapted"
            advice = "pass it as an argument, or bind it once, to a number" if extras else ""
            return Problem(call.lineno, f"`{found.name}` {what} in {module.file}", advice)
        results = result_kinds(statements, kinds, lowering)
        known = [kind for kind in results if kind != UNKNOWN]
        itself = [key for key, use in lowering.uses.items() if use.name == found.name and ready]
        if itself and known:
            for use in itself:
                lowering.uses[use] = replace(lowering.uses[use], result=join_all(known))
            results = result_kinds(statements, infer_names(statements, lowering, kinds), lowering)
        given = [*(one for one, _ in extras), *(n for n in parameters(node) if n not in found.dropped)]
        stored = stored_arrays(statements, lowering.uses)
        return Callee(
            module=module,
            node=node,
            name=(found.hoist or found.name) if decorate else self._fresh_name(found, module),
            extras=extras,
            lowering=lowering,
            decorate=decorate,
            ready=ready,
            python_division=arithmetic is not None and bool(arithmetic.divisors),
            exact=arithmetic is None or arithmetic.exact,
            result=join_all(results) if results and UNKNOWN not in results else UNKNOWN,
            casts=casts,
            dropped=tuple(found.dropped),
            hoist=found.hoist,
            changes=changes,
            index_checks=index_checks(
                Region(lowering, body, self.written_out(statements, lowering), kinds, is_called=True)
            ),
            value=only_value(statements),
            grows=arithmetic.grows(given) if arithmetic is not None else (),
            reads=only_read(statements, given, kinds, lowering),
            stores=frozenset(at for at, one in enumerate(given) if one in stored),
        )

    def written_out(self, statements: Sequence[ast.stmt], lowering: Lowering) -> Sequence[ast.stmt]:
        """Lowered statements with the places that functions compute written out."""
        return written_out(statements, {one.name: one for one in self.built.values()}, lowering)

    def _fresh_name(self, found: Found, module: Module) -> str:
        """``flux_kernel``; of a second class ``roe_flux_kernel``; for a function ``flux_minmod_kernel``."""
        name = f"{found.name.strip('_')}{told_apart(found, self)}_kernel"
        home = module.parents.get(found.node)
        if isinstance(home, ast.ClassDef) and any(callee.name == name for callee in self.built.values()):
            chosen = (one for key, one in self.asked[-1].items() if self.choices.get(key) == one)
            meant = next(chosen, home.name).rpartition(":")[2]
            name = f"{meant.strip('_').lower()}_{name}"
        while name in self.taken or any(callee.name == name for callee in self.built.values()):
            name += "_"
        return name

    def _argument_kinds(
        self, call: ast.Call, node: Definition, found: Found, caller: Lowering
    ) -> dict[str, Kind]:
        names = [name for name in parameters(node) if name != found.self_name][len(found.leading) :]
        kinds = {
            name: infer(value, caller.kinds, caller.call_kind)
            for name, value in zip(names, call.args, strict=False)
        }
        for name in names:
            seen = self.observed.look(found.module, node, name)
            if seen is not None and kinds.get(name, UNKNOWN) == UNKNOWN:
                kinds[name] = seen.kind
        kinds |= {name: INT for name, _ in found.elements}
        return {name: kind for name, kind in kinds.items() if kind != UNKNOWN}

    def _stays_global(self, name: str, module: Module, lowering: Lowering) -> bool:
        """What a library offers or a literal constant may stay a global of the kernel."""
        owner = lowering.scope.resolve(name)
        if qualified(ast.Name(id=name, ctx=ast.Load()), module, lowering.scope):
            return True
        if owner is not None and owner.is_module and is_literal_constant(name, self.project, module):
            return True
        if module is self.home or not (owner is None or owner.is_module):
            return False
        self.frozen |= (files := files_of_constant(name, module, self.observed.provable.program))
        return bool(files)
