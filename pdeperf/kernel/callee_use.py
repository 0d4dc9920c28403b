"""How a kernel calls one of the user's functions, or why a statement cannot stand in a kernel."""

from dataclasses import dataclass

from pdeperf.kernel.kinds import UNKNOWN, Kind


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a statement cannot stand in a kernel."""

    line: int
    reason: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class CalleeUse:
    """How a kernel calls one of the user's functions.

    Attributes
    ----------
    name
        The compiled function's name in the kernel's module.
    extras
        Access paths, in the caller's terms, passed before the written arguments.
    result
        Kind of what it returns.
    guard
        Condition under which this is the right function, ``flux is upwind``; empty when always.
    inherited
        Conditions under which the functions that it calls are the right ones.
    reads
        Positions of the arguments, extras first, that are lists and only read by element.
    stores
        Positions of those of which elements are assigned.
    keeps_name
        It is called as written, ``grid.flux(a)``.
    leading
        Places in lists of objects, passed after the extras.
    dropped
        Positions and keywords of the written arguments that are objects, of which it gets parts.
    changes
        The caller's names of what it gives back besides its result, and their kinds: attributes that
        it binds anew.
    returns
        It has a result.
    """

    name: str
    extras: tuple[str, ...] = ()
    result: Kind = UNKNOWN
    guard: str = ""
    exact: bool = True
    reads: frozenset[int] = frozenset()
    stores: frozenset[int] = frozenset()
    keeps_name: bool = False
    inherited: tuple[str, ...] = ()
    dropped: frozenset[int | str] = frozenset()
    leading: tuple[str, ...] = ()
    changes: tuple[tuple[str, Kind], ...] = ()
    returns: bool = True


def precisions(kind: Kind) -> tuple[str, ...]:
    """Integer, float or single precision: of a number, or of each in a tuple."""
    classes = {"int": "int", "bool": "int", "npint": "int", "f32": "f32"}
    bases = kind.dtype.split() if kind.base == "tuple" else [kind.base]
    return tuple(classes.get(base, "float") for base in bases)
