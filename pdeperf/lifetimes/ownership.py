"""Who else may hold the array that a name or an attribute stands for."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pdeperf.lifetimes.changes import Changes, Loop
from pdeperf.lifetimes.meaning import LOOPS, Meaning
from pdeperf.lifetimes.sharing import CAPTURED, KEPT, RETURNED, Sharing
from pdeperf.source import Module, Project
from pdeperf.source.flow import reads
from pdeperf.source.scopes import FUNCTIONS, parameters

_PLACES = {
    KEPT: "something that may keep it",
    RETURNED: "whoever called the function",
    CAPTURED: "a function defined here",
}


@dataclass(frozen=True, slots=True)
class Ownership:
    """Answers for a whole project."""

    meaning: Meaning
    sharing: Sharing
    changes: Changes

    @classmethod
    def of(cls, project: Project) -> "Ownership":
        """For a project's files; the last project's answers are kept."""
        return _of(_Same(project))

    def other_holder(self, module: Module, at: ast.stmt, key: str) -> str:
        """Who else may hold the array at a key while a loop runs, in words; empty if nobody does.

        For a name, what happens after the outermost loop around the place does not count.
        """
        if self.changes.wild:
            return "text that is run as code"
        home = self.meaning.home(module, at)
        if key.startswith("."):
            for each in self.meaning.project.modules.values():
                for scope in ast.walk(each.tree):
                    if isinstance(scope, (*FUNCTIONS, ast.Module)) and (
                        found := self._in_scope(each, scope, at, key)
                    ):
                        return found
            return ""
        owner = self.meaning.scope(module, at).resolve(key)
        if owner is None or owner.node is not home:
            return "other code"
        if isinstance(home, FUNCTIONS) and key in parameters(home):
            return "whoever called the function"
        end = max((loop.end_lineno or 0 for loop in _loops_around(module, at)), default=0)
        return self._outside(module, home, key) or self._in_scope(module, home, at, key, end)

    def _in_scope(self, module: Module, home: ast.AST, at: ast.stmt, key: str, until: int = 0) -> str:
        for other in sorted(self.sharing.group(module, home, key, until) - {key}):
            if other.startswith("<"):
                return _PLACES[other]
            if not self.meaning.is_number(module, at, other.lstrip(".")):
                return f"`{other.lstrip('.')}`"
        return ""

    def _outside(self, module: Module, home: ast.AST, key: str) -> str:
        """A function or another file that reads a name of this scope."""
        for each in self.meaning.project.modules.values():
            for node in ast.walk(each.tree):
                if isinstance(node, FUNCTIONS) and node is not home and key in reads(node):
                    seen = self.meaning.scope(each, node).resolve(key)
                    if seen is not None and seen.node is home:
                        return f"the function `{getattr(node, 'name', 'lambda')}`"
                if each is not module and isinstance(node, ast.alias) and node.name == key:
                    return f"the file {each.file}"
        return ""

    def stays_bound(self, module: Module, loop: Loop, node: ast.expr) -> bool:
        """Does an access path stand for one object throughout a loop, whatever that object holds?"""
        match node:
            case ast.Name(id=name):
                home = self.meaning.home(module, loop)
                owner = self.meaning.scope(module, loop).resolve(name)
                is_array = self.meaning.is_array(module, loop, name)
                bound_in_loop = any(
                    isinstance(inner, ast.Name) and inner.id == name and not isinstance(inner.ctx, ast.Load)
                    for inner in ast.walk(loop)
                    if not (is_array and isinstance(module.parents.get(inner), ast.AugAssign))
                )
                if bound_in_loop or owner is None or not (owner.node is home or owner.is_module):
                    return False
                declared = any(
                    isinstance(inner, ast.Global | ast.Nonlocal) and name in inner.names
                    for each in self.meaning.project.modules.values()
                    for inner in ast.walk(each.tree)
                )
                return not declared
            case ast.Attribute(value=value, attr=attr):
                stored = any(
                    isinstance(inner, ast.Attribute)
                    and inner.attr == attr
                    and not isinstance(inner.ctx, ast.Load)
                    and getattr(self.meaning.home(each, inner), "name", "") != "__init__"
                    for each in self.meaning.project.modules.values()
                    for inner in ast.walk(each.tree)
                )
                text = ast.unparse(node)
                runs_code = bool(self.meaning.values(module, loop, text, "property"))
                return not stored and not runs_code and self.stays_bound(module, loop, value)
            case _:
                return False


def _loops_around(module: Module, at: ast.stmt) -> Iterator[Loop]:
    """The statement itself, if it is a loop, and the loops around it in its scope."""
    for node in (at, *module.ancestors(at)):
        if isinstance(node, FUNCTIONS):
            return
        if isinstance(node, LOOPS):
            yield node


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """A project that equals only itself."""

    project: Project

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.project is other.project

    def __hash__(self) -> int:
        return id(self.project)


@lru_cache(maxsize=1)
def _of(same: _Same) -> Ownership:
    meaning = Meaning(same.project)
    sharing = Sharing(meaning)
    return Ownership(meaning, sharing, Changes(meaning, sharing))
