"""What a loop moves to the device again and again though it stays the same, moved once before it."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.text import before, fresh_name, in_place_of, names_of, on_one_line
from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import apply, owns_lines
from pdeperf.source.flow import writes
from pdeperf.transfers.constant import changing
from pdeperf.transfers.events import Event, events
from pdeperf.transfers.on_device import Move, OnDevice

from . import Backend

_ADVICE = {
    Move.TO_HOST: "keep the array on the device, and copy it where the script looks at it",
    Move.TO_DEVICE: "make the array on the device with CuPy, or update it there",
    Move.REBUILT: "compute it on the device: CuPy has most of NumPy's functions",
    Move.NUMBER: "keep the number on the device and look at it every 20th turn, if more turns do no harm",
}


class HoistTransfer:
    """Moves copies to the device in front of the loop where the host's array stays the same.

    Why it is slow
    --------------
    A copy to the device takes longer than a step's work, and brings the same numbers each time.

    Slow
    ----
    ::

        for step in range(steps):
            u = u + dt * cp.asarray(source)

    Faster
    ------
    ::

        source_gpu = cp.asarray(source)
        for step in range(steps):
            u = u + dt * source_gpu

    When it is wrong
    ----------------
    Where the loop changes the host's array, under any name, or the copy on the device: such copies
    stay where they are.

    References
    ----------
    NVIDIA, "CUDA C++ Best Practices Guide", section 10.1 (data transfer between host and device).
    """

    name = "hoist-transfer"
    answers = frozenset(("transfer-in-loop", "array-rebuilt-on-host", "scalar-read-in-loop"))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """The diagnosed copy, out of the widest loop in which it stays the same."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        device = OnDevice(module, (*project.observed, *diagnosis.facts))
        for event in events(device, diagnosis.where):
            reason = _problem(project, module, device, event)
            if reason:
                yield Refusal(
                    backend=self.name,
                    diagnosis=diagnosis,
                    where=Span(file=module.file, first=event.node.lineno, last=event.node.lineno),
                    reason=reason,
                    advice=_ADVICE[event.move],
                )
                continue
            yield _hoisted(diagnosis, module, event)
            return


def _problem(project: Project, module: Module, device: OnDevice, event: Event) -> str:
    """Why a copy stays in its loop; empty if it can be moved."""
    if event.move not in (Move.TO_DEVICE, Move.REBUILT):
        return "the device's values are new in every turn"
    if not isinstance(event.node, ast.Call) or not event.node.args or event.is_called:
        return "a copy that a function makes which the loop calls"
    argument, loop = event.node.args[0], event.loop
    if len(event.node.args) > 1 or not owns_lines(module, [loop]):
        return "a copy in this form"
    if reason := changing(project, module, loop, argument):
        return reason
    if _is_changed_there(module, event):
        return "the copy itself is changed on the device"
    return ""


def _is_changed_there(module: Module, event: Event) -> bool:
    """Is the copy bound to a name, and so perhaps changed in place?"""
    above = module.parents.get(event.node)
    if not isinstance(above, ast.Assign | ast.NamedExpr | ast.AnnAssign):
        return isinstance(above, ast.Call) and event.node in above.args and not _is_library(above)
    bound = writes(above) if isinstance(above, ast.stmt) else frozenset[str]()
    for node in ast.walk(event.loop):
        if isinstance(node, ast.AugAssign) and writes(node) & bound:
            return True
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            root = node.value
            while isinstance(root, ast.Subscript | ast.Attribute):
                root = root.value
            if isinstance(root, ast.Name) and root.id in bound:
                return True
    return False


def _is_library(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute)


def _hoisted(diagnosis: Diagnosis, module: Module, event: Event) -> Candidate:
    assert isinstance(event.node, ast.Call)
    argument = event.node.args[0]
    wish = f"{argument.id}_gpu" if isinstance(argument, ast.Name) else "moved_gpu"
    name = fresh_name(wish, names_of(module))
    line = f"{name} = {on_one_line(module, event.node)}"
    edits = [before(module, event.loop, [line]), in_place_of(module, event.node, name)]
    after = apply(module.text, edits)
    ast.parse(after)
    return Candidate(
        backend=HoistTransfer.name,
        title=f"move `{ast.unparse(argument)[:40]}` to the device once, before line {event.loop.lineno}",
        diagnosis=diagnosis,
        patches=(Patch(file=module.file, before=module.text, after=after),),
        safety=Safety.EXACT,
        assumes=(f"nobody else changes `{ast.unparse(argument)[:40]}` while the loop runs",),
    )


BACKEND: Backend = HoistTransfer()
