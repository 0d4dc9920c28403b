"""Dense matrices that are mostly zeros, multiplied and solved with as what they are."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import after, before, describing, in_place_of, on_one_line
from pdeperf.model import Candidate, Diagnosis, Measurement, Patch, Refusal, Safety, Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, apply, extent, replace, segment
from pdeperf.sparse.built_sparse import written_sparse
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.filled_sparse import filled_sparse
from pdeperf.sparse.methods import Method, methods_for
from pdeperf.sparse.passed_down import PassedDown, edits_of, meet, names_held, passed_down
from pdeperf.sparse.products import Copy, Product, mostly_zero, place_of_copy, products_in, unscaled
from pdeperf.sparse.solves import Form, Solve, comes_again, facts_of, solves_in
from pdeperf.sparse.written import Additions

from . import Backend


class SparseOperator:
    """Makes a dense matrix that is mostly zeros sparse from the start, or multiplies by a CSR copy of it.

    Why it is slow
    --------------
    Every product with a dense matrix reads all of its zeros, and every solve computes with them.

    Slow
    ----
    ::

        D = np.diag(-2 * np.ones(n)) + np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)
        for step in range(steps):
            u = u + dt * (D @ u)

    Faster
    ------
    ::

        diagonals = [-2 * np.ones(n), np.ones(n - 1), np.ones(n - 1)]
        D = sparse.diags_array(diagonals, offsets=[0, 1, -1]).tocsr()
        for step in range(steps):
            u = u + dt * (D @ u)

    When it is wrong
    ----------------
    Matrices are made sparse where they are diagonals, identities and Kronecker products, and nothing but
    multiplied and solved with. Of others a copy is made, and only where data flow proves that the matrix
    stays as it is as long as the copy is used.
    Where the vector holds infinities, products with zeros are nan in dense arithmetic and nothing in
    sparse arithmetic.

    References
    ----------
    G. H. Golub, C. F. Van Loan, "Matrix Computations", section 4.3 (banded systems).
    """

    name = "sparse-operator"
    answers = frozenset(("dense-operator",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """All products and single solves of the hotspot at once."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        meaning = Meaning(project)
        yield from self._from_the_start(meaning, module, diagnosis)
        yield from self._filled(meaning, module, diagnosis)
        constancy = Constancy(meaning)
        places: dict[Product, Copy] = {}
        handed: list[PassedDown] = []
        for product in products_in(meaning, module, diagnosis.facts):
            found = place_of_copy(constancy, module, product)
            bare = unscaled(meaning, module, product)
            if isinstance(found, str) and bare.matrix is not product.matrix:
                product, found = bare, place_of_copy(constancy, module, bare)
            down = passed_down(constancy, module, product.matrix) if isinstance(found, str) else ""
            if isinstance(down, PassedDown):
                handed.append(down)
                continue
            if isinstance(found, Copy):
                places[product] = found
            elif product.node.lineno == diagnosis.where.first:
                where = Span(file=module.file, first=product.node.lineno, last=product.node.lineno)
                advice = f"keep `{product.text}` as a `scipy.sparse.csr_array`, or build it by `diags_array`"
                yield Refusal(
                    backend=self.name, diagnosis=diagnosis, where=where, reason=found, advice=advice
                )
        if meet(handed):
            handed = []
        seen = mostly_zero(diagnosis.facts)
        solves = [
            solve
            for solve in solves_in(meaning, module, diagnosis.where)
            if solve.form is Form.DENSE
            and not comes_again(meaning, module, solve, diagnosis.facts)
            and (solve.function, solve.node.lineno) in seen
            and _method(module, solve, diagnosis.facts).gains
        ]
        if not places and not solves and not handed:
            return
        text = apply(module.text, _edits(module, places, handed, solves, diagnosis.facts))
        ast.parse(text)
        names = ", ".join(
            dict.fromkeys(
                f"`{name}`"
                for name in [
                    *(product.text for product in places),
                    *(ast.unparse(argument) for down in handed for argument in down.given),
                    *(ast.unparse(solve.matrix) for solve in solves),
                ]
            )
        )
        yield Candidate(
            backend=self.name,
            title=f"compute with the nonzeros of {names}",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=text),),
            safety=Safety.ROUNDING,
            assumes=("what a matrix is multiplied with holds no infinities",) if places or handed else (),
            forgets=tuple(sorted(names_held(handed))),
        )

    def _filled(self, meaning: Meaning, module: Module, diagnosis: Diagnosis) -> Iterator[Candidate]:
        """Matrices that are filled entry by entry, never stored as dense ones."""
        found = filled_sparse(meaning, module, diagnosis.facts)
        if found is None or diagnosis.where.first not in found.lines:
            return
        ast.parse(found.text)
        names = tuple(dict.fromkeys(found.names))
        yield Candidate(
            backend=self.name,
            title=f"fill {', '.join(f'`{name}`' for name in names)} as sparse matrices",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=found.text),),
            safety=Safety.ROUNDING,
            forgets=found.forgets,
        )

    def _from_the_start(self, meaning: Meaning, module: Module, diagnosis: Diagnosis) -> Iterator[Candidate]:
        """Matrices of diagonals, identities and Kronecker products, never stored as dense ones."""
        added = Additions(module)
        found = written_sparse(meaning, module, added)
        if found is None or not found.lines & {*range(diagnosis.where.first, diagnosis.where.last + 1)}:
            return
        after = apply(module.text, [*added.edits(), *found.edits])
        ast.parse(after)
        names = [name for _, name in found.names]
        homes = [
            "" if isinstance(home, ast.Module) else f"{module.scope_name(home.body[0])}():"  # type: ignore[attr-defined]
            for home, _ in found.names
        ]
        yield Candidate(
            backend=self.name,
            title=f"make {', '.join(f'`{name}`' for name in names)} as sparse matrices",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=after),),
            safety=Safety.ROUNDING,
            assumes=("what a matrix is multiplied with holds no infinities",),
            forgets=tuple(sorted(f"{home}{name}" for home, name in zip(homes, names, strict=True))),
        )


