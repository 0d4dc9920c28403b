"""Numbers and texts in dicts that a region never changes: ``cfg["bc"]``, ``p.get("c", 1.0)``."""

import ast
import copy

from pdeperf.arrays.constants import Folded
from pdeperf.arrays.entries import is_kept
from pdeperf.arrays.fixed_locals import is_literal
from pdeperf.arrays.functions import Tree
from pdeperf.arrays.held import Held
from pdeperf.arrays.paths import is_path, is_setting
from pdeperf.source.scopes import Scope


class Settings(Held):
    """What a region's dicts of settings hold while it runs."""

    def settings(self) -> None:
        """Begin with nothing known."""
        self._kept_entries: dict[str, bool] = {}

    def was_array(self, home: ast.AST, value: ast.expr) -> bool:
        """Was an expression, in a function or in the region, always an array?"""
        return self.kind_in(value, home if isinstance(home, ast.FunctionDef) else None).is_array

    def keeps_entry(self, node: ast.expr) -> bool:
        """Does ``cfg["grid"]["dx"]`` mean the same object all the while the region runs?"""
        text = ast.unparse(node)
        if text not in self._kept_entries:
            self._kept_entries[text] = self._keeps(node)
        return self._kept_entries[text]

    def _keeps(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Subscript):
            return is_path(node) and self.is_settled(ast.unparse(node))
        if not isinstance(node.slice, ast.Constant) or not isinstance(node.slice.value, str):
            return False
        return self._keeps(node.value) and is_kept(
            node.value, node.slice.value, self.region, self.module, self.called, self.was_array
        )

    def is_fixed(self, node: ast.expr) -> bool:
        """Does a dict hold it, a number, a text or a function, all the while the region runs?"""
        if self.chosen(node) is not None:
            return True
        seen = self.look(node) if is_setting(node) else None
        return (
            seen is not None and (seen.kind.is_scalar or seen.kind.base == "str") and self.keeps_entry(node)
        )

    def with_entries(self, tree: Tree) -> Tree:
        """Some code with ``p["c"]`` for ``p.get("c", 1.0)``, or with 1.0, as it always was.

        Integers that the file names once are written out where they say which places are meant.
        """
        found = self.folded(tree)
        if any(self._entry_got(node) is not None for node in ast.walk(found)):
            found = _Got(self).visit(copy.deepcopy(found))
            ast.fix_missing_locations(found)
        if found is tree:
            return tree
        self.rewritten.add(id(found))
        self.kept_alive.append(found)
        return found

    def folded(self, tree: Tree, scope: Scope | None = None) -> Tree:
        """Some code with the integers written out that the file names once."""
        found: Tree | None = Folded(self.module, scope or self.scope, self.called).of(tree)
        return tree if found is None else found

    def _entry_got(self, node: ast.AST) -> tuple[ast.expr, str] | None:
        """What ``p.get("c", 1.0)`` is, and what shows that it is so; None for anything else."""
        match node:
            case ast.Call(
                func=ast.Attribute(value=home, attr="get"),
                args=[ast.Constant(value=str() as key), *rest],
                keywords=[],
            ) if len(rest) < 2 and (is_path(home) or is_setting(home)):
                pass
            case _:
                return None
        seen, text = self.look(home), ast.unparse(home)
        entry = ast.Subscript(value=home, slice=ast.Constant(value=key), ctx=ast.Load())
        if seen is None or not seen.keys or {*self._rows(text, "type")} != {"dict"}:
            return None
        if not self.keeps_entry(ast.parse(ast.unparse(entry), mode="eval").body):
            return None
        if key in seen.keys:
            return entry, f"type({text}) is dict and {key!r} in {text}"
        is_plain = rest and (is_literal(rest[0]) or isinstance(rest[0], ast.Constant))
        return (rest[0], f"type({text}) is dict and {key!r} not in {text}") if is_plain else None

    def got(self, node: ast.Call) -> ast.expr:
        """What a call of ``get`` is; that it is so is checked when the region is entered."""
        found = self._entry_got(node)
        if found is None:
            return node
        self.checks[found[1]] = None
        return ast.copy_location(copy.deepcopy(found[0]), node)


class _Got(ast.NodeTransformer):
    """Writes entries, or the numbers that stand for them, in place of calls of ``get``."""

    def __init__(self, home: Settings) -> None:
        self._home = home

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return self._home.got(node)
