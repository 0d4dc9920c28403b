"""What is run: a script, its arguments, and what of its results counts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """Largest difference that the user allows: ``atol + rtol * size``, in L2 and in Linf.

    Attributes
    ----------
    observable
        Name or pattern, ``u``, ``stdout*``; empty for every result.
    """

    observable: str = ""
    rtol: float = 0.0
    atol: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One way of running the user's script.

    Attributes
    ----------
    script
        POSIX path relative to the working folder (may start with ``..``).
    argv
        Arguments after the script's name.
    environment
        Extra environment variables, as pairs.
    observables
        Names given by ``--observe``; empty means all that is found.
    timeout_s
        One run of the original may take this long.
    tolerances
        Bounds that the user gives instead of derived ones.
    conserved
        Expressions over the script's globals that a right solver keeps, ``u.sum()``.
    """

    script: str
    argv: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    observables: tuple[str, ...] = ()
    timeout_s: float = 600.0
    tolerances: tuple[Tolerance, ...] = ()
    conserved: tuple[str, ...] = ()
