"""The rewrites of several hot places as one, where none alone gains enough to show."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from pdeperf.model import Candidate, Diagnosis, Evidence, Patch, Safety, Span
from pdeperf.pipeline.profiling import Texts, project_of, proposals

_MOST = 8
_ORDER = (Safety.EXACT, Safety.ROUNDING, Safety.OPT_IN)


def bundled(
    first: Candidate, others: Sequence[Diagnosis], evidence: Evidence, texts: Texts
) -> Candidate | None:
    """A rewrite together with the first one that is proposed for each of the other places.

    Only rewrites that replace their place: where a function was put into the loop that calls it,
    the function still stands, and nothing tells whether it still counts.

    Parameters
    ----------
    first
        What is proposed for the costliest place.
    others
        What is wrong elsewhere, the costliest first.
    evidence, texts
        The current files, and what was measured of them.

    Returns
    -------
    None if there is nothing to add: no other proposal, or the first has taken their places in.
    """
    parts = [first]
    places = [first.diagnosis.where]
    now = {**texts, **_after(first)}
    if moved(first.diagnosis, texts, now) is not None:
        return None
    for diagnosis in others[:_MOST]:
        here = moved(diagnosis, texts, now)
        if here is None:
            continue
        project = project_of(now, _moved_rows(evidence, texts, now))
        found = next((each for each in proposals(here, project) if isinstance(each, Candidate)), None)
        if found is None or found.safety is Safety.OPT_IN:
            continue
        then = {**now, **_after(found)}
        if moved(here, now, then) is None:
            parts.append(found)
            places.append(diagnosis.where)
            now = then
    if len(parts) == 1:
        return None
    return Candidate(
        backend=", ".join(dict.fromkeys(part.backend for part in parts)),
        title=f"rewrite {', '.join(map(str, places[:-1]))} and {places[-1]} together",
        diagnosis=first.diagnosis,
        patches=tuple(
            Patch(file=file, before=texts[file], after=now[file])
            for file in texts
            if now[file] != texts[file]
        ),
        safety=max((part.safety for part in parts), key=_ORDER.index),
        assumes=tuple(dict.fromkeys(text for part in parts for text in part.assumes)),
        forgets=tuple(sorted({name for part in parts for name in part.forgets})),
    )


def _after(candidate: Candidate) -> Texts:
    return {patch.file: patch.after for patch in candidate.patches}


def moved(diagnosis: Diagnosis, before: Texts, after: Texts) -> Diagnosis | None:
    """A diagnosis with its place where the same lines stand now; None if they have been rewritten."""
    shift = _Shift(before, after)
    where = shift.span(diagnosis.where)
    if where is None or where.last - where.first != diagnosis.where.last - diagnosis.where.first:
        return None
    alike = (shift.span(span) for span in diagnosis.alike)
    return replace(diagnosis, where=where, alike=tuple(span for span in alike if span is not None))


def _moved_rows(evidence: Evidence, before: Texts, after: Texts) -> Evidence:
    """What was measured of the places that still stand."""
    shift = _Shift(before, after)
    rows = ((row, shift.span(row.where)) for row in evidence.rows)
    return replace(
        evidence, rows=tuple(replace(row, where=where) for row, where in rows if where is not None)
    )


class _Shift:
    """Where the lines of rewritten files stand."""

    def __init__(self, before: Texts, after: Texts) -> None:
        self._before, self._after = before, after
        self._places: dict[str, dict[int, int]] = {}

    def span(self, span: Span) -> Span | None:
        """From where a span's first line stands now to its last; None if one of them has gone."""
        if self._before.get(span.file) == self._after.get(span.file):
            return span
        if span.file not in self._places:
            self._places[span.file] = dict(self._lines(span.file))
        places = self._places[span.file]
        first, last = places.get(span.first), places.get(span.last)
        return None if first is None or last is None else replace(span, first=first, last=last)

    def _lines(self, file: str) -> Iterator[tuple[int, int]]:
        old, new = (texts[file].splitlines() for texts in (self._before, self._after))
        for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
            yield from ((block.a + line, block.b + line) for line in range(1, block.size + 1))
