"""A flame graph as one static SVG, from the stacks of a speedscope file."""

import json
from dataclasses import dataclass, field
from html import escape
from pathlib import PurePath

from pdeperf.renderers._words import percent, visible

_ROW = 18
_WIDTH = 1000
_DEEPEST = 48
_NARROWEST = 0.002


class FlameError(ValueError):
    """The file holds no stacks that can be drawn."""


@dataclass(slots=True)
class _Node:
    """One function in one place of the call tree."""

    name: str
    file: str
    line: int = 0
    weight: float = 0.0
    below: dict[tuple[str, str], "_Node"] = field(default_factory=dict)


def svg(speedscope: str, users: frozenset[str]) -> str:
    """Draw the sampled stacks, the outermost call on top.

    Parameters
    ----------
    speedscope
        Text of a speedscope file with at least one sampled profile.
    users
        Names of the user's files, which are coloured.

    Raises
    ------
    FlameError
        If it is no speedscope file or holds no samples.
    """
    root = _tree(speedscope)
    if root.weight <= 0:
        raise FlameError("no samples")
    shapes: list[str] = []
    deepest = _draw(root, 0.0, -1, root.weight, users, shapes)
    height = (deepest + 1) * _ROW
    return (
        f'<svg class="flame" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="Flame graph of the profiled run">{"".join(shapes)}</svg>'
    )


def _tree(text: str) -> _Node:
    root = _Node("", "")
    try:
        data = json.loads(text)
        frames = [
            (str(frame["name"]), str(frame.get("file") or ""), int(frame.get("line") or 0))
            for frame in data["shared"]["frames"]
        ]
        for profile in data["profiles"]:
            if profile.get("type") != "sampled":
                continue
            for stack, weight in zip(profile["samples"], profile["weights"], strict=True):
                _add(root, [frames[int(index)] for index in stack], float(weight))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise FlameError(f"not a speedscope file: {error}") from error
    return root


def _add(root: _Node, stack: list[tuple[str, str, int]], weight: float) -> None:
    node = root
    node.weight += weight
    for name, file, line in stack[:_DEEPEST]:
        node = node.below.setdefault((name, file), _Node(name, file, line))
        node.weight += weight


def _draw(
    node: _Node, start: float, depth: int, total: float, users: frozenset[str], shapes: list[str]
) -> int:
    deepest = depth
    if depth >= 0:
        shapes.append(_box(node, start, depth, total, users))
    for child in sorted(node.below.values(), key=lambda child: -child.weight):
        if child.weight / total >= _NARROWEST:
            deepest = max(deepest, _draw(child, start, depth + 1, total, users, shapes))
        start += child.weight
    return deepest


def _box(node: _Node, start: float, depth: int, total: float, users: frozenset[str]) -> str:
    left, width = _WIDTH * start / total, _WIDTH * node.weight / total
    name = PurePath(node.file).name
    kind = "user" if any(node.file == user or node.file.endswith("/" + user) for user in users) else "other"
    where = f"{name}:{node.line}" if node.line else name
    title = escape(visible(f"{node.name} ({where}) {percent(node.weight / total)}"))
    room = int((width - 6) / 6.2)
    label = visible(node.name)
    label = label if len(label) <= room else label[: room - 1] + "…" if room > 3 else ""
    y = depth * _ROW
    text = f'<text x="{left + 3:.1f}" y="{y + 12.5:.1f}">{escape(label)}</text>' if label else ""
    return (
        f'<g class="{kind}"><title>{title}</title>'
        f'<rect x="{left:.2f}" y="{y}" width="{max(width - 0.5, 0.3):.2f}" height="{_ROW - 1}"/>{text}</g>'
    )
