"""Arrays that a loop makes on the host for the device, computed where they are used."""

import ast
from collections.abc import Iterator

from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Project
from pdeperf.transfers.events import events
from pdeperf.transfers.on_device import Move, OnDevice
from pdeperf.transfers.remade import Remade, remade

from . import Backend


class ComputeOnDevice:
    """Computes on the device what a loop computes with NumPy and moves there in every turn.

    Why it is slow
    --------------
    NumPy computes on one core, the copy moves some GB/s, and the device waits for both. What such an
    expression is made of stays the same but for a few numbers: moved once, it is computed there.

    Slow
    ----
    ::

        for step in range(steps):
            u = u + dt * cp.asarray(np.sin(x - c * step * dt))

    Faster
    ------
    ::

        x_gpu = cp.asarray(x)
        for step in range(steps):
            u = u + dt * cp.sin(x_gpu - c * step * dt)

    When it is wrong
    ----------------
    Where the loop changes the host's arrays, under any name. Functions such as ``sin`` differ from NumPy's
    in the last bit.

    References
    ----------
    NVIDIA, "CUDA C++ Best Practices Guide", section 10.1 (data transfer between host and device).
    """

    name = "compute-on-device"
    answers = frozenset(("array-rebuilt-on-host",))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """The diagnosed array."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        device = OnDevice(module, (*project.observed, *diagnosis.facts))
        for event in events(device, diagnosis.where):
            if event.move is not Move.REBUILT:
                continue
            found = remade(project, module, device, event)
            if not isinstance(found, Remade):
                yield Refusal(
                    backend=self.name,
                    diagnosis=diagnosis,
                    where=Span(file=module.file, first=event.node.lineno, last=event.node.lineno),
                    reason=found,
                )
                continue
            ast.parse(found.text)
            names = ", ".join(f"`{path}`" for path in found.moved)
            yield Candidate(
                backend=self.name,
                title=f"compute line {event.node.lineno}'s array on the device, {names} moved there once",
                diagnosis=diagnosis,
                patches=(Patch(file=module.file, before=module.text, after=found.text),),
                safety=Safety.EXACT if found.exact else Safety.ROUNDING,
                assumes=(f"nobody else changes {names} while the loop runs",),
            )
            return


BACKEND: Backend = ComputeOnDevice()
