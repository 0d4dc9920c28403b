"""What was seen of the matrices that a script stores into, converts, multiplies and solves with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pdeperf.model import Measurement, Report, Span
from pdeperf.renderers import _words

_COLLECTOR = "sparse"
_SYMMETRY = {"values": "symmetric", "pattern": "of a symmetric pattern", "none": "not symmetric"}
_NOT_FINITE = "not finite"
"""Noted of a solution; no text of a warning."""
_SPARSE_ENOUGH = 0.05
"""A dense matrix with a smaller part of it filled is mostly zeros."""

_Seen = Mapping[str, tuple[float | str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrices:
    """What one line does with matrices, in words."""

    where: Span
    evidence: str


def matrices(report: Report, most: int = 20) -> tuple[Matrices, ...]:
    """The lines where matrices were seen, the costliest of them, in the order of the text."""
    lines: dict[Span, dict[str, dict[str, tuple[float | str, ...]]]] = {}
    for row in report.evidence.rows:
        if row.collector == _COLLECTOR:
            seen = lines.setdefault(row.where, {}).setdefault(row.subject, {})
            seen[row.metric] = (*seen.get(row.metric, ()), row.value)
    shares = _shares(report.evidence.rows)
    costliest = sorted(lines, key=lambda where: -shares.get(where, 0.0))[:most]
    return tuple(
        Matrices(
            where=where,
            evidence="; ".join(said for name, seen in lines[where].items() for said in _said(name, seen)),
        )
        for where in sorted(costliest, key=lambda where: (where.file, where.first))
    )


def _shares(rows: tuple[Measurement, ...]) -> dict[Span, float]:
    return {row.where: float(row.value) for row in rows if row.metric == "line_share"}


def _said(name: str, seen: _Seen) -> Iterator[str]:
    if count := _number(seen, "inserts_count"):
        yield f"{count:,.0f} {'store' if count == 1 else 'stores'} into {name.upper()}"
    if count := _number(seen, "conversions_count"):
        took = _words.seconds(_number(seen, "conversion_time_s"))
        yield f"{_words.count(round(count), 'conversion')} of {_formats(name)}, {took}"
    if count := _number(seen, "solves_count"):
        yield f"{_words.count(round(count), 'call')} of `{_short(name)}`{_again(seen)}"
    if count := _number(seen, "krylov_solves_count"):
        yield f"{_words.count(round(count), 'call')} of `{_short(name)}`{_iterations(seen, count)}"
    if count := _number(seen, "products_count"):
        yield f"`{name}` in {_words.count(round(count), 'product')}"
    if "matrix_shape" in seen:
        yield _matrix(seen)
    for text in seen.get("warning", ()):
        yield "the solution is not finite" if text == _NOT_FINITE else f"{name}: {text}"


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _formats(name: str) -> str:
    """``lil to dense`` as ``LIL to dense``."""
    return " ".join(word if word in ("to", "dense") else word.upper() for word in name.split())


def _number(seen: _Seen, metric: str) -> float:
    return max((float(value) for value in seen.get(metric, ())), default=0.0)


def _again(seen: _Seen) -> str:
    values, pattern = _number(seen, "same_values_count"), _number(seen, "same_pattern_count")
    if values:
        return f", {values:,.0f} of them with the values of an earlier one"
    return f", {pattern:,.0f} of them with the pattern of an earlier one" if pattern else ""


def _iterations(seen: _Seen, solves: float) -> str:
    each = _number(seen, "iterations_total_count") / solves
    left = f", residual {_number(seen, 'residual'):.1e}" if "residual" in seen else ""
    plain = "" if _number(seen, "preconditioned") else ", no preconditioner"
    return f", {each:,.0f} iterations each{left}{plain}"


def _matrix(seen: _Seen) -> str:
    """Format, shape, entries, band, symmetry of the matrix, or of the first that were there."""
    form = str(seen.get("matrix_format", ("",))[0])
    parts = [
        f"{form if form in ('dense', 'matrix') else form.upper()} {seen['matrix_shape'][0]}",
        f"{_number(seen, 'nnz_count'):,.0f} entries ({100 * _number(seen, 'density'):.2g} %)",
    ]
    if form == "dense" and _number(seen, "density") < _SPARSE_ENOUGH:
        parts.append("mostly zeros")
    if "bandwidth" in seen:
        parts.append(f"bandwidth {_number(seen, 'bandwidth'):.0f}")
    if "symmetry" in seen:
        parts.append(_SYMMETRY.get(str(seen["symmetry"][0]), ""))
    if seen.get("positive_diagonal") == (1.0,):
        parts.append("positive diagonal")
    return ", ".join(filter(None, parts))
