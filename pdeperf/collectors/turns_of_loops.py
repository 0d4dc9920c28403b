"""What the bodies of loops over a few things reach, turn by turn: ``self.bcs[1].value`` for ``bc.value``.

Standard library only: this is imported by the user's interpreter.
"""

import ast
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

from pdeperf.collectors.access_paths import AccessPath, path_of, paths_in
from pdeperf.collectors.observation import follow
from pdeperf.source.short_loops import MOST_TURNS, Row, Walk, substituted, walk_of


class TurnsOfLoops:
    """The access paths of the turns of the loops in one site, found as the loops run."""

    def __init__(self, node: ast.AST) -> None:
        found = (walk_of(inner) for inner in ast.walk(node))
        self._walks = [walk for walk in found if walk is not None]
        self._known: dict[tuple[int, str], tuple[AccessPath, ...]] = {}

    def paths(self, frame: FrameType, local: Mapping[str, object]) -> Iterator[AccessPath]:
        """Paths by the places of things in their lists and dicts."""
        for index, walk in enumerate(self._walks):
            keys = [_keys(row, frame, local) for row in walk.rows]
            if all(keys) and (index, repr(keys)) not in self._known:
                self._known[index, repr(keys)] = tuple(_reached(walk, keys))
            yield from self._known.get((index, repr(keys)), ())


def _keys(row: Row, frame: FrameType, local: Mapping[str, object]) -> list[Any]:
    """Keys, texts or places of what a loop runs over; nothing where these are many."""
    if row.written is not None:
        return list(range(len(row.written))) if len(row.written) <= MOST_TURNS else []
    path = path_of(row.source)
    value: Any = follow(path, frame, local) if path is not None else None
    if type(value) is dict and len(value) <= MOST_TURNS:
        return list(value) if all(type(key) in (str, int) for key in value) else []
    if type(value) not in (list, tuple) or not 0 < len(value) <= MOST_TURNS:
        return []
    return list(value) if all(type(element) is str for element in value) else list(range(len(value)))


def _reached(walk: Walk, keys: list[list[Any]]) -> Iterator[AccessPath]:
    usual = {*paths_in([walk.loop])}
    for turn in walk.turns(keys):
        yield from (path for path in paths_in(substituted(walk.body, turn)) if path not in usual)
        yield from (path for value in turn.values() if (path := path_of(value)) is not None)
