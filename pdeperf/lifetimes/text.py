"""Edits that move statements out of a loop, and names for what is kept."""

import ast
import re
from collections.abc import Iterable, Sequence

from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, indentation, lines_extent, offset, segment
from pdeperf.source.scopes import is_builtin

Loop = ast.For | ast.While


def newline(module: Module) -> str:
    """The file's own line end."""
    return "\r\n" if "\r\n" in module.text[:2000] else "\n"


def before(module: Module, loop: ast.stmt, lines: Iterable[str]) -> Edit:
    """Insert lines in front of a statement, indented like it."""
    at = offset(module, loop.lineno, 0)
    lead = indentation(module, loop)
    return Edit(at, at, "".join(f"{lead}{line}{newline(module)}" for line in lines))


def after(module: Module, loop: ast.stmt, lines: Iterable[str]) -> Edit:
    """Insert lines behind a statement, indented like it."""
    _, at = lines_extent(module, [loop])
    end = newline(module)
    lead = indentation(module, loop)
    head = "" if module.text[at - 1 : at] in ("\n", "\r") else end
    return Edit(at, at, head + "".join(f"{lead}{line}{end}" for line in lines))


def taken_out(module: Module, loop: Loop, statements: Sequence[ast.stmt]) -> tuple[list[str], list[Edit]]:
    """Lines of statements of a loop's body, without their indentation, and the edits that remove them.

    Comments on the lines directly above a statement go with it.
    """
    lines: list[str] = []
    edits: list[Edit] = []
    for statement in statements:
        first = statement.lineno
        lead = indentation(module, statement)
        while first > loop.lineno + 1 and _is_comment(module.lines[first - 2], lead):
            first -= 1
        start, end = offset(module, first, 0), lines_extent(module, [statement])[1]
        lines += [
            line.removeprefix(lead).rstrip("\r\n") for line in module.lines[first - 1 : statement.end_lineno]
        ]
        edits.append(Edit(start, end, ""))
    if statements and len(statements) == len(loop.body):
        last = edits.pop()
        lead = indentation(module, loop.body[0])
        edits.append(Edit(last.start, last.end, f"{lead}pass{newline(module)}"))
    return lines, edits


def _is_comment(line: str, lead: str) -> bool:
    return line.startswith(f"{lead}#")


def names_of(module: Module) -> frozenset[str]:
    """Every name that stands anywhere in a file."""
    return frozenset(re.findall(r"[^\W\d]\w*", module.text))


def fresh_name(wish: str, taken: frozenset[str]) -> str:
    """A name like the one wished for that nobody has."""
    wish = re.sub(r"\W+", "_", wish).strip("_") or "kept"
    wish = wish if not wish[0].isdigit() else f"_{wish}"
    number = 1
    name = wish
    while name in taken or is_builtin(name):
        number += 1
        name = f"{wish}_{number}"
    return name


def describing(node: ast.expr) -> str:
    """A name that says what an expression computes: ``exp_k_dt`` for ``np.exp(-k**2 * dt)``."""
    modules = {
        inner.value.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute)
        and isinstance(inner.value, ast.Name)
        and inner.value.id in ("np", "numpy")
    }
    names = list(
        dict.fromkeys(
            inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and inner.id not in modules
        )
    )
    match node:
        case ast.Attribute(attr=attr):
            return "_".join([*names[:1], attr])
        case ast.Call(func=ast.Attribute(attr=attr)):
            return "_".join([attr, *names[:3]])
        case ast.Call(func=ast.Name(id=attr)):
            return "_".join([attr, *[name for name in names if name != attr][:3]])
    return "_".join(["fixed", *names[:3]])


def on_one_line(module: Module, node: ast.expr) -> str:
    """An expression's text as the user wrote it, unless that takes several lines."""
    text = segment(module, node)
    return text if "\n" not in text and "\r" not in text else ast.unparse(node)


def in_place_of(module: Module, node: ast.expr, name: str) -> Edit:
    """Put a name where an expression stands, and in place of parentheses around it."""
    start, end = extent(module, node)
    text = module.text
    lead = text[:start].rstrip(" ")
    while lead.endswith("(") and text[end : end + 1] == ")" and not re.search(r"[\w\])]\s*\($", lead):
        start, end = len(lead) - 1, end + 1
        lead = text[:start].rstrip(" ")
    return Edit(start, end, name)
