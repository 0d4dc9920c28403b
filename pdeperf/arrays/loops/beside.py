"""Arrays that statements beside the loops touch, which see what stands in memory after each of them."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.arrays.kept_text import called_from, hidden_from, kept_trees
from pdeperf.arrays.names import Names
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.program import Item, bound_by_text, runs_of


def apart_from_text(turning: set[str], items: Sequence[Item], names: Names) -> bool:
    """Is no array that takes turns with another one touched under a second name by what stays as it is?

    That it shares no memory with theirs is checked when the region is entered.

    Parameters
    ----------
    turning
        Names of arrays whose memory is behind what they hold until the loop ends.
    items
        The loop's body.
    """
    if not turning:
        return True
    bound = bound_by_text(items)
    touched = {path for path in _touched(items, names) if path.split(".")[0] not in bound}
    behind = {
        view.buffer.array.name
        for run in runs_of(items)
        for name, view in run.names.items()
        if name in touched
    }
    overlapping = names.overlapping()
    needed: dict[str, None] = {}
    for one in sorted(turning):
        for other in sorted((touched | behind) - turning):
            if (one, other) in overlapping or (other, one) in overlapping:
                return False
            if {one.split(".")[0], other.split(".")[0]} <= names.before:
                first, second = sorted((one, other))
                needed[f"not {names.library}.may_share_memory({first}, {second})"] = None
    names.checks.update(needed)
    return True


def _touched(items: Sequence[Item], names: Names) -> Iterator[str]:
    """Paths of arrays in statements that stay as they are, and in functions that these may call."""
    trees = list(kept_trees(items))
    for tree in (*trees, *called_from(trees, names), *hidden_from(trees, names)):
        home = tree if isinstance(tree, ast.FunctionDef) else None
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Name | ast.Attribute)
                and isinstance(node.ctx, ast.Load)
                and is_path(node)
            ) and names.kind_in(node, home).is_array:
                yield ast.unparse(node)
