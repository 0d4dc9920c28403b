"""Where a method of lines is integrated implicitly without a word about its Jacobian."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.scopes import Function

_TELLING = frozenset(("jac", "jac_sparsity", "lband", "uband"))


@dataclass(frozen=True, slots=True)
class Integration:
    """One call of an implicit integrator.

    Attributes
    ----------
    rate, rates
        The right side as the source names it, and what that is, if it is known.
    """

    call: ast.Call
    method: str
    rate: str
    rates: tuple[Function, ...]


def implicit_integrations(meaning: Meaning, module: Module) -> Iterator[Integration]:
    """The calls of ``solve_ivp`` that difference a dense Jacobian."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(args=[rate, *more], keywords=keywords):
                options = {keyword.arg: keyword.value for keyword in keywords}
                method = options.get("method", more[2] if len(more) > 2 else None)
            case _:
                continue
        if not isinstance(method, ast.Constant) or method.value not in ("BDF", "Radau", "LSODA"):
            continue
        if None in options or _TELLING & options.keys():
            continue
        if meaning.full(module, node.func) != "scipy.integrate.solve_ivp":
            continue
        name = ast.unparse(rate).rpartition(".")[2]
        rates = tuple(function for home, function in meaning.functions.get(name, ()) if home is module)
        yield Integration(node, str(method.value), ast.unparse(rate), rates)
