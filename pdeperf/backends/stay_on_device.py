"""What a loop brings to the host in each turn, kept on the device until the loop is done."""

import ast
from collections.abc import Iterator

from pdeperf.model import Candidate, Diagnosis, Patch, Refusal, Safety, Span
from pdeperf.source import Project
from pdeperf.transfers.events import events
from pdeperf.transfers.kept import Kept
from pdeperf.transfers.on_device import OnDevice
from pdeperf.transfers.staying import staying

from . import Backend


class StayOnDevice:
    """Keeps numbers and arrays on the device that a loop converts in every turn but needs only afterwards.

    Why it is slow
    --------------
    ``float(u.sum())`` waits for all that was launched before it, and the device stands still until the next
    launch. A history, a time step made of a maximum, the last residual: CuPy computes with such numbers
    where they are, and the host needs them when the loop is done.

    Slow
    ----
    ::

        for step in range(steps):
            u = u + dt * laplacian(u)
            energies.append(float(cp.sum(u * u)))

    Faster
    ------
    ::

        for step in range(steps):
            u = u + dt * laplacian(u)
            energies.append(cp.sum(u * u))
        energies[:] = cp.stack(energies).tolist()

    When it is wrong
    ----------------
    Where the loop itself looks at the value: a test, a print, a call. Such conversions stay where they are.
    A division by zero gives inf on the device, where Python raises an error.

    References
    ----------
    NVIDIA, "CUDA C++ Best Practices Guide", chapter 10 (memory optimizations); CuPy user guide,
    "Performance best practices".
    """

    name = "stay-on-device"
    answers = frozenset(("transfer-in-loop", "scalar-read-in-loop"))

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """The diagnosed conversion, with all that is computed from its value."""
        if diagnosis.where.file not in project:
            return
        module = project[diagnosis.where.file]
        device = OnDevice(module, (*project.observed, *diagnosis.facts))
        for event in events(device, diagnosis.where):
            found = staying(module, device, event)
            if not isinstance(found, Kept):
                yield Refusal(
                    backend=self.name,
                    diagnosis=diagnosis,
                    where=Span(file=module.file, first=event.node.lineno, last=event.node.lineno),
                    reason=found,
                )
                continue
            ast.parse(found.text)
            yield Candidate(
                backend=self.name,
                title=f"keep `{ast.unparse(event.node)[:40]}` on the device until the loop at line "
                f"{event.loop.lineno} is done",
                diagnosis=diagnosis,
                patches=(Patch(file=module.file, before=module.text, after=found.text),),
                safety=Safety.EXACT if found.exact else Safety.ROUNDING,
                assumes=("no number made of it is zero where it divides",),
            )
            return


BACKEND: Backend = StayOnDevice()
