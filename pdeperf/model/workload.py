"""What is run: a script, its arguments, and what of its results counts."""

from dataclasses import dataclass


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
    """

    script: str
    argv: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    observables: tuple[str, ...] = ()
    timeout_s: float = 600.0
