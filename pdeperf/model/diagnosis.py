"""Why a hotspot is slow."""

from dataclasses import dataclass
from enum import StrEnum

from pdeperf.model.evidence import Measurement
from pdeperf.model.span import Span


class Kind(StrEnum):
    """The class of a bottleneck; each has its own family of rewrites."""

    LOOP = "loop"
    SPARSE_FORMAT = "sparse-format"
    ALLOCATION = "allocation"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A detector's finding at one place.

    Attributes
    ----------
    rule
        The detector's rule name, ``scalar-loop``.
    message
        The evidence in one sentence, with numbers.
    share, headroom
        Copied from the hotspot: they predict the gain by Amdahl's law.
    alike
        Other places with the same fault, which a rewrite may take along.
    """

    rule: str
    kind: Kind
    where: Span
    message: str
    share: float = 0.0
    headroom: float = 0.0
    scope: str = "<module>"
    facts: tuple[Measurement, ...] = ()
    alike: tuple[Span, ...] = ()

    @property
    def predicted_speedup(self) -> float:
        """Whole-script speedup if this place ran at the floor (Amdahl)."""
        gain = self.headroom if self.headroom > 1 else 1.0
        return 1.0 / (1.0 - self.share * (1.0 - 1.0 / gain))
