"""What the ranks of an MPI program, and runs with more of them, showed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Time in one kind of communication at one line."""

    operation: str
    where: str
    spent_s: float
    calls_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """One rank of one run.

    Attributes
    ----------
    elapsed_s
        From the script's first statement to its last.
    waits
        Its communication, by operation and line.
    """

    rank: int
    elapsed_s: float
    cpu_s: float
    peak_bytes: int
    waits: tuple[Wait, ...] = ()

    @property
    def communication_s(self) -> float:
        """Time in communication, waiting for others counted."""
        return sum(one.spent_s for one in self.waits)

    @property
    def own_s(self) -> float:
        """Time outside of communication: its own work."""
        return max(self.elapsed_s - self.communication_s, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RanksProfile:
    """All ranks of one run."""

    script: str
    argv: tuple[str, ...]
    ranks: tuple[Rank, ...]

    @property
    def elapsed_s(self) -> float:
        """The slowest rank's time."""
        return max(one.elapsed_s for one in self.ranks)

    @property
    def imbalance(self) -> float:
        """How much longer the busiest rank works than the average one, 0 where all work alike."""
        mean = sum(one.own_s for one in self.ranks) / len(self.ranks)
        return max(one.own_s for one in self.ranks) / mean - 1 if mean > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalePoint:
    """Runs with so many threads or ranks.

    Attributes
    ----------
    elapsed_s
        Median wall time.
    speedup
        One (or the fewest) over this many.
    efficiency
        Of what they could gain at most, 0-1: strong scaling ``t1 / (n tn)``, weak scaling ``t1 / tn``.
    """

    count: int
    elapsed_s: float
    speedup: float
    efficiency: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """How a script's time goes with threads or ranks."""

    script: str
    argv: tuple[str, ...]
    of: str
    weak: bool
    cores_count: int
    points: tuple[ScalePoint, ...]
