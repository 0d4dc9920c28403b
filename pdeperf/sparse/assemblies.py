"""The texts in which a file builds its matrices at once, or from triplets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Safety
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply
from pdeperf.sparse.at_once import AtOnce, at_once
from pdeperf.sparse.filling import Filling
from pdeperf.sparse.later_uses import form_after
from pdeperf.sparse.triplets import capacity, gathered
from pdeperf.sparse.unit_rows import forgotten, unit_row_edits, unit_rows
from pdeperf.sparse.written import Additions


@dataclass(frozen=True, slots=True)
class Assembly:
    """A file that builds some matrices otherwise.

    Attributes
    ----------
    is_at_once
        The entries are computed by array expressions, not gathered one at a time.
    forgets
        What is bound no more, as results are named.
    """

    text: str
    is_at_once: bool
    safety: Safety
    forgets: tuple[str, ...] = ()


def assemblies(meaning: Meaning, module: Module, fills: Sequence[Filling]) -> Iterator[Assembly]:
    """Every way to build some matrices, the best first."""
    forms = {filling: form_after(meaning, module, filling, fills) for filling in fills}
    ends = {filling: units for filling in fills if (units := unit_rows(module, filling)) is not None}
    rests = {ends[filling].rest if filling in ends else filling: filling for filling in fills}
    forms |= {rest: "csr" if filling in ends else forms[filling] for rest, filling in rests.items()}
    stored = [rest for rest in rests if rest.stores]
    added = Additions(module)
    edits: list[Edit] = []
    gone: set[str] = set()
    for filling, units in ends.items():
        edits += unit_row_edits(module, filling, units, forms[filling], added)
        gone |= forgotten(module, filling, units)
    kept = added.kept()
    whole: AtOnce | str = AtOnce([], frozenset(), rounds=False)
    if stored:
        whole = at_once(meaning, module, stored, forms, added)
    if isinstance(whole, AtOnce):
        text = apply(module.text, [*added.edits(), *whole.edits, *edits])
        safety = Safety.ROUNDING if whole.rounds else Safety.EXACT
        yield Assembly(text, True, safety, tuple(sorted({*whole.forgets, *gone})))
    if not stored:
        return
    blocks = [filling for filling in stored if any(store.block for store in filling.stores)]
    if all(capacity(meaning, module, filling) for filling in blocks):
        added.back_to(kept)
        triplets = [
            edit for filling in stored for edit in gathered(meaning, module, filling, forms[filling], added)
        ]
        text = apply(module.text, [*added.edits(), *edits, *triplets])
        yield Assembly(text, False, Safety.EXACT, tuple(sorted(gone)))
    if blocks and not isinstance(whole, AtOnce):
        added.back_to(kept)
        listed = at_once(meaning, module, stored, forms, added, lists_blocks=True)
        if isinstance(listed, AtOnce):
            text = apply(module.text, [*added.edits(), *listed.edits, *edits])
            yield Assembly(text, False, Safety.ROUNDING, tuple(sorted({*listed.forgets, *gone})))
