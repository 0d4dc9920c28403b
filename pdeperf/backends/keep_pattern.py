"""Sums and blocks of matrices by their values alone."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import fresh_name
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, apply, extent, indentation, lines_extent
from pdeperf.source.scopes import FUNCTIONS
from pdeperf.sparse.pattern_text import OF_KNOWN_PATTERN
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

        def build_J(bmat, diags, A, B, C):
            return bmat([[A - diags(v**2), C], [diags(v**2), B + diags(2 * u * v)]], format="csc")

        J = pattern_J(build_J, bmat, diags, A, B, C)

    When it is wrong
    ----------------
    The function is the user's own text, with the same order of operations. It is run with values in place
    of matrices; the first result of every pattern is computed as before too, and all its arrays are compared
    to the bit. A sum that is zero, which has no place in SciPy's result, another type and everything that is
    not understood is computed as before.

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
        kind = _kind(module, added)
        edits = [edit for one in found for edit in _written(module, one, added, kind)]
        after = apply(module.text, [*added.edits(), *edits])
        ast.parse(after)
        lines = ", ".join(str(one.statements[-1].lineno) for one in found)
        yield Candidate(
            backend=self.name,
            title=f"compute the matrices of line {lines} by their values in known patterns",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=after),),
            safety=Safety.EXACT,
            forgets=tuple(f"{_prefix(module, one)}{name}" for one in found for name in one.names),
        )


def _kind(module: Module, added: Additions) -> str:
    """The name of the class that keeps patterns, which is added with the other that it needs."""
    entries, keeper = OF_KNOWN_PATTERN.split("\n\n\nclass ByPattern")
    own = added.definition(entries)
    return added.definition(f"class ByPattern{keeper}", {"Entries": own})


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
    names: dict[str, str] = {}
    inner = []
    for one in found.given:
        text = ast.unparse(one)
        if text not in names:
            wish = text.rpartition(".")[2]
            names[text] = (
                text if isinstance(one, ast.Name) else fresh_name(wish, added.taken | {*names.values()})
            )
        if names[text] != text:
            inner.append(Edit(*extent(module, one), names[text]))
    given, parameters = ", ".join(names), ", ".join(names.values())
    body = _edited(module, *extent(module, found.node), inner)
    start, stop = extent(module, found.node)
    if len(found.statements) == 1:
        yield Edit(start, stop, f"{keeper}(lambda {parameters}: {body}, {given})")
        return
    build = fresh_name(f"build_{stem}", added.taken)
    lead, end = indentation(module, last), "\r\n" if "\r\n" in module.text else "\n"
    parts = _edited(module, *lines_extent(module, found.statements[:-1]), inner)
    lines = [f"{lead}def {build}({parameters}):{end}"]
    lines += [f"    {line}" if line.strip() else line for line in parts.splitlines(keepends=True)]
    is_long = "\n" in body
    lines.append(f"{lead}    return {'(' * is_long}{body}{')' * is_long}{end}{end}")
    first, _ = lines_extent(module, found.statements[:-1])
    behind, _ = lines_extent(module, [last])
    yield Edit(first, behind, "".join(lines) + _between(module, found))
    yield Edit(start, stop, f"{keeper}({build}, {given})")


def _between(module: Module, found: Computed) -> str:
    """Comments between the parts and the last statement stay before that."""
    _, stop = lines_extent(module, found.statements[:-1])
    behind, _ = lines_extent(module, found.statements[-1:])
    return module.text[stop:behind]


def _edited(module: Module, start: int, stop: int, edits: list[Edit]) -> str:
    inside = [
        Edit(one.start - start, one.end - start, one.text) for one in edits if start <= one.start < stop
    ]
    return apply(module.text[start:stop], inside)


BACKEND: Backend = KeepPattern()
