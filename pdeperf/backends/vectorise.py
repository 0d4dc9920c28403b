"""All turns of a loop at once, by operations on arrays with an axis for the turns."""

import ast
import itertools
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning, loops_at
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety
from pdeperf.source import Module, Project, float_errors
from pdeperf.source.edits import apply
from pdeperf.source.scopes import FUNCTIONS
from pdeperf.sparse.at_once import has_short_arrays, is_for_compilers, turns_at_once
from pdeperf.sparse.batched_values import NotAtOnce
from pdeperf.sparse.steps_in_place import steps_in_place
from pdeperf.sparse.written import Additions

from . import Backend

_FEW_TURNS = 8


class Vectorise:
    """Computes all turns of a loop over elements, cells, rows or faces at once.

    Why it is slow
    --------------
    A turn works on arrays of a few numbers: each operation costs a microsecond, whatever it computes, and
    a finite element takes a hundred of them. One operation on the arrays of all elements costs as many
    calls as one element. Loops over single cells that take less than some seconds (right sides, boundary
    values, sums, errors) gain as much that way as from a compiler, which takes half a second to import;
    longer ones are compiled first.

    Slow
    ----
    ::

        for e in triangles:
            xy = points[e]
            B = gradients(xy)
            ke = area(xy) * B.T @ B
            for a in range(3):
                for b in range(3):
                    rows.append(e[a])
                    columns.append(e[b])
                    values.append(ke[a, b])

    Faster
    ------
    ::

        B = gradients_of_all(points[triangles])
        ke = area_of_all(points[triangles])[:, None, None] * np.swapaxes(B, 1, 2) @ B

    When it is wrong
    ----------------
    When a turn needs what an earlier one has stored, or ends the loop. The order of additions to elements
    is kept; sums into one number, products and inverses of small matrices may round otherwise. All turns
    take their memory at once.

    References
    ----------
    F. Cuvelier, C. Japhet, G. Scarella, "An efficient way to assemble finite element matrices in vector
    languages", BIT 56 (2016), 833-864.
    """

    name = "vectorise"
    answers = frozenset(("scalar-loop", "array-temporaries"))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """The outermost loop around the place whose turns do not need one another."""
        if diagnosis.where.file not in project:
            return
        if (watched := float_errors.refusal(self.name, diagnosis, project)) is not None:
            yield watched
            return
        module = project[diagnosis.where.file]
        meaning = Meaning(project)
        for loop in loops_at(module, diagnosis.where):
            if not isinstance(loop, ast.For) or _is_part_of_a_turn(meaning, module, loop):
                continue
            found = _rewritten(meaning, module, loop)
            if found is None:
                continue
            after, forgets = found
            if (
                diagnosis.rule != "scalar-loop"
                and is_for_compilers(meaning, module, loop)
                and not has_short_arrays(meaning, module, loop)
            ):
                continue
            yield Candidate(
                backend=self.name,
                title=f"compute all turns of the loop at line {loop.lineno} at once",
                diagnosis=diagnosis,
                patches=(Patch(file=module.file, before=module.text, after=after),),
                safety=Safety.ROUNDING,
                forgets=tuple(sorted(forgets)),
            )
            return


def _is_part_of_a_turn(meaning: Meaning, module: Module, loop: ast.For) -> bool:
    """Does a loop within another turn so few times that arrays of its turns cost more than they save?"""
    turns = [float(value) for value in meaning.values(module, loop, "", "trip_count")]
    match loop.iter:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(count))]):
            turns = [float(count)]
    if not turns or max(turns) > _FEW_TURNS:
        return False
    above = itertools.takewhile(lambda one: not isinstance(one, FUNCTIONS), module.ancestors(loop))
    return any(isinstance(one, ast.For | ast.While) for one in above) or _is_called_in_turns(
        module, meaning.home(module, loop)
    )


def _is_called_in_turns(module: Module, home: ast.AST) -> bool:
    """Does a loop call the function of some name?"""
    if not isinstance(home, ast.FunctionDef):
        return False
    return any(
        isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == home.name
        and any(isinstance(above, ast.For | ast.While) for above in module.ancestors(node))
        for node in ast.walk(module.tree)
    )


def _rewritten(meaning: Meaning, module: Module, loop: ast.For) -> tuple[str, frozenset[str]] | None:
    """The file with all turns at once, what the loop calls written in it if need be; and what it forgets."""
    in_place = None
    for _ in range(2):
        added = Additions(module)
        try:
            edits, forgets = turns_at_once(meaning, module, loop, added)
        except NotAtOnce:
            if in_place is not None or (in_place := steps_in_place(meaning, module, loop)) is None:
                return None
            written, loop = in_place
            meaning, module = Meaning(written.divided.project), written.divided.module
            continue
        after = apply(module.text, [*added.edits(), *edits])
        ast.parse(after)
        return after, forgets.union(in_place[0].forgets if in_place is not None else ())
    return None


BACKEND: Backend = Vectorise()
