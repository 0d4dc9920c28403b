"""Why a loop computes the same thing again."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.invariants import hot_invariants
from pdeperf.lifetimes.meaning import loops_at
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project

from . import Detector, diagnosis


class LoopInvariant:
    """A loop computes an array again in every iteration, though it never changes.

    Why it is slow
    --------------
    Wave numbers, mesh grids, damping factors and geometry depend on the grid and the time step alone. Where
    they are written inside the time loop, Python and NumPy compute them anew in every step, and make
    a new array each time. Properties that compute (FiPy's ``mesh.faceAreas``) hide this behind a name.

    Slow
    ----
    ::

        for step in range(steps):
            k = 2 * np.pi * np.fft.fftfreq(n, d=dx)
            u_hat = np.fft.fft(u) * np.exp(-nu * k**2 * dt)
            u = np.fft.ifft(u_hat).real

    Faster
    ------
    ::

        k = 2 * np.pi * np.fft.fftfreq(n, d=dx)
        exp_nu_k_dt = np.exp(-nu * k**2 * dt)
        for step in range(steps):
            u_hat = np.fft.fft(u) * exp_nu_k_dt
            u = np.fft.ifft(u_hat).real

    When it is wrong
    ----------------
    When something in the loop changes what the expression is made of: a time step that adapts, an
    array that is written to under another name, a function that changes a global. When a later line
    changes the result in place.

    References
    ----------
    Aho, Lam, Sethi, Ullman, "Compilers", section 9.1 (code motion).
    """

    rule = "loop-invariant"
    kind = Kind.ALLOCATION

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each loop in or around a hotspot that computes what it could know before."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        for found in hot_invariants(project, module, list(loops_at(module, hotspot.where))):
            texts = [*(_text(node) for node in found.statements), *(_text(g[0]) for g in found.expressions)]
            verb = "stays" if texts else "seems to stay"
            texts = texts or [_text(node) for node, _ in found.kept]
            yield diagnosis(
                self,
                hotspot,
                where=module.span(found.loop),
                message=f"computed in every iteration though it {verb} the same: {', '.join(texts)}",
            )


def _text(node: ast.AST) -> str:
    text = ast.unparse(node)
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}...`"


DETECTOR: Detector = LoopInvariant()
