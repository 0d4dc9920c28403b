"""What the linear algebra works on: formats, conversions, inserts, matrices that are solved with again."""

import functools
import importlib
import json
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from pdeperf.collectors import Collector, Job, Recording
from pdeperf.collectors.matrix_facts import facts, is_dense, is_finite, is_same, is_sparse, marks, right_side
from pdeperf.collectors.products import Products, Site
from pdeperf.guest.running_line import RunningLine
from pdeperf.guest.script import Transform, local_file
from pdeperf.guest.windows import when_imported
from pdeperf.model import Measurement, Span

if TYPE_CHECKING:
    from pdeperf.source import Project

_RECORDED = "sparse.json"
_SPARSE_SOLVERS = "scipy.sparse.linalg"
_DENSE_SOLVERS = "scipy.linalg"
_DIRECT = {
    _SPARSE_SOLVERS: ("spsolve", "splu", "factorized", "spilu"),
    _DENSE_SOLVERS: ("solve", "inv", "lu_factor", "cho_factor", "solve_banded"),
    "numpy.linalg": ("solve", "inv"),
}
_KRYLOV = ("cg", "bicg", "bicgstab", "gmres", "lgmres", "minres", "cgs", "qmr", "gcrotmk", "tfqmr")
_CONVERSIONS = ("tocsr", "tocsc", "tolil", "todok", "tocoo", "tobsr", "todia", "toarray", "todense")
_CLASSES = tuple(
    f"{form}_{kind}"
    for form in ("csr", "csc", "lil", "dok", "coo", "dia", "bsr")
    for kind in ("matrix", "array")
)
_LOOKS_COUNT = 3
"""So many matrices are looked at closely on one line."""
_KEPT_BYTES = 50_000_000
"""A larger dense matrix is not kept to be compared with the next."""
_STORES_COUNT = 5000
"""After so many stores on one line, no more are counted until a matrix is converted."""
_RESTS_COUNT = 20
_WARNINGS = ("SparseEfficiencyWarning", "MatrixRankWarning", "LinAlgWarning")

_Place = tuple[str, int]


class _Line:
    """What was seen on one line of the user's."""

    def __init__(self) -> None:
        self.counts: defaultdict[tuple[str, str], float] = defaultdict(float)
        self.values: dict[tuple[str, str], dict[str | float, None]] = {}
        self.patterns: set[int] = set()
        self.matrices: set[int] = set()
        self.looks = 0
        self.last: tuple[Any, tuple[int, int]] | None = None
        self.misses = 0

    def marks(self, matrix: Any) -> tuple[int, int]:
        """Marks of a matrix; a dense one is first compared with the last, in an eighth of the time."""
        if not is_dense(matrix) or matrix.nbytes > _KEPT_BYTES or self.misses > _LOOKS_COUNT:
            return marks(matrix)
        if self.last is not None and is_same(matrix, self.last[0]):
            return self.last[1]
        self.misses += 1
        self.last = matrix.copy(), marks(matrix)
        return self.last[1]

    def note(self, metric: str, subject: str, value: str | float) -> None:
        self.values.setdefault((metric, subject), {})[value] = None


