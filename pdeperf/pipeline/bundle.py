"""The rewrites of several hot places as one, where none alone gains enough to show."""

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import islice

from pdeperf.model import Candidate, Diagnosis, Evidence, Kind, Patch, Safety, Span
from pdeperf.pipeline.lessons import functions_at
from pdeperf.pipeline.origin import made_by_rewrites
from pdeperf.pipeline.profiling import Texts, project_of, proposals

_MOST = 8
_MOST_PLACES = 24
_MOST_SPLITS = 4
_SOLVER = re.compile(r"\b(solveh?_banded|spsolve|lu_solve|cho_solve|solve_triangular|solve_toeplitz)\(")
"""What compiled code cannot call, and takes many right sides at once."""
_FUNCTION = re.compile(r"^[ \t]*def (\w+)", re.MULTILINE)
_COMPILED = re.compile(r"^[ \t]*@njit\b.*\n[ \t]*def (\w+)", re.MULTILINE)
_ORDER = (Safety.EXACT, Safety.ROUNDING, Safety.OPT_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Several places rewritten in one step.

    Attributes
    ----------
    places
        What is wrong at the places that take part, the costliest first.
    """

    candidate: Candidate
    places: tuple[Diagnosis, ...]


def joint_steps(
    places: Sequence[Diagnosis],
    evidence: Evidence,
    texts: Texts,
    *,
    pays: Callable[[Sequence[Diagnosis]], bool],
    is_kept: Callable[[Candidate], bool],
) -> Iterator[Candidate]:
    """The rewrites of several places that are worth a trial, each after what became of the last.

    First what is proposed first for every place; where there are other ways, these, whatever became of the
    first. If neither is kept, one part may have sunk the others: halves are tried, and halves of them.

    Parameters
    ----------
    pays
        Could mending these places show in the whole script's time?
    is_kept
        Was this candidate, which has been tried by then, right and faster?
    """
    whole = bundled(places, evidence, texts)
    if whole is None:
        return
    yield whole.candidate
    kept = is_kept(whole.candidate)
    if kept and not whole.candidate.has_rivals:
        return
    other = bundled(whole.places, evidence, texts, rank=1)
    if other is not None and other.candidate.patches != whole.candidate.patches:
        yield replace(other.candidate, has_rivals=True)
        kept = kept or is_kept(other.candidate)
    parts = deque([] if kept else _halves(whole.places))
    for _ in range(_MOST_SPLITS):
        if not parts:
            return
        half = parts.popleft()
        part = bundled(half, evidence, texts) if pays(half) else None
        if part is None:
            continue
        yield replace(part.candidate, has_rivals=False)
        if is_kept(part.candidate):
            return
        parts.extend(_halves(part.places))


def _halves(places: Sequence[Diagnosis]) -> Iterator[Sequence[Diagnosis]]:
    """Both halves, as far as they are several places still: single ones are tried anyway."""
    middle = (len(places) + 1) // 2
    yield from (half for half in (places[:middle], places[middle:]) if len(half) > 1)


def bundled(
    places: Sequence[Diagnosis], evidence: Evidence, texts: Texts, *, rank: int = 0, compiles: bool = True
) -> Bundle | None:
    """The rewrites that are proposed for several places, as one.

    Only rewrites that replace their place: where a function was put into the loop that calls it,
    the function still stands, and nothing tells whether it still counts.

    Parameters
    ----------
    places
        What is wrong, the costliest first.
    evidence, texts
        The current files, and what was measured of them.
    rank
        Which proposal of each place is taken, 0 for the first; the last one where there are fewer.
    compiles
        May a compiler be imported?

    Returns
    -------
    None if there are no two that can be put together: too few proposals, or one has taken in the places
    of the others.
    """
    parts: list[Candidate] = []
    taken: list[Diagnosis] = []
    now = texts
    for diagnosis in places[:_MOST_PLACES]:
        if len(parts) > _MOST:
            break
        here = moved(diagnosis, texts, now)
        if here is None:
            continue
        project = project_of(now, _moved_rows(evidence, texts, now))
        if now != texts and functions_at(here.where, project) & _compiled(texts, now):
            continue  # what calls it runs compiled code now
        found = proposals(here, project) if compiles else proposals(here, project, compiles=False)
        offered = (each for each in found if isinstance(each, Candidate))
        ranked = list(islice((each for each in offered if each.safety is not Safety.OPT_IN), rank + 1))
        then = {**now, **_after(ranked[-1])} if ranked else now
        if ranked and moved(here, now, then) is None:
            parts.append(ranked[-1])
            taken.append(diagnosis)
            now = then
        elif ranked and not parts:
            return None  # a loop around is rewritten, with the functions that it calls put into it
    if len(parts) < 2:
        return None
    spans = [str(one.where) for one in taken]
    candidate = Candidate(
        backend=", ".join(dict.fromkeys(part.backend for part in parts)),
        title=f"rewrite {', '.join(spans[:-1])} and {spans[-1]} together",
        diagnosis=taken[0],
        patches=tuple(
            Patch(file=file, before=texts[file], after=now[file])
            for file in texts
            if now[file] != texts[file]
        ),
        safety=max((part.safety for part in parts), key=_ORDER.index),
        assumes=tuple(dict.fromkeys(text for part in parts for text in part.assumes)),
        forgets=tuple(sorted({name for part in parts for name in part.forgets})),
        has_rivals=any(part.has_rivals for part in parts),
    )
    return Bundle(candidate=candidate, places=tuple(taken))


def _compiled(before: Texts, now: Texts) -> frozenset[str]:
    """Names of the functions that rewrites have compiled: in their place, or a copy, ``flux_kernel``."""
    made = {name.rstrip("_") for name in made_by_rewrites(before, now)}
    copied = [name for name in made if name.endswith("_kernel")]
    compiled, known = (set(_COMPILED.findall("\n".join(texts.values()))) for texts in (now, before))
    functions = _FUNCTION.findall("\n".join(before.values()))
    copies = (name for name in functions if any(one.startswith(f"{name.strip('_')}_") for one in copied))
    return frozenset((*copies, *(compiled - known)))


def loops_first(places: Sequence[Diagnosis], evidence: Evidence, texts: Texts) -> tuple[Diagnosis, ...]:
    """The places with those loops first whose turns, computed at once, take in the solves of other places.

    What would build or factorise a matrix once a turn stands in the way of that afterwards.
    """
    matrices = [place for place in places if place.kind is Kind.SPARSE_FORMAT]
    project = project_of(texts, evidence)
    first = []
    for place in places if matrices else ():
        if place.kind is not Kind.LOOP:
            continue
        found = (each for each in proposals(place, project, compiles=False) if isinstance(each, Candidate))
        best = next(found, None)
        if best is not None:
            after = {**texts, **_after(best)}
            if any(moved(other, texts, after) is None for other in matrices):
                first.append(place)
    return (*first, *(place for place in places if place not in first))


def solving_at_once(places: Sequence[Diagnosis], evidence: Evidence, texts: Texts) -> tuple[Diagnosis, ...]:
    """The loops that solve a system in each turn, and can solve all of them at once."""
    project = project_of(texts, evidence)
    solving = []
    for place in places:
        lines = texts.get(place.where.file, "").splitlines()[place.where.first - 1 : place.where.last]
        if place.kind is Kind.LOOP and _SOLVER.search("\n".join(lines)):
            found = (
                each for each in proposals(place, project, compiles=False) if isinstance(each, Candidate)
            )
            head = replace(place, where=replace(place.where, last=place.where.first))
            if any(moved(head, texts, {**texts, **_after(each)}) is None for each in found):
                solving.append(place)
    return tuple(solving)


def _after(candidate: Candidate) -> Texts:
    return {patch.file: patch.after for patch in candidate.patches}


def moved(diagnosis: Diagnosis, before: Texts, after: Texts) -> Diagnosis | None:
    """A diagnosis with its place, and its facts, where the same lines stand now; None if these are gone."""
    shift = _Shift(before, after)
    where = shift.span(diagnosis.where)
    if where is None or where.last - where.first != diagnosis.where.last - diagnosis.where.first:
        return None
    alike = (shift.span(span) for span in diagnosis.alike)
    facts = ((fact, shift.span(fact.where)) for fact in diagnosis.facts)
    return replace(
        diagnosis,
        where=where,
        alike=tuple(span for span in alike if span is not None),
        facts=tuple(replace(fact, where=place) for fact, place in facts if place is not None),
    )


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
