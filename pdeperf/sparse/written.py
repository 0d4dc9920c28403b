"""Classes and functions that are added to the user's file, with the imports that they need."""

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pdeperf.lifetimes.text import fresh_name, names_of, newline
from pdeperf.source import Module
from pdeperf.source.edits import Edit, after_imports
from pdeperf.source.scopes import is_builtin, scope_of, star_imports

_HOMES = {
    "numpy": ("numpy", "np"),
    "sparse": ("scipy.sparse", "sp"),
    "linalg": ("scipy.sparse.linalg", "spla"),
    "dense": ("scipy.linalg", "la"),
    "pyamg": ("pyamg", "pyamg"),
    "builtins": ("builtins", "builtins"),
}
_STARRED = "abs all any divmod max min pow round sum".split()
"""What NumPy has functions of the same name for."""


@dataclass(slots=True)
class Additions:
    """What one rewrite adds to a file, after its imports.

    Attributes
    ----------
    module
        The file as it is.
    """

    module: Module
    taken: frozenset[str] = field(init=False)
    _imports: list[str] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _aliases: dict[str, str] = field(default_factory=dict)
    _present: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.taken = names_of(self.module)

    def kept(self) -> tuple[object, ...]:
        """What was added so far, to go back to."""
        return self.taken, [*self._imports], [*self._texts], [*self._lines], {**self._aliases}

    def back_to(self, kept: tuple[object, ...]) -> None:
        """Forget what was added since."""
        self.taken, self._imports, self._texts, self._lines, self._aliases = kept  # type: ignore[assignment]

    def name(self, wish: str) -> str:
        """A name that nobody has, and that is taken from now on."""
        found = fresh_name(wish, self.taken)
        self.taken |= {found}
        return found

    def definition(self, template: str, renamed: Mapping[str, str] = {}) -> str:
        """Add a class or a function unless the file has it word for word; give its name."""
        text = template.strip("\n") + "\n"
        for used in sorted(set(re.findall(r"\{(\w+)\}", text))):
            text = text.replace(f"{{{used}}}", self.alias(used))
        text = self._with_builtins(text)
        for old, new in renamed.items():
            text = re.sub(rf"\b{old}\b", new, text)
        found = re.match(r"(?:class|def) (\w+)", text)
        assert found is not None
        wish = found[1]
        present = "".join([self.module.text.replace("\r\n", "\n"), *self._texts])
        for known in (wish, *(f"{wish}_{number}" for number in range(2, 6))):
            if re.sub(rf"\b{wish}\b", known, text) in present:
                self._present.add(known)
                return known
        name = self.name(wish)
        self._texts.append(re.sub(rf"\b{wish}\b", name, text))
        return name

    def _with_builtins(self, text: str) -> str:
        """The text with ``builtins.max`` for ``max`` where that means something else in the file."""
        hidden = hidden_builtins(self.module) & set(re.findall(r"(?<![\w.])(\w+)\(", text))
        for name in sorted(hidden):
            text = re.sub(rf"(?<![\w.]){name}\(", f"{self.alias('builtins')}.{name}(", text)
        return text

    def text(self, text: str) -> None:
        """Add a definition as it is, under a name that was asked for."""
        self._texts.append(text)

    def line(self, text: str) -> None:
        """Add a statement after the definitions."""
        self._lines.append(text)

    def alias(self, home: str) -> str:
        """The name by which a library goes in this file, imported if it must be."""
        if home not in self._aliases:
            package, wish = _HOMES[home]
            self._aliases[home] = _imported_as(self.module, package) or self._import(package, wish)
        return self._aliases[home]

    def _import(self, package: str, wish: str) -> str:
        name = self.name(wish)
        self._imports.append(f"import {package}\n" if name == package else f"import {package} as {name}\n")
        return name

    def edits(self) -> list[Edit]:
        """The edit that adds everything."""
        if not (self._imports or self._texts or self._lines):
            return []
        edits, lines = [], self._lines
        if (last := self._last_present()) is not None:
            at = sum(len(line) for line in self.module.lines[: last.end_lineno])
            is_class = not isinstance(last, ast.Assign)
            lead = "" if self.module.text[at - 1 : at] == "\n" else "\n"
            text = lead + "\n\n" * is_class + "".join(f"{line}\n" for line in lines)
            edits, lines = [Edit(at, at, text.replace("\n", newline(self.module)))], []
        if not (self._imports or self._texts or lines):
            return edits
        at = after_imports(self.module)
        text = "".join(self._imports)
        text += "".join(f"\n\n{part}" for part in self._texts)
        if lines:
            text += ("\n\n" if self._texts else "\n") + "".join(f"{line}\n" for line in lines)
        lead = "" if at == 0 or self.module.text[at - 1 : at] == "\n" else "\n"
        rest = self.module.text[at:].replace("\r\n", "\n")
        if self._texts and rest and not rest.startswith("\n\n"):
            text += "\n" if rest.startswith("\n") else "\n\n"
        return [Edit(at, at, (lead + text).replace("\n", newline(self.module))), *edits]

    def _last_present(self) -> ast.stmt | None:
        """After what the lines come that use what an earlier rewrite has defined; None if none do."""
        used = {name for name in self._present for line in self._lines if re.search(rf"\b{name}\b", line)}
        found: ast.stmt | None = None
        last: ast.stmt | None = None
        for statement in self.module.tree.body:
            before, last = last, statement
            match statement:
                case ast.ClassDef(name=name) | ast.FunctionDef(name=name) if name in used:
                    found = statement
                case ast.Assign(value=ast.Call(func=ast.Name(id=name))) if name in used and found is before:
                    found = statement
        return found


def hidden_builtins(module: Module) -> frozenset[str]:
    """Python's own names that a file binds to something else, or that a star import may."""
    found = {name for name in scope_of(module, module.tree).binds if is_builtin(name)}
    if any(not home.startswith("scipy.sparse") for home in star_imports(module)):
        found |= set(_STARRED)
    return frozenset(found)


def _imported_as(module: Module, package: str) -> str:
    """The name that a file's leading imports give to a package, if nothing else binds it."""
    names: Iterable[str] = [
        alias.asname or alias.name
        for statement in module.tree.body
        if isinstance(statement, ast.Import)
        for alias in statement.names
        if alias.name == package
    ]
    stored = [
        node.id
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    ]
    return next((name for name in names if name.partition(".")[0] not in stored), "")
