"""Shelf: what was measured. One file a tool; each runs the user's script once, in its own process.

What the rows say; ``subject`` is given in brackets. Shares are parts of the run's time.

=========================  ==================  ==============================================================
metric                     where               value
=========================  ==================  ==============================================================
line_share                 line                share in which this is the innermost line of the user's
native_share               line                part of that line's time (0-1) that compiled libraries take
stack_share [callers]      line                share of one stack; ``stacks.callers`` reads the subject
library_share [library]    line                share that the line spends in ``numpy``, ``matplotlib``,
                                               ``scipy.sparse.linalg``, ``file I/O``, ``import of scipy``, ...
native_library_share       line                the same by compiled library: ``OpenBLAS``, ``SuperLU``, ...
hits_count, line_time_s    line                of the whole run (scaled where line_profiler was stopped)
iterations_count           loop                how often the body was begun in the whole run
entries_count              loop                how often the loop statement was reached
trip_count                 loop                mean iterations an entry, told from the header
calls_count                function            how often the function was called
type [name]                loop or function    ``numpy.ndarray``, ``float``, ``list[list[float]]``, ``method``
                                               ``function``, ``module``, a class's qualified name; several
                                               types are several rows; ``name[]`` is a list's elements
dtype, ndim, shape,        loop or function    of an array: ``float64``, 2, ``101x101``, ``C`` / ``F`` /
layout, writeable [name]                       ``strided``, 0 or 1; shape and dtype of sparse matrices too
first_place, turned_by     loop or function    of an array of integers that goes up by one from that place; of
[name]                                         one that goes around its length so: 1 for 1, 2, .., n - 1, 0
filled [name]              loop or function    of an array of at most 27 numbers: 1 for each that is not zero
columns [name]             loop or function    of a list of tuples: types of their elements, ``int int float``
length, shape,             loop or function    of a list; shape if it is rectangular, and whether all its rows
rows_distinct [name]                           are objects of their own
value [name]               loop or function    ``repr`` of a scalar that never changed and is not bound there
function [name]            loop or function    ``file.py:12:Solver.flux`` (line of ``def``) or ``numpy.sqrt``
class [name]               loop or function    ``file.py:Solver`` for an object of a class of the user's
property [name]            loop or function    ``1``: the path runs code, so it was not followed
shares_memory [a|b]        loop or function    1: two arrays overlapped when looked at
same_object [a|b]          loop or function    1: two names were bound to one mutable object
unobservable               loop or function    why a look failed
matrix_format,             line                of a matrix that is solved with or multiplied: ``csr``;
matrix_shape, density, ..                      ``bandwidth``, ``symmetry`` (values, pattern, none),
[function or name]                             ``nnz_count``, ``positive_diagonal`` (0 or 1)
solves_count,              line                direct solves, and how many had the pattern, or the values,
same_pattern_count,                            of an earlier matrix on that line
same_values_count [func.]
right_side [function]      line                what was solved for: ``vector real``, ``block complex``
iterations_total_count,    line                of a Krylov solver: all its iterations, the relative residual
residual, preconditioned                       that it reached, and whether it had a preconditioner
conversions_count,         line                how often a matrix changed its format, and the time that took
conversion_time_s
[lil to csr]
inserts_count [lil]        line                stores into a sparse matrix; of very many, the first
products_count [name]      line                how often a matrix was multiplied
warning [category]         line                SparseEfficiencyWarning, MatrixRankWarning, LinAlgWarning
to_host_count, _bytes,     line                copies between host and device, numbers read from it, and how
to_device_count, _bytes,                       long they and the waits for them took
scalar_read_count,
transfer_time_s
launches_count,            line                operations on the device, at least, and bytes of their results;
launched_bytes,                                the host's time to launch them, and how far behind the device
launch_time_s,                                 was with them
device_time_s
temporary_bytes,           line                memory allocated and soon freed while memray watched
temporaries_count
resident_bytes,            line                memory_profiler's view
resident_growth_bytes
own_time_s, ...            function            cProfile's view while it watched
user_s, system_s, ...      first line          of the whole process
malloc_gain                outermost loop      the process's CPU time with malloc's own thresholds over
                                               that with high ones, and the page faults of both
default_faults_count,      outermost loop
raised_faults_count
=========================  ==================  ==============================================================

A loop's ``where`` is its statement, a function's is its ``def``. The names of a loop are all access
paths that it reads or writes (``u``, ``self.grid.dx``, ``p['dx']``), at its entry and at its exit.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pdeperf.guest.script import Transform
from pdeperf.model import Measurement

if TYPE_CHECKING:
    from pdeperf.source import Project


Focus = tuple[tuple[str, int], ...]
"""Hot code: file and first line of each function (decorators included), 0 for the module's own code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One watched run of the script: what the child process is told.

    Attributes
    ----------
    collector
        Name of the module in this folder that watches.
    script, root, folder
        Absolute paths of the script, of the folder that relative names refer to, and of the
        folder that receives what is recorded.
    budget_s
        The run is stopped after this time and what was seen so far is kept; 0 for no limit.
    focus
        The code that is watched by collectors that cannot afford to watch all; empty for all.
    """

    collector: str
    script: str
    argv: tuple[str, ...]
    root: str
    folder: str
    budget_s: float = 0.0
    focus: Focus = ()

    def to_json(self) -> str:
        """Write it for the child process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """Read it in the child process."""
        fields = json.loads(text)
        focus = tuple((file, first) for file, first in fields.pop("focus"))
        return cls(**{**fields, "argv": tuple(fields["argv"]), "focus": focus})


class Recording(Protocol):
    """Watches one run from inside the user's process. Standard library and its own tool only."""

    @property
    def transform(self) -> Transform | None:
        """What the user's syntax trees go through before they run; None to leave them."""
        ...

    def start(self) -> None:
        """Begin; the script runs next."""
        ...

    def stop(self) -> None:
        """End and write what was seen; called once, also from the timer that ends a run early."""
        ...


class Collector(Protocol):
    """Measures one thing about one run of the user's script.

    A collector is one module that ends with ``COLLECTOR: Collector = ...``. It is imported in
    the user's interpreter too, so it imports the tool only when it records.
    """

    @property
    def name(self) -> str:
        """The name its rows carry: that of its module."""
        ...

    def command(self, child: list[str], folder: Path) -> list[str]:
        """Complete the command that starts the child process."""
        ...

    def record(self, job: Job) -> Recording:
        """Watch, inside the user's process."""
        ...

    def read(self, folder: Path, project: "Project") -> Iterator[Measurement]:
        """Turn what was recorded into rows, in our process."""
        ...


Progress = Callable[[str], None]
"""Is told in a few words what runs now."""
