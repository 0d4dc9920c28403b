"""Sums and blocks of matrices by their values alone."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import fresh_name, newline
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, apply, extent, indentation, lines_extent
from pdeperf.source.scopes import FUNCTIONS
from pdeperf.sparse.pattern_text import of_known_pattern
from pdeperf.sparse.patterns import Computed, computed_again
from pdeperf.sparse.written import Additions

from . import Backend


class KeepPattern:
    """Computes matrices by their values alone, where the patterns of all that they consist of are known.

    Why it is slow
    --------------
    Each sum, block or diagonal is a matrix of its own: SciPy converts it, looks for its pattern and checks
    it, some ten calls for a few hundred values.

    Slow
    ----
    ::

        J = bmat([[A - diags(v**2), C], [diags(v**2), B + diags(2 * u * v)]], format="csc")

    Faster
    ------
    ::

        J = pattern_J(
            lambda: bmat([[A - diags(v**2), C], [diags(v**2), B + diags(2 * u * v)]], format="csc"),
            lambda at: at(A, 0, 0) - at(v**2, 0, 0)
            + at(C, 0, 1)
            + at(v**2, 1, 0)
            + at(B, 1, 1) + at(2 * u * v, 1, 1),
        )

    When it is wrong
    ----------------
    The values are computed by the user's own expression, in the same order of operations. The first of
    every pattern are compared to the bit with the matrix as it is computed before. The patterns of all parts
    are compared at every call; another one, another type and a value that is zero, which has no place in
    SciPy's result, are computed as before. In products with diagonal matrices the entries of a row may stand
    in another order than SciPy's where parts of a sum cancel.

    References
    ----------
    F. G. Gustavson, "Two fast algorithms for sparse matrices", ACM TOMS 4 (1978), 250-269.
    """

    name = "keep-pattern"
    answers = frozenset(("repeated-pattern",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """All matrices of the file that are computed so, at once."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        facts = [*project.observed, *diagnosis.facts]
        found = [one for one, _ in computed_again(Meaning(project), module, facts)]
        if not found:
            return
        added = Additions(module)
        kind = added.definition(of_known_pattern(scaled=any(one.is_scaled for one in found)))
        edits = [edit for one in found for edit in _written(module, one, added, kind)]
        after = apply(module.text, [*added.edits(), *edits])
        ast.parse(after)
        lines = ", ".join(str(one.statements[-1].lineno) for one in found)
        yield Candidate(
            backend=self.name,
            title=f"compute the matrices of line {lines} by their values in known patterns",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=after),),
            safety=Safety.ROUNDING if any(one.is_scaled for one in found) else Safety.EXACT,
            forgets=tuple(f"{_prefix(module, one)}{name}" for one in found for name in one.names),
        )


def _prefix(module: Module, found: Computed) -> str:
    around = module.ancestors(found.statements[0])
    is_inside = any(isinstance(above, FUNCTIONS) for above in around)
    return f"{module.scope_name(found.statements[0])}():" if is_inside else ""


def _written(module: Module, found: Computed, added: Additions, kind: str) -> Iterator[Edit]:
    last = found.statements[-1]
    match last:
        case ast.Assign(targets=[ast.Name(id=stem) | ast.Attribute(attr=stem)]):
            pass
        case _:
            stem = "matrix"
    keeper = added.name(f"pattern_{stem}")
    added.line(f"{keeper} = {kind}()")
    start, stop = extent(module, found.node)
    body = module.text[start:stop]
    lead, end = indentation(module, last), newline(module)
    if len(found.statements) == 1:
        yield Edit(start, stop, _call(keeper, f"lambda: {body}", found, lead, end))
        return
    build = fresh_name(f"build_{stem}", added.taken)
    first, behind = lines_extent(module, found.statements[:-1])
    lines = [f"{lead}def {build}():{end}"]
    parts = module.text[first:behind].splitlines(keepends=True)
    lines += [f"    {line}" if line.strip() else line for line in parts]
    is_long = "\n" in body
    lines.append(f"{lead}    return {'(' * is_long}{body}{')' * is_long}{end}{end}")
    behind, _ = lines_extent(module, [last])
    yield Edit(first, behind, "".join(lines) + _between(module, found))
    yield Edit(start, stop, _call(keeper, build, found, lead, end))


def _call(keeper: str, build: str, found: Computed, lead: str, end: str) -> str:
    """``pattern_J(build_J, lambda at: ...)``, on as many lines as it needs."""
    terms = [ast.unparse(one) for one in found.values]
    values = f"lambda {found.at}: {' + '.join(terms)}"
    if len(lead) + len(keeper) + len(build) + len(values) < 96 and "\n" not in build:
        return f"{keeper}({build}, {values})"
    inner = f"{end}{lead}    "
    values = f"lambda {found.at}: {f'{inner}+ '.join(terms)}"
    return f"{keeper}({inner}{build},{inner}{values},{end}{lead})"


def _between(module: Module, found: Computed) -> str:
    """Comments between the parts and the last statement stay before that."""
    _, stop = lines_extent(module, found.statements[:-1])
    behind, _ = lines_extent(module, found.statements[-1:])
    return module.text[stop:behind]


BACKEND: Backend = KeepPattern()
