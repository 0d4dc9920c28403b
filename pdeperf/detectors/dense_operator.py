"""Why a dense matrix that is mostly zeros is slow."""

from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project
from pdeperf.sparse.products import mostly_zero, products_in
from pdeperf.sparse.solves import Form, comes_again, narrow_bands, solves_in

from . import Detector, diagnosis


class DenseOperator:
    """A matrix that is mostly zeros is stored, multiplied or solved with as a dense one.

    Why it is slow
    --------------
    A difference operator on n points has a few entries a row, and n squared when it is stored as a dense
    matrix: each product reads them all, and a solve costs the cube of n. With 2000 unknowns a product in
    CSR format is some 90 times as fast, and a tridiagonal solve 1600 times.

    Slow
    ----
    ::

        L = np.diag(-2 * np.ones(n)) + np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)
        for step in range(steps):
            u = u + dt * (L @ u)

    Faster
    ------
    ::

        L_sparse = csr_matrix(L)
        for step in range(steps):
            u = u + dt * (L_sparse @ u)

    When it is wrong
    ----------------
    When the matrix changes after it was copied, and where a zero must meet an infinity: dense arithmetic
    makes nan of it, sparse arithmetic passes it over. Sums are taken in another order, so results agree
    up to rounding.

    References
    ----------
    G. H. Golub, C. F. Van Loan, "Matrix Computations", section 4.3 (banded systems).
    """

    rule = "dense-operator"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on products and single solves with matrices that were seen to be mostly zeros."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        meaning = Meaning(project)
        seen = mostly_zero(hotspot.facts)
        narrow = narrow_bands(meaning, module, hotspot.where, hotspot.facts)
        banded = {solve.node.lineno for solve, _ in narrow}
        products = products_in(meaning, module, hotspot.facts)
        found = [(product.node, product.seen, "multiplied") for product in products]
        found += [
            (solve.node, solve.function, "solved with")
            for solve in solves_in(meaning, module, hotspot.where)
            if solve.form is Form.DENSE
            and not comes_again(meaning, module, solve, hotspot.facts)
            and solve.node.lineno not in banded
        ]
        for node, subject, what in found:
            density = seen.get((subject, node.lineno))
            if density is None or not hotspot.where.first <= node.lineno <= hotspot.where.last:
                continue
            yield diagnosis(
                self,
                hotspot,
                where=module.span(node),
                message=f"a dense matrix is {what} though {1 - density:.1%} of its entries are zeros",
            )


DETECTOR: Detector = DenseOperator()
