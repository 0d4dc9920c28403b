"""Which functions of the user's a region calls, and what stands in their place."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from pdeperf.arrays.callbacks import closure, located
from pdeperf.arrays.callees import definition, method_of
from pdeperf.arrays.chosen_functions import functions_in, is_function, with_functions_named
from pdeperf.arrays.entries import reached
from pdeperf.arrays.facts import Facts
from pdeperf.arrays.inline import Inlined, inlined
from pdeperf.arrays.integers import counted_in
from pdeperf.arrays.local_functions import Local
from pdeperf.arrays.options import Options, settled
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.unroll import Length, Table, tables_in, unrolled, written_out
from pdeperf.arrays.vocabulary import read_elsewhere
from pdeperf.kernel.vocabulary import COPIES, qualified
from pdeperf.source import Module, Project
from pdeperf.source.flow import bound_before, live_after
from pdeperf.source.scopes import Scope

_EXCHANGING = ("setattr", "__dict__", "vars", "__setattr__")
Tree = TypeVar("Tree", ast.stmt, ast.expr)


class Functions(Facts):
    """The functions that one region of one scope calls."""

    def __init__(self, project: Project, module: Module, region: Sequence[ast.stmt]) -> None:
        super().__init__(project, module, region)
        self._always = read_elsewhere(module, self.scope)
        self._inside: list[ast.FunctionDef] = []
        self._homes: dict[int, ast.FunctionDef] = {}
        self.before = bound_before(self.scope.node, region[0])
        self.dropped: set[str] = set()
        """Variables of loops that have been written out."""
        self.checks: dict[str, None] = {}
        """What must hold of tables whose entries and of functions whose bodies have been put in."""
        self.opened: dict[str, tuple[tuple[str | int, ...], tuple[str, ...]]] = {}
        """Dicts and lists that are taken apart where runs begin: keys, and names for their arrays."""
        self.put_together: dict[str, set[tuple[str | int, ...]]] = {}
        """Dicts and lists that are made where runs end: their keys."""
        self.own_text: set[int] = set()
        """Statements that do either."""
        self.opened_checks: dict[str, None] = {}
        """What must hold of them when the region is entered."""
        self.classes: dict[str, str] = {}
        """Paths of objects whose methods have been put in, and the classes they must be of."""
        self.aliases: dict[str, str] = {}
        """Names that stand for entries of dicts and for what functions captured while the region runs."""
        self.rebound: set[str] = set()
        """Those of entries that may be bound to other arrays."""
        self._options: Options | None = None
        self._local: dict[str, Local] = {}
        self.may_rebind = False
        """Entries of dicts may be bound anew: what is made of the region gives them back."""

    def keeps_entry(self, node: ast.expr) -> bool:
        """Does an entry of a dict mean the same object all the while the region runs?"""
        raise NotImplementedError

    def is_fixed(self, node: ast.expr) -> bool:
        """Is it a number or a text in a dict that stays the same while the region runs?"""
        raise NotImplementedError

    def with_entries(self, tree: Tree) -> Tree:
        """Some code with the entries that its calls of ``get`` mean."""
        raise NotImplementedError

    def folded(self, tree: Tree, scope: Scope | None = None) -> Tree:
        """Some code with the integers written out that the file names once."""
        raise NotImplementedError

    @property
    def captured(self) -> frozenset[str]:
        """Names that functions defined here read whenever they are called."""
        return self._always

    @property
    def put_in(self) -> tuple[ast.FunctionDef, ...]:
        """The statements that stand in place of the scope's own while they are lifted."""
        return tuple(self._inside)

    def live_after(self, statements: Sequence[ast.stmt]) -> frozenset[str]:
        """Names that may be read after a run of statements, of the scope or of a function that was put in."""
        home = self._homes.get(id(statements[-1])) or (self._inside[-1] if self._inside else self.scope.node)
        return live_after(home, statements, always=self._always) | self.rebound

    def called(self, node: ast.expr) -> str:
        """Full name of a function, ``numpy.roll``; empty for the user's own."""
        seen = self.look(node) if isinstance(node, ast.Name) else None
        name = qualified(node, self.module, self.scope, seen.function if seen else "")
        return "numpy.copy" if name in COPIES else name

    def inlined(self, call: ast.Call, *, is_read: bool = False) -> Inlined | None:
        """The body of the user's function that a call means, in the names of this scope.

        With ``is_read`` it is the property that an attribute means.
        """
        meant = self._method(call.func)
        if meant is None and (name := self.chosen(call.func)) is not None:
            plain: ast.expr = ast.copy_location(ast.Name(id=name, ctx=ast.Load()), call.func)
            call = ast.copy_location(ast.Call(plain, call.args, call.keywords), call)
        if meant is None and (meant := self._passed(call.func)) is not None:
            # It is given no object, though an attribute holds it.
            plain = ast.copy_location(ast.Name(id=meant.name, ctx=ast.Load()), call.func)
            call = ast.copy_location(ast.Call(plain, call.args, call.keywords), call)
        captured: dict[str, ast.expr] = {}
        if meant is None and (made := self._closure(call.func)) is not None:
            meant, captured = made
        if meant is None and isinstance(call.func, ast.Name) and (own := self._local.get(call.func.id)):
            meant, captured = own.function, dict(own.captured)
        found = inlined(
            call,
            self.module,
            self.scope,
            self.fresh_plain,
            meant,
            is_read=is_read,
            captured=captured,
            is_fixed=self.is_fixed,
            is_named=lambda node: isinstance(node, ast.Name) and is_function(node, self.module, self.scope),
            folded=self.folded,
        )
        if found is not None:
            for parameter, value in found.stands_for:
                places = self._called_as.setdefault(ast.unparse(value), [])
                if (found.function, parameter) not in places:
                    places.append((found.function, parameter))
        known = self._without_options(found) if found is not None else None
        self._local |= {own.name: own for own in (known.inner if known is not None else ())}
        return known

    def _without_options(self, found: Inlined) -> Inlined | None:
        """The same without the branches that options rule out; None if it returns in others."""
        found = replace(
            found,
            body=tuple(map(self.with_entries, found.body)),
            result=self.with_entries(found.result) if found.result is not None else None,
        )
        known = settled(found, self.options)
        if known is None:
            return None
        self.checks.update(dict.fromkeys(known[1]))
        return with_functions_named(known[0], lambda node: is_function(node, self.module, self.scope))

    @property
    def options(self) -> Options:
        """What the region's options are."""
        if self._options is None:
            self._options = Options(self.region, self.module, self._values, self.is_settled, self.keeps_entry)
        return self._options

    def chosen(self, node: ast.expr) -> str | None:
        """The function that ``LIMITERS[name]`` has always been; that it still is one is checked."""
        if not isinstance(node, ast.Subscript) or not is_function(node, self.module, self.scope):
            return None
        assert isinstance(node.value, ast.Name)
        table, key = functions_in(node.value.id, self.module), node.slice
        text = key if isinstance(key, ast.Constant) else self.options.chosen(ast.unparse(key))
        name = table.get(text.value) if text is not None else None
        if text is None or name is None or (owner := self.scope.resolve(name)) is None or not owner.is_module:
            return None
        if text is not key:
            written = ast.unparse(key)
            self.checks[f"type({written}) is str and {written} == {text.value!r}"] = None
        self.checks[f"{node.value.id}[{text.value!r}] is {name}"] = None
        return name

    def _values(self, text: str) -> set[str]:
        """What a name or path was seen to be."""
        return set(self._rows(text, "value"))

    def unrolled(self, loop: ast.For, length: Length) -> list[ast.stmt] | None:
        """The statements of a loop over a few numbers or arrays, one iteration after the other."""
        targets = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
        live = self.live_after([loop])
        if targets & live:
            return None
        counted = counted_in(loop) - live
        written = self.folded(loop)
        assert isinstance(written, ast.For)
        found = unrolled(written, self.module, self.called, length, counted)
        tables = self._tables(loop.iter, length) if found is not None else {}
        if any(self._is_stored(name) for name in tables):
            return None
        self.checks.update(dict.fromkeys(known.check for known in tables.values()))
        self.dropped |= targets | counted
        return found

    def written_out(self, node: ast.ListComp | ast.GeneratorExp, length: Length) -> list[ast.expr] | None:
        """The expressions of a comprehension over a few things, one for each round."""
        found = written_out(node, self.module, self.called, length)
        tables = self._tables(node.generators[0].iter, length) if found is not None else {}
        if any(self._is_stored(name) for name in tables):
            return None
        self.checks.update(dict.fromkeys(known.check for known in tables.values()))
        return found

    def _tables(self, source: ast.expr, length: Length) -> dict[str, Table]:
        """The tables of numbers that a loop goes over."""
        tables = tables_in([source], self.module, self.called)
        return {name: known for name, known in tables.items() if length(ast.Name(id=name)) is None}

    def _is_stored(self, name: str) -> bool:
        """Does the region store into a name's list, or bind the name?"""
        return self.is_bound_here(name) or any(
            isinstance(node, ast.Subscript)
            and not isinstance(node.ctx, ast.Load)
            and ast.unparse(node.value).startswith(name)
            for part in self.region
            for node in ast.walk(part)
        )

    def is_bound_here(self, name: str) -> bool:
        """Does the region bind a name?"""
        return any(
            isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
            for part in self.region
            for node in ast.walk(part)
        )

    def is_settled(self, path: str) -> bool:
        """Does a path mean the same object all the while the region runs?"""
        root, _, _ = path.partition(".")
        stored = {
            ast.unparse(node)
            for part in self.region
            for node in ast.walk(part)
            if isinstance(node, ast.Name | ast.Attribute) and not isinstance(node.ctx, ast.Load)
        }
        return root in self.before and not any(path == each or path.startswith(f"{each}.") for each in stored)

    def _method(self, func: ast.expr) -> ast.FunctionDef | None:
        """The method of an object that was always of one class of this file."""
        if not isinstance(func, ast.Attribute) or not is_path(func.value):
            return None
        text = ast.unparse(func.value)
        kinds = set(self._rows(text, "type"))
        if len(kinds) != 1 or (self.scope.node is not None and definition(func, self.module, self.scope)):
            return None
        home, _, name = kinds.pop().rpartition(".")
        own = "__main__" if self.module.is_script else self.module.file.removesuffix(".py").replace("/", ".")
        found = method_of(name, func.attr, self.module) if home == own else None
        if found is not None and self.scope.resolve(name) is not None:
            self.classes[text] = name
        return found

    def _passed(self, func: ast.expr) -> ast.FunctionDef | None:
        """The function at top level that a name or an attribute has always stood for; that is checked."""
        if not is_path(func) or definition(func, self.module, self.scope) is not None:
            return None
        seen, text = self.look(func), ast.unparse(func)
        found = located(seen.function, self.module) if seen is not None else None
        if found is None or not self.is_settled(text):
            return None
        name = ast.Name(id=found[1], ctx=ast.Load())
        visible = self.scope.resolve(name.id)
        if visible is None or not visible.is_module:
            return None
        if definition(name, self.module, self.scope) is not found[0] or self._may_be_exchanged(func):
            return None
        self.checks[f"{text} is {name.id}"] = None
        return found[0]

    def _may_be_exchanged(self, func: ast.expr) -> bool:
        """May a function that the region reaches give the attribute that holds one another?"""
        return isinstance(func, ast.Attribute) and any(
            (
                isinstance(node, ast.Attribute)
                and node.attr == func.attr
                and not isinstance(node.ctx, ast.Load)
            )
            or (isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).endswith(_EXCHANGING))
            for function in reached(self.region, self.module)
            for node in ast.walk(function)
        )

    def _closure(self, func: ast.expr) -> tuple[ast.FunctionDef, dict[str, ast.expr]] | None:
        """The function that another one has made, as a name has always meant it, with what it captured."""
        if not isinstance(func, ast.Name) or definition(func, self.module, self.scope) is not None:
            return None
        seen = self.look(func)
        found = closure(seen.function, self.module) if seen is not None else None
        if found is None or not self.is_settled(func.id):
            return None
        maker = ast.Name(id=found.maker.name, ctx=ast.Load())
        if definition(maker, self.module, self.scope) is not found.maker:
            return None
        captured: dict[str, ast.expr] = {}
        for place, name in enumerate(found.captured):
            entry = f"{func.id}.__closure__[{place}].cell_contents if {found.check(func.id)} else None"
            known = next((alias for alias, text in self.aliases.items() if text == entry), None)
            alias = known or self.fresh_plain(f"{name}_of_{func.id}")
            self.aliases[alias] = entry
            self.before |= {alias}
            self._called_as.setdefault(alias, []).append((found.function, name))
            captured[name] = ast.Name(id=alias, ctx=ast.Load())
            self.checks[f"{alias} is not None"] = None
        if not captured:
            self.checks[found.check(func.id)] = None
        return found.function, captured
