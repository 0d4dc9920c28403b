"""Access paths of a kernel that may lead to one and the same attribute or entry.

The kernel holds each in a variable of its own: what is stored by one path would not be seen by the other.
"""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.kernel.lowering import Lowering, Problem
from pdeperf.kernel.paths import is_column, root_name
from pdeperf.source import Project
from pdeperf.source.scopes import own_nodes

_HOOKS = frozenset(("__setattr__", "__getattribute__", "__set__"))
"""What a class defines that does something else when an attribute is stored."""


def distinct_owners(results: Sequence[str], lowering: Lowering) -> Iterator[str]:
    """Conditions under which a stored attribute or entry is not also another path of the kernel.

    After ``other = self``, ``other.t`` and ``self.t`` are one place.
    """
    for one, other in _alike(results, lowering):
        first, last = sorted((one, other))
        yield f"{first} is not {last}"


def shared_places(
    results: Sequence[str], lowering: Lowering, project: Project, line: int
) -> Iterator[Problem]:
    """Stores to attributes that no comparison of their owners tells apart, or that run code of the user's."""
    for one, other in _alike(results, lowering):
        for owner in (one, other):
            if _is_class(owner, lowering):
                yield Problem(
                    line, f"attributes of `{owner}` are those of its objects too, and one is stored"
                )
                return
        if _is_other_name(one, other, lowering) or _is_other_name(other, one, lowering):
            reason = f"`{one}` is `{other}`, and an attribute of it is stored"
            yield Problem(line, reason, "use one of both names")
            return
    if lowering.observed.provable.program.is_dynamic and (shown := _shown_as_entry(results, lowering)):
        yield Problem(line, f"`{shown}` may be an attribute by its name as text, and one of both is stored")
    stored = [text for name in results if (text := lowering.sources.get(name, "")) and not is_column(text)]
    attributes = [text for text in stored if isinstance(ast.parse(text, mode="eval").body, ast.Attribute)]
    if attributes and (hook := _hook(project)):
        reason = f"`{attributes[0]}` is stored, where a class defines `{hook}`"
        yield Problem(line, reason, "keep it in a local variable, and store it after the loop")


def _is_other_name(name: str, path: str, lowering: Lowering) -> bool:
    """Is a local name only ever bound to what a path leads to, ``grid = self.grid``?

    A kernel that asks whether they differ would never be called.
    """
    bound = [
        ast.unparse(home.value) if isinstance(home, ast.Assign) and home.targets == [node] else ""
        for node in own_nodes(lowering.scope.node)
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for home in (lowering.module.parents.get(node),)
    ]
    return bool(bound) and {*bound} == {path}


def _alike(results: Sequence[str], lowering: Lowering) -> Iterator[tuple[str, str]]:
    """Owners of a stored attribute and of another one of the same name."""
    texts = {name: text for name, text in lowering.sources.items() if not is_column(text)}
    paths = {name: ast.parse(text, mode="eval").body for name, text in texts.items()}
    for stored in results:
        mine = paths.get(stored)
        for path in paths.values():
            match mine, path:
                case (ast.Attribute(), ast.Attribute()) if mine.attr == path.attr:
                    pass
                case (ast.Subscript(), ast.Subscript()) if ast.dump(mine.slice) == ast.dump(path.slice):
                    pass
                case _:
                    continue
            one, other = ast.unparse(mine.value), ast.unparse(path.value)
            if one != other:
                yield one, other


def _shown_as_entry(results: Sequence[str], lowering: Lowering) -> str:
    """An entry by the name of an attribute, ``vars(model)["t"]``, one of them stored; empty without one."""
    texts = {name: text for name, text in lowering.sources.items() if not is_column(text)}
    attributes, entries = dict[str, bool](), dict[str, tuple[bool, str]]()
    for name, text in texts.items():
        match ast.parse(text, mode="eval").body:
            case ast.Attribute(attr=attr):
                attributes[attr] = attributes.get(attr, False) or name in results
            case ast.Subscript(slice=ast.Constant(value=str(key))):
                entries[key] = entries.get(key, (False, ""))[0] or name in results, text
    for key, (is_stored, text) in entries.items():
        if key in attributes and (is_stored or attributes[key]):
            return text
    return ""


def _is_class(owner: str, lowering: Lowering) -> bool:
    """Is it a class, of which objects show the attributes as well?"""
    path = ast.parse(owner, mode="eval").body
    if any(isinstance(part, ast.Attribute) and part.attr == "__class__" for part in ast.walk(path)):
        return True
    if isinstance(path, ast.Name) and owner in lowering.observed.provable.program.classes:
        return True
    node = lowering.scope.node
    names = [argument.arg for argument in node.args.args[:1]] if isinstance(node, ast.FunctionDef) else []
    decorators = [ast.unparse(one) for one in getattr(node, "decorator_list", [])]
    return root_name(path) in names and "classmethod" in decorators


def _hook(project: Project) -> str:
    """What a class of the program defines that is run when an attribute is stored; empty if none does."""
    for module in project.modules.values():
        for home in ast.walk(module.tree):
            for part in own_nodes(home) if isinstance(home, ast.ClassDef) else ():
                names = [part.name] if isinstance(part, ast.FunctionDef) else []
                names += [part.id] if isinstance(part, ast.Name) else []
                if found := _HOOKS & {*names}:
                    return min(found)
    return ""