def _edits(
    module: Module,
    places: dict[Product, Copy],
    handed: list[PassedDown],
    solves: list[Solve],
    facts: Sequence[Measurement],
) -> list[Edit]:
    added = Additions(module)
    edits = list(edits_of(module, handed, added))
    names: dict[tuple[Copy, str], str] = {}
    for product, place in places.items():
        key = (place, product.text)
        if key not in names:
            prefix = "self." if place.is_attribute else ""
            names[key] = prefix + added.name(f"{_word(product.matrix)}_sparse")
            line = f"{names[key]} = {added.alias('sparse')}.csr_matrix({on_one_line(module, product.matrix)})"
            if place.before is not None:
                edits.append(before(module, place.before, [line]))
            elif place.after is not None:
                edits.append(after(module, place.after, [line]))
        edits.append(_multiplied(module, product, names[key]))
    for solve in solves:
        method = _method(module, solve, facts)
        more = "".join(f", {part}" for part in solve.given)
        factors = method.made(added, on_one_line(module, solve.matrix), more)
        edits.append(replace(module, solve.node, method.solved(added, factors, solve.right_text(module))))
    return [*added.edits(), *edits]


def _method(module: Module, solve: Solve, facts: Sequence[Measurement]) -> Method:
    return methods_for(module, solve.form, solve.structure, "", facts_of(solve, facts))[0]


def _word(node: ast.expr) -> str:
    match node:
        case ast.Attribute(value=turned, attr="T"):
            return _word(turned)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return describing(node)


def _multiplied(module: Module, product: Product, name: str) -> Edit:
    if isinstance(product.node, ast.BinOp):
        return in_place_of(module, product.matrix, name)
    assert isinstance(product.node, ast.Call)
    *_, last = product.node.args
    is_right = any(node is product.matrix for node in ast.walk(last))
    if len(product.node.args) == 1 and not is_right:
        return replace(module, product.matrix, name)
    one = last if is_right else product.node.args[0]
    start, end = extent(module, one)
    inner_start, inner_end = extent(module, product.matrix)
    text = module.text[start:inner_start] + name + module.text[inner_end:end]
    text = text if isinstance(one, ast.Name | ast.Attribute) else f"({text})"
    if not is_right:
        return replace(module, product.node, f"{text}.dot({segment(module, product.other)})")
    is_alone = not isinstance(module.parents.get(product.node), ast.expr)
    whole = f"{_in_product(module, product.other)} @ {text}"
    return replace(module, product.node, whole if is_alone else f"({whole})")


def _in_product(module: Module, node: ast.expr) -> str:
    text = segment(module, node)
    return text if isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript) else f"({text})"


BACKEND: Backend = SparseOperator()
