"""Transforms by scipy.fft in place of numpy.fft."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.ownership import Ownership
from pdeperf.lifetimes.text import newline
from pdeperf.lifetimes.vocabulary import TRANSFORMS
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, after_imports, apply, replace
from pdeperf.source.scopes import scope_of

from . import Backend

_HOME = "numpy.fft"


class ScipyFft:
    """Calls scipy.fft, which has the same functions under the same names.

    Why it is slow
    --------------
    ``numpy.fft`` works line by line and computes both halves of the transform of real data.

    Slow
    ----
    ::

        from numpy.fft import fft2, ifft2

        u_hat = fft2(u)

    Faster
    ------
    ::

        from scipy.fft import fft2, ifft2

        u_hat = fft2(u)

    When it is wrong
    ----------------
    The last digit may differ. Where a call names NumPy's own parameters (``a=``, ``out=``) nothing is done.

    References
    ----------
    SciPy reference, ``scipy.fft``.
    """

    name = "scipy-fft"
    answers = frozenset(("slow-transform",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """Every transform of the diagnosed file at once: results of one go into the other."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        meaning = Ownership.of(project).meaning
        calls = [
            node
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call) and meaning.full(module, node.func) in TRANSFORMS
        ]
        problem = _problem(module, calls)
        if problem is not None:
            line, reason = problem
            yield Refusal(
                backend=self.name,
                diagnosis=diagnosis,
                where=Span(file=module.file, first=line, last=line),
                reason=reason,
            )
            return
        edits = list(_edits(module, meaning))
        if not edits:
            return
        text = apply(module.text, edits)
        ast.parse(text)
        yield Candidate(
            backend=self.name,
            title="transform by scipy.fft",
            diagnosis=diagnosis,
            patches=(Patch(file=module.file, before=module.text, after=text),),
            safety=Safety.ROUNDING,
        )


def _problem(module: Module, calls: list[ast.Call]) -> tuple[int, str] | None:
    """A call that scipy.fft would not take, or a name that is in the way."""
    for call in calls:
        named = {keyword.arg for keyword in call.keywords}
        if named - {"n", "s", "axis", "axes", "norm"} or len(call.args) > 4:
            return call.lineno, "it uses parameters that scipy.fft does not have"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module == _HOME and node.names[0].name == "*":
            return node.lineno, "a star import brings the transforms"
        if isinstance(node, ast.Name) and node.id == "scipy" and not isinstance(node.ctx, ast.Load):
            return node.lineno, "the name `scipy` means something else here"
    return None


def _edits(module: Module, meaning: Meaning) -> Iterator[Edit]:
    """Imports of numpy.fft become imports of scipy.fft; what is written ``np.fft.fft2`` is spelled out."""
    renamed = {
        one.asname or one.name
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.ImportFrom) and node.module == "numpy" and len(node.names) == 1)
        or isinstance(node, ast.Import)
        for one in node.names
        if one.name in ("fft", _HOME)
    }
    spelled = False
    for node in ast.walk(module.tree):
        match node:
            case ast.ImportFrom(module="numpy.fft", names=names, level=0):
                yield replace(module, node, f"from scipy.fft import {_listed(names)}")
            case ast.ImportFrom(module="numpy", names=[ast.alias(name="fft") as only], level=0):
                yield replace(module, node, f"from scipy import {_listed([only])}")
            case ast.Import(names=[ast.alias(name="numpy.fft", asname=str(name))]):
                yield replace(module, node, f"import scipy.fft as {name}")
            case ast.Attribute(value=home) if meaning.full(module, node) in TRANSFORMS and not (
                isinstance(home, ast.Name) and home.id in renamed
            ):
                spelled = True
                yield replace(module, node, f"scipy.fft.{node.attr}")
    if spelled and not _imports_scipy_fft(module):
        at = after_imports(module)
        yield Edit(at, at, f"import scipy.fft{newline(module)}")


def _listed(names: list[ast.alias]) -> str:
    return ", ".join(f"{one.name} as {one.asname}" if one.asname else one.name for one in names)


def _imports_scipy_fft(module: Module) -> bool:
    scope = scope_of(module, module.tree)
    return "scipy" in scope.binds and any(
        isinstance(node, ast.Import) and any(one.name == "scipy.fft" and not one.asname for one in node.names)
        for node in module.tree.body
    )


BACKEND: Backend = ScipyFft()
