"""Why an implicit integrator calls the right side so often."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Diagnosis, Hotspot, Kind, Span
from pdeperf.source import Project
from pdeperf.sparse.integrators import implicit_integrations

from . import Detector, diagnosis


class DenseJacobian:
    """An implicit integrator is not told which entries of its Jacobian are zeros.

    Why it is slow
    --------------
    ``solve_ivp`` with BDF, Radau or LSODA differences the right side once for each of n unknowns to find
    the Jacobian, and factorises a dense matrix of n by n. In a method of lines each unknown has a few
    neighbours: with the pattern known, some three to ten calls do, and a sparse factorisation.

    Slow
    ----
    ::

        solve_ivp(rate, (0, 1), u0, method="BDF")

    Faster
    ------
    ::

        neighbours = sparse.diags_array([1, 1, 1], offsets=[-1, 0, 1], shape=(n, n))
        solve_ivp(rate, (0, 1), u0, method="BDF", jac_sparsity=neighbours)

    When it is wrong
    ----------------
    Where a rate depends on an unknown that the pattern leaves out, the steps become small or fail. The
    pattern is the user's to give: this rule advises.

    References
    ----------
    A. Curtis, M. J. D. Powell, J. Reid, "On the estimation of sparse Jacobian matrices", J. Inst. Maths
    Applics 13 (1974), 117-119.
    """

    rule = "dense-jacobian"
    kind = Kind.SPARSE_FORMAT

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires where a hotspot integrates so, or computes the rates for it."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        for found in implicit_integrations(Meaning(project), module):
            spans = [module.span(one) for one in found.rates if isinstance(one, ast.FunctionDef)]
            last = found.call.end_lineno or found.call.lineno
            here = Span(file=module.file, first=found.call.lineno, last=last)
            if any(
                one.first <= hotspot.where.last and hotspot.where.first <= one.last for one in (here, *spans)
            ):
                yield diagnosis(
                    self,
                    hotspot,
                    where=here,
                    message=f"`{found.method}` finds a dense Jacobian: a call of `{found.rate}` an unknown",
                )


DETECTOR: Detector = DenseJacobian()
