"""In how many digits all turns of a loop are computed at once, and one after the other."""

import ast
import re

from pdeperf.sparse.batched_lookups import Lookups
from pdeperf.sparse.batched_values import NotAtOnce


def check_precision(write: Lookups, loop: ast.For, *, sums: bool) -> None:
    """Nothing is computed in other digits than the loop does it.

    A number of single precision by a counter is of single precision, an array of them by one of counters of
    double; small integers are summed up in more digits, too.
    """
    places = {
        id(one) for node in ast.walk(loop) if isinstance(node, ast.Subscript) for one in ast.walk(node.slice)
    }
    for node in ast.walk(loop):
        if isinstance(node, ast.Name | ast.Attribute):
            found = write.seen(ast.unparse(node), "dtype")
            if found & {"float16", "float32", "complex64"}:
                raise NotAtOnce(f"`{ast.unparse(node)}` is of single precision, and may become double")
            if sums and id(node) not in places and any(re.fullmatch(r"u?int(8|16|32)", one) for one in found):
                raise NotAtOnce(
                    f"`{ast.unparse(node)}` holds small integers, and may be summed up in larger ones"
                )
