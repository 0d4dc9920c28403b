"""Where a program looks at floating-point errors, which compiled code does not report."""

import ast
from collections.abc import Iterator

from pdeperf.model import Diagnosis, Refusal, Span
from pdeperf.source.project import Project

_WATCHED = frozenset(("raise", "call", "log", "print"))


def refusal(backend: str, diagnosis: Diagnosis, project: Project) -> Refusal | None:
    """Why arithmetic must not be moved or compiled: somebody sees its warnings."""
    where = watched_errors(project)
    if where is None:
        return None
    return Refusal(
        backend=backend,
        diagnosis=diagnosis,
        where=where,
        reason="floating-point errors are looked at here, which a rewrite reports elsewhere or never",
        advice="remove it if the errors are not relied on",
    )


def watched_errors(project: Project) -> Span | None:
    """Where floating-point warnings become exceptions, calls or lists; None if they stay warnings.

    Parameters
    ----------
    project
        The user's files.
    """
    for module in project.modules.values():
        for node in module.nodes:
            if isinstance(node, ast.Call) and _watches(node):
                return Span(file=module.file, first=node.lineno, last=node.lineno)
    return None


def _watches(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            pass
        case _:
            return False
    values = set(_values(call))
    if name in ("seterr", "errstate"):
        return not values.isdisjoint({*_WATCHED, None})
    if name == "catch_warnings":
        return True in values
    return name == "seterrcall" or (name in ("simplefilter", "filterwarnings") and "error" in values)


def _values(call: ast.Call) -> Iterator[object]:
    """What arguments say; None for what is computed. Settings that are put back are none (``**old``)."""
    for argument in [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg)]:
        yield argument.value if isinstance(argument, ast.Constant) else None
