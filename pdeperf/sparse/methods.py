"""How systems with one matrix are solved: by SciPy's own factors where all that was seen allows it."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from pdeperf.source import Module
from pdeperf.sparse.solver_texts import (
    BAND_FACTORS,
    DENSE,
    DENSE_GUARDED,
    ENTRIES_SPARSE,
    KEPT_FACTORS,
    SAME_ARRAYS,
    SPARSE,
    SPARSE_GUARDED,
    solver_class,
)
from pdeperf.sparse.solves import NARROW, Form
from pdeperf.sparse.written import Additions

Seen = Mapping[str, set[float | str]]
_PLAIN = ("float64", "complex128", "int64", "int32")
_OF_OTHERS = frozenset(
    "ImportError ModuleNotFoundError KeyboardInterrupt FileNotFoundError OSError TypeError ValueError".split()
)
"""Exceptions that solvers raise for no matrix that they can take."""
_WARNINGS = ("MatrixRankWarning", "LinAlgWarning", "simplefilter('error'", 'simplefilter("error"')
_MOSTLY_ZERO = 0.05
"""Density of dense matrices up to which the factors of their nonzeros are cheaper."""


@dataclass(frozen=True, slots=True)
class Method:
    """Texts of what is made once of a matrix, and of each solve; with the matrix and the right side in them.

    Attributes
    ----------
    definition
        The class that makes the factors, and needs what solved before; empty for SciPy's own.
    factors
        ``{linalg}.splu({A})``.
    solve
        ``{factors}.solve({b})``.
    is_exact
        It gives every bit that the call gave.
    """

    definition: str
    factors: str
    solve: str
    form: Form
    is_exact: bool = False

    @property
    def gains(self) -> bool:
        """May it be faster for a single system?"""
        return not self.factors.startswith("{dense}.")

    @property
    def stem(self) -> str:
        """How the name of what is made begins."""
        return "solve" if self.solve.startswith("{factors}(") else "factors"

    def made(self, added: Additions, matrix: str, more: str = "") -> str:
        """The expression that makes the factors; ``more`` is what the class is told beside the matrix."""
        text = self.factors
        if self.definition:
            text = f"{solver_class(added, self.definition)}({{A}}{{more}})"
        for library in ("numpy", "sparse", "linalg", "dense"):
            if f"{{{library}}}" in text:
                text = text.replace(f"{{{library}}}", added.alias(library))
        if "{own}" in text:
            text = text.replace("{own}", solver_class(added, BAND_FACTORS))
        is_whole = matrix.isidentifier() or matrix.endswith(")") or "{A}." not in text
        return text.replace("{A}", matrix if is_whole else f"({matrix})").replace("{more}", more)

    def solved(self, added: Additions, factors: str, right: str) -> str:
        """The expression that solves."""
        text = self.solve
        if "{dense}" in text:
            text = text.replace("{dense}", added.alias("dense"))
        return text.replace("{factors}", factors).replace("{b}", right)

    def keeper(self, added: Additions, *, is_held: bool) -> str:
        """What gives the factors of a matrix that may come again: the same object, or the same entries."""
        entries, same, copied = "", SAME_ARRAYS, "A.copy()"
        if is_held:
            same, copied = "known is A", "A"
        elif self.form is Form.SPARSE:
            entries, same, copied = ENTRIES_SPARSE, "known == entries", "entries"
        text = KEPT_FACTORS.replace("ENTRIES", entries).replace("SAME", same).replace("COPIED", copied)
        return f"{added.definition(text)}(lambda A: {self.made(added, 'A')})"


def class_for(form: Form) -> Method:
    """The class that solves whatever it is given."""
    guarded = SPARSE if form is Form.SPARSE else DENSE
    return Method(guarded, "", "{factors}({b})", form, is_exact=form is Form.SPARSE)


def guard_of(form: Form) -> str:
    """The class that compares each matrix with those that were factorised."""
    return SPARSE_GUARDED if form is Form.SPARSE else DENSE_GUARDED


def methods_for(module: Module, form: Form, structure: str, options: str, seen: Seen) -> list[Method]:
    """What suits the matrices that were seen, the best first; the class if something is not known.

    SciPy's factors fail in other ways than what solved before: a script that handles that has the class.
    """
    if (
        _handles_failures(module)
        or not _is_plain(form, seen)
        or (structure and seen.get("symmetry") != {"values"})
    ):
        return [class_for(form)]
    widths = [float(value) for value in seen["bandwidth"]]
    sizes = [int(str(value).partition("x")[0]) for value in seen["matrix_shape"]]
    band = Method("", "{own}({A})", "{factors}.solve({b})", form)
    if form is Form.DENSE:
        if structure == "pos":
            return [Method("", "{dense}.cho_factor({A})", "{dense}.cho_solve({factors}, {b})", form)]
        if 8 * (3 * max(widths) + 1) < min(sizes):
            return [band]
        if max(float(value) for value in seen["density"]) < _MOSTLY_ZERO:
            return [Method("", "{linalg}.splu({sparse}.csc_matrix({A}))", "{factors}.solve({b})", form)]
        return [Method("", "{dense}.lu_factor({A})", "{dense}.lu_solve({factors}, {b})", form)]
    is_csr = seen["matrix_format"] == {"csr"}
    matrix, solve = ("{A}.T", '{factors}.solve({b}, "T")') if is_csr else ("{A}", "{factors}.solve({b})")
    plain = Method("", f"{{linalg}}.splu({matrix}{options})", solve, form, is_exact=True)
    if options:
        return [plain]
    if max(widths) <= NARROW:
        return [band, plain]
    if seen.get("symmetry", set()) & {"values", "pattern"}:
        order = ', permc_spec="MMD_AT_PLUS_A"'
        return [Method("", f"{{linalg}}.splu({matrix}{order})", solve, form), plain]
    return [plain]


def _handles_failures(module: Module) -> bool:
    """Does a file handle errors, but those of imports, or ask for a solver's warnings?"""
    handlers = [node for node in ast.walk(module.tree) if isinstance(node, ast.ExceptHandler)]
    handled = {
        ast.unparse(kind)
        for handler in handlers
        for kind in (handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type])
        if kind is not None
    }
    return (
        any(handler.type is None for handler in handlers)
        or not handled <= _OF_OTHERS
        or any(name in module.text for name in _WARNINGS)
    )


def _is_plain(form: Form, seen: Seen) -> bool:
    """Was every matrix of doubles, not singular, and each right side something that all methods take?"""
    formats = {"dense"} if form is Form.DENSE else {"csr", "csc"}
    found = seen.get("matrix_format", set())
    rights = {str(value) for value in seen.get("right_side", ())}
    kinds = {str(value) for value in seen.get("matrix_dtype", ())}
    shapes = ("vector", "block") if form is Form.SPARSE else ("vector", "column", "block")
    return (
        bool(found and kinds and seen.get("bandwidth") and seen.get("density"))
        and found <= formats
        and len(found) == 1
        and kinds <= set(_PLAIN)
        and not seen.get("warning")
        and (bool(rights) or form is Form.DENSE)
        and all(
            right.startswith(shapes) and (not right.endswith("complex") or kinds == {"complex128"})
            for right in rights
        )
    )