class _Sparse:
    """Stands between the user's code and the solvers."""

    def __init__(self, job: Job) -> None:
        self._folder = Path(job.folder)
        self._root = Path(job.root)
        self._lines: defaultdict[_Place, _Line] = defaultdict(_Line)
        self._place = RunningLine(Path(job.root))
        self._inserts: dict[tuple[int, int, type], int] = {}
        self._codes: dict[int, CodeType] = {}
        self._rested: list[tuple[Any, Callable[..., Any]]] = []
        self._rests_count = 0
        self._busy = False
        self._replaced: list[tuple[Any, str, Any]] = []
        self._watched: set[str] = set()
        self._is_over = False
        self._products = Products(self._product)

    @property
    def transform(self) -> Transform | None:
        return self._products.instrument

    def start(self) -> None:
        self._products.install()
        # What the script does not import costs it nothing.
        when_imported({**dict.fromkeys(_DIRECT, self._watch_solvers), "scipy.sparse": self._watch_classes})
        self._shown = warnings.showwarning
        self._replace(warnings, "showwarning", self._warned)

    def _watch_solvers(self, module: ModuleType) -> None:
        if self._is_over:
            return
        home, later = module.__name__, sys.modules.get(_SPARSE_SOLVERS)
        if home == _DENSE_SOLVERS and getattr(later.__spec__ if later else None, "_initializing", False):
            return  # the sparse solvers take theirs from it: what they call is their own affair
        self._watched.add(home)
        for name in _DIRECT[home]:
            if hasattr(module, name):
                self._replace(module, name, self._direct(getattr(module, name), f"{home}.{name}"))
        for name in _KRYLOV if home == _SPARSE_SOLVERS else ():
            if hasattr(module, name):
                self._replace(module, name, self._krylov(getattr(module, name), f"{home}.{name}"))
        if home == _SPARSE_SOLVERS and _DENSE_SOLVERS not in self._watched:
            self._watch_solvers(sys.modules[_DENSE_SOLVERS])

    def _replace(self, owner: Any, name: str, new: Any) -> None:
        """Put something in another's place until the recording stops."""
        self._replaced.append((owner, name, vars(owner)[name]))
        setattr(owner, name, new)

    def _watch_classes(self, sparse: Any) -> None:
        done: set[tuple[type, str]] = set()
        for name in _CLASSES if not self._is_over else ():
            for home in getattr(sparse, name, object).__mro__:
                if not home.__module__.startswith("scipy.sparse"):
                    continue
                for method in (*_CONVERSIONS, "__setitem__"):
                    if method in vars(home) and (home, method) not in done:
                        done.add((home, method))
                        if method == "__setitem__":
                            self._replace(home, method, self._insert(vars(home)[method], home))
                        else:
                            self._replace(home, method, self._conversion(vars(home)[method], method))

    def _product(self, site: Site, left: Any, right: Any) -> tuple[str, ...]:
        """Look at each factor that could be stored otherwise, when it comes first; name those there are."""
        if self._busy or not (is_sparse(left) or is_dense(left) or is_dense(right)):
            return ()
        seen = self._lines[site.place]
        pairs = ((site.left, left, right), (site.right, right, left))
        found = [(text, one) for text, one, other in pairs if _is_telling(one, other)]
        for text, one in found:
            seen.counts["products_count", text] += 1
            if seen.counts["products_count", text] == 1:
                self._look(seen, text, one)
        return tuple(text for text, _ in found)

    def _look(self, seen: _Line, subject: str, matrix: Any) -> None:
        busy, self._busy = self._busy, True
        try:
            for metric, value in facts(matrix):
                seen.note(metric, subject, value)
        # Whatever a stranger's matrix does when it is looked at must not end his script.
        except Exception as error:
            seen.note("unobservable", subject, f"{type(error).__name__}: {error}")
        finally:
            self._busy = busy

    def _direct(self, real: Callable[..., Any], name: str) -> Callable[..., Any]:
        @functools.wraps(real)
        def call(*arguments: Any, **options: Any) -> Any:
            place = None if self._busy else self._place()
            matrix = arguments[0] if arguments else None
            if place is None or not (is_sparse(matrix) or is_dense(matrix)):
                return real(*arguments, **options)
            self._busy = True
            try:
                self._solved(self._lines[place], name, matrix)
                if len(arguments) > 1:
                    self._lines[place].note("right_side", name, right_side(arguments[1]))
                found = real(*arguments, **options)
                if type(found).__name__ == "ndarray" and not is_finite(found):
                    self._lines[place].note("warning", name, "not finite")
                return found
            finally:
                self._busy = False

        return call

    def _solved(self, seen: _Line, name: str, matrix: Any) -> None:
        pattern, values = seen.marks(matrix)
        counts = seen.counts
        counts["solves_count", name] += 1
        counts["same_pattern_count", name] += pattern in seen.patterns
        counts["same_values_count", name] += values in seen.matrices
        if values not in seen.matrices and seen.looks < _LOOKS_COUNT:
            seen.looks += 1
            self._look(seen, name, matrix)
        seen.patterns.add(pattern)
        seen.matrices.add(values)

    def _krylov(self, real: Callable[..., Any], name: str) -> Callable[..., Any]:
        @functools.wraps(real)
        def call(A: Any, b: Any, *arguments: Any, **options: Any) -> Any:  # noqa: N803
            place = None if self._busy else self._place()
            if place is None:
                return real(A, b, *arguments, **options)
            own = options.get("callback")
            seen = self._lines[place]

            def counted(state: Any) -> Any:
                seen.counts["iterations_total_count", name] += 1
                return own(state) if own is not None else None

            options["callback"] = counted
            if name.endswith(".gmres") and own is None:
                options.setdefault("callback_type", "pr_norm")
            # Noted before it ends: a run that is cut short may be cut here.
            seen.counts["krylov_solves_count", name] += 1
            seen.note("preconditioned", name, float(options.get("M") is not None))
            looks = seen.counts["krylov_solves_count", name] <= _LOOKS_COUNT
            if looks and (is_sparse(A) or is_dense(A)):
                self._look(seen, name, A)
            found = real(A, b, *arguments, **options)
            if looks and (is_sparse(A) or is_dense(A)):
                self._left_over(seen, name, A, b, found[0])
            return found

        return call

    def _left_over(self, seen: _Line, name: str, matrix: Any, b: Any, x: Any) -> None:
        """The residual that an iterative solver leaves."""
        busy, self._busy = self._busy, True
        try:
            numpy = importlib.import_module("numpy")
            right = numpy.ravel(b)
            size = numpy.linalg.norm(right)
            if size:
                seen.note("residual", name, float(numpy.linalg.norm(matrix @ x - right) / size))
        finally:
            self._busy = busy

    def _conversion(self, real: Callable[..., Any], method: str) -> Callable[..., Any]:
        target = "dense" if method in ("toarray", "todense") else method.removeprefix("to")

        @functools.wraps(real)
        def call(matrix: Any, *arguments: Any, **options: Any) -> Any:
            if self._busy or (place := self._place()) is None:
                return real(matrix, *arguments, **options)
            if self._rested:
                self._watch_again()
            self._busy = True
            started = time.perf_counter()
            try:
                return real(matrix, *arguments, **options)
            finally:
                self._busy = False
                if matrix.format != target:
                    subject = f"{matrix.format} to {target}"
                    seen = self._lines[place]
                    seen.counts["conversions_count", subject] += 1
                    seen.counts["conversion_time_s", subject] += time.perf_counter() - started

        return call

    def _insert(self, real: Callable[..., Any], home: Any) -> Callable[..., Any]:
        counts, codes, frame_at = self._inserts, self._codes, sys._getframe

        # Runs for every entry: what line it is, and whether that is the user's, is asked at the end.
        # A code object is no key: its hash goes through all that it holds.
        @functools.wraps(real)
        def call(matrix: Any, key: Any, value: Any) -> None:
            frame = frame_at(1)
            place = (id(frame.f_code), frame.f_lasti, type(matrix))
            if place in counts:
                count = counts[place] = counts[place] + 1
                if not count % _STORES_COUNT:  # seen enough: it costs too much to be told of all
                    home.__setitem__ = real
                    self._rested.append((home, call))
            else:
                counts[place], codes[place[0]] = 1, frame.f_code
            real(matrix, key, value)

        return call

    def _watch_again(self) -> None:
        """Watch stores anew once a matrix is complete: the next may be filled elsewhere."""
        self._rests_count += 1
        while self._rested and self._rests_count <= _RESTS_COUNT:
            home, call = self._rested.pop()
            home.__setitem__ = call

    def _resolve_inserts(self) -> None:
        for (number, at, kind), count in self._inserts.items():
            code = self._codes[number]
            file = local_file(code.co_filename, self._root)
            if file is not None:
                line = next(last for start, end, last in code.co_lines() if start <= at < end) or 0
                self._lines[file, line].counts["inserts_count", kind.__name__[:3]] += count

    def _warned(self, message: Any, category: Any, filename: str, lineno: int, *rest: Any) -> None:
        if category.__name__ in _WARNINGS and (place := self._place()) is not None:
            self._lines[place].note("warning", category.__name__, str(message).split("\n")[0])
        self._shown(message, category, filename, lineno, *rest)

    def stop(self) -> None:
        self._is_over = True
        self._resolve_inserts()
        for site, texts, more in self._products.unseen():
            for text in texts:
                self._lines[site.place].counts["products_count", text] += more
        for owner, name, old in reversed(self._replaced):
            setattr(owner, name, old)
        rows: list[tuple[str, int, str, str, str | float]] = []
        for (file, line), seen in list(self._lines.items()):
            rows += [(file, line, subject, metric, value) for (metric, subject), value in seen.counts.items()]
            rows += [
                (file, line, subject, metric, value)
                for (metric, subject), values in seen.values.items()
                for value in values
            ]
        (self._folder / _RECORDED).write_text(json.dumps(rows))


def _is_telling(one: Any, other: Any) -> bool:
    """Is a factor of a product a matrix, and not the dense one of two?"""
    return is_sparse(one) or (is_dense(one) and not is_sparse(other))


class _Collector:
    name = "sparse"

    def command(self, child: list[str], folder: Path) -> list[str]:
        return child

    def record(self, job: Job) -> Recording:
        return _Sparse(job)

    def read(self, folder: Path, project: "Project") -> Iterator[Measurement]:
        for file, line, subject, metric, value in json.loads((folder / _RECORDED).read_text()):
            where = Span(file=file, first=line, last=line)
            yield Measurement(where=where, subject=subject, metric=metric, value=value, collector=self.name)


COLLECTOR: Collector = _Collector()
