"""Planted rewrites of a script, written as edits.

::

    == equivalent: the factor is taken out
    - rhs = r * a + r * b
    + rhs = r * (a + b)
    @@
    - another place in the same rewrite
    + its new text

Each place must occur in the script exactly once. Lines keep what stands before and after the text on
their first and last line, so that a piece of a line can be changed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

EQUIVALENT, WRONG = "equivalent", "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """One planted rewrite.

    Attributes
    ----------
    truth
        ``equivalent`` or ``wrong``.
    """

    solver: str
    truth: str
    title: str
    text: str


def planted(script: Path) -> Iterator[Rewrite]:
    """The rewrites that stand in the ``.edits`` file beside a script."""
    source = script.read_text()
    for part in re.split(r"^== ", script.with_suffix(".edits").read_text(), flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        truth, _, title = heading.partition(": ")
        if truth not in (EQUIVALENT, WRONG):
            raise ValueError(f"{script.stem}: {heading!r} is neither equivalent nor wrong")
        text = source
        for hunk in body.split("\n@@\n"):
            text = _edited(text, hunk, f"{script.stem}: {title}")
        yield Rewrite(solver=script.stem, truth=truth, title=title, text=text)


def _edited(text: str, hunk: str, where: str) -> str:
    lines = [line for line in hunk.split("\n") if line.strip() and line[0] in "+-"]
    old = "\n".join(line[2:] for line in lines if line[0] == "-")
    new = "\n".join(line[2:] for line in lines if line[0] == "+")
    if text.count(old) != 1:
        raise ValueError(f"{where}: {old!r} occurs {text.count(old)} times")
    return text.replace(old, new)
