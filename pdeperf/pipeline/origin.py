"""Where a line of a rewritten file stood in the user's own, and what is not the user's."""

import re
from collections.abc import Collection
from dataclasses import replace
from difflib import SequenceMatcher

from pdeperf.kernel.type_guards import HELPERS
from pdeperf.model import Refusal, Span
from pdeperf.pipeline.profiling import Texts

_CALLED = re.compile(r"\b(\w+)\(")


def in_original(refusal: Refusal, original: Texts, current: Texts) -> Refusal:
    """The refusal with its place in the files as the user has them.

    A line that only the rewritten file has keeps its number there, and the reason says so.
    """
    where = refusal.where
    if original.get(where.file) == current.get(where.file):
        return refusal
    first, last = (_line(line, original, current, where.file) for line in (where.first, where.last))
    if first is None:
        return replace(refusal, reason=f"{refusal.reason} (in the file as rewritten)")
    return replace(refusal, where=Span(file=where.file, first=first, last=max(first, last or first)))


def _line(line: int, original: Texts, current: Texts, file: str) -> int | None:
    old, new = (texts.get(file, "").splitlines() for texts in (original, current))
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        if block.b < line <= block.b + block.size:
            return line - block.b + block.a
    return None


def made_by_rewrites(original: Texts, current: Texts) -> frozenset[str]:
    """Names of the functions that accepted rewrites have made, and of what only they call."""
    before, now = ("\n".join(texts.values()) for texts in (original, current))
    return frozenset(_CALLED.findall(now)) - frozenset(_CALLED.findall(before))


def is_of_ours(refusal: Refusal, made: Collection[str] = ()) -> bool:
    """Is it about a check or a function that an accepted rewrite has put into the script?"""
    told = re.findall(r"`(\w+)`|\bnumpy\.(\w+)", refusal.reason)
    return any(name in HELPERS or name in made for pair in told for name in pair)
