"""Kinds of what comes from other places: parameters, results of functions, attributes, entries."""

import ast
from collections.abc import Sequence

from pdeperf.kernel.fixed_point import FixedPoint, Place
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.operator_kinds import ANYTHING, NOTHING, Kinds, combined
from pdeperf.kernel.program import Program
from pdeperf.kernel.returns import is_plain, results
from pdeperf.kernel.stores import Stores
from pdeperf.kernel.tables import Tables
from pdeperf.source import Module, Project
from pdeperf.source.bindings import Binding, Bindings, How
from pdeperf.source.scopes import Scope, parameters, statement_of

DICT = Kind("object", "dict")


class ProvedElsewhere:
    """The part of the proofs that follows values from place to place.

    Parameters
    ----------
    project
        The user's files.
    """

    def __init__(self, project: Project) -> None:
        self.bindings = self._bindings = Bindings(project)
        self.program = Program(project)
        self.stores = self._stores = Stores(project, self.program)
        self._facts = FixedPoint()
        self._tables = Tables(project)
        self._answers: dict[tuple[str, Module, ast.AST, ast.AST], Kinds] = {}

    def _of(self, node: ast.expr, place: Place) -> Kinds:
        raise NotImplementedError

    def _part(self, node: ast.expr, path: Sequence[int], place: Place) -> Kinds:
        raise NotImplementedError

    def _elements(self, node: ast.expr, place: Place) -> Kinds:
        raise NotImplementedError

    def _is_own(self, node: ast.expr, place: Place) -> bool:
        raise NotImplementedError

    def _kept(self, value: ast.expr, path: tuple[int, ...], place: Place) -> Kinds:
        raise NotImplementedError

    def functions(self, node: ast.Call, place: Place) -> list[tuple[Module, ast.FunctionDef | ast.Lambda]]:
        """The definitions that a call may run; empty when that is not known."""
        return self._functions(node, place)

    def _functions(self, node: ast.Call, place: Place) -> list[tuple[Module, ast.FunctionDef | ast.Lambda]]:
        """The definitions that a call may run; empty when that is not known."""
        if isinstance(node.func, ast.Attribute):
            if self._is_own(node.func.value, place):
                return list(self.program.methods(node.func.attr))
            if isinstance(node.func.value, ast.Name):
                module = self.program.module_of(place.module, place.scope, node.func.value.id)
                if module is not None:
                    return self._defined(module, self._bindings.scope(module, module.tree), node.func.attr)
            return []
        if not isinstance(node.func, ast.Name):
            return []
        owner = place.scope.resolve(node.func.id)
        return self._defined(place.module, owner, node.func.id) if owner is not None else []

    def _defined(
        self, module: Module, owner: Scope, name: str
    ) -> list[tuple[Module, ast.FunctionDef | ast.Lambda]]:
        every = self._bindings.every(owner, name)
        found: list[tuple[Module, ast.FunctionDef | ast.Lambda]] = []
        for one in every:
            imported = self.program.imported(module, one.statement, name) if one.value is None else None
            if isinstance(one.statement, ast.FunctionDef) and one.how is How.OTHER:
                found.append((module, one.statement))
            elif isinstance(one.value, ast.Lambda) and one.how is How.VALUE:
                found.append((module, one.value))
            elif imported is not None and imported[0] is not module:
                inner = self._bindings.scope(imported[0], imported[0].tree)
                found.extend(self._defined(imported[0], inner, imported[1]) or [])
            else:
                return []
        return [] if self.program.is_set_from_outside(name) else found

    def _returned(
        self,
        module: Module,
        function: ast.FunctionDef | ast.Lambda,
        path: tuple[int, ...],
        *,
        runs: bool = False,
    ) -> Kinds:
        """Kinds of what a function returns; ``runs``: it is known to run its body and return that."""

        def compute() -> Kinds:
            found = NOTHING
            for value, at in results(function):
                if value is None:
                    found |= {Kind("none")} if not path else ANYTHING
                else:
                    scope = self._bindings.scope(module, function)
                    found |= self._part(value, path, Place(module, scope, at))
            return found

        if not (runs or is_plain(function)):
            return ANYTHING
        return self._facts.variable(("returned", id(function), path), compute)

    def _returned_elements(self, module: Module, function: ast.FunctionDef | ast.Lambda) -> Kinds:
        if not is_plain(function):
            return ANYTHING
        scope = self._bindings.scope(module, function)
        return self._facts.variable(
            ("elements", id(function)),
            lambda: NOTHING.union(
                *(
                    ANYTHING if value is None else self._elements(value, Place(module, scope, at))
                    for value, at in results(function)
                )
            ),
        )

    def _parameter(self, one: Binding, path: tuple[int, ...] = ()) -> Kinds:
        """Kinds of what a function is given, or of a part of it."""
        function = one.statement
        own = self.program.receiver_class(one.module, function)
        if own and isinstance(function, ast.FunctionDef) and parameters(function)[:1] == (one.name,):
            return ANYTHING if path else frozenset((Kind("object", own),))
        spread = function.args.vararg if isinstance(function, ast.FunctionDef) else None
        if spread is not None and spread.arg == one.name and not path:
            return frozenset((Kind("tuple"),))
        words = function.args.kwarg if isinstance(function, ast.FunctionDef) else None
        if words is not None and words.arg == one.name and not path:
            return frozenset((DICT,)) if self._spreads_known_dicts() else ANYTHING
        passed = self.program.passed(one.module, function, one.name)
        if passed is None:
            return ANYTHING
        found = NOTHING
        for module, value, default in passed:
            home = function if default else value
            scope = self._bindings.scope(module, module.parents[function] if default else value)
            place = Place(module, scope, home if default else statement_of(module, value))
            found |= self._kept(value, path, place)
        return found

    def _spreads_known_dicts(self) -> bool:
        """Are all options that come as ``**options`` entries of dicts that the program itself makes?"""
        for module, node in self.program.all(ast.Call):
            for word in node.keywords:
                if word.arg is None:
                    place = Place(module, self._bindings.scope(module, node), statement_of(module, node))
                    if not self._of(word.value, place) <= {DICT}:
                        return False
        return True

    # ---- attributes and entries

    def _stored(self, name: str, part: tuple[int, ...] = ()) -> Kinds:
        """Kinds of everything stored under an attribute's name, or of a part of it."""
        found = NOTHING
        for module, value, path in self._stores.attribute_values(name):
            if value is None:
                return ANYTHING
            if isinstance(value, ast.FunctionDef):  # a property
                found |= self._returned(module, value, part, runs=True)
                continue
            at = statement_of(module, value)
            place = Place(module, self._bindings.scope(module, value), at)
            if part:
                changes = isinstance(at, ast.AugAssign)
                found |= ANYTHING if changes else self._kept(value, (*path, *part), place)
            elif isinstance(at, ast.AugAssign):
                old = self._facts.known.get(("attribute", name), NOTHING)
                fresh = combined(old, at.op, self._of(value, place), value)
                found |= old if all(kind.is_array for kind in old) else fresh
            else:
                found |= self._part(value, path, place)
        return found

    def _entry(self, key: str) -> Kinds:
        found = NOTHING
        for module, value in self._stores.entry_values(key):
            at = statement_of(module, value)
            fresh = self._of(value, Place(module, self._bindings.scope(module, value), at))
            old = self._facts.known.get(("entry", key), NOTHING)
            if isinstance(at, ast.AugAssign) and at.value is value:
                fresh = combined(old, at.op, fresh, value)
            found |= fresh
        for module, value in self._stores.merged():
            place = Place(module, self._bindings.scope(module, value), statement_of(module, value))
            if not self._of(value, place) <= {DICT}:
                return ANYTHING
        for module, index in self._stores.unnamed_stores():
            place = Place(module, self._bindings.scope(module, index), statement_of(module, index))
            if not all(kind.base in ("int", "npint", "bool") for kind in self._of(index, place)):
                return ANYTHING
        return found
