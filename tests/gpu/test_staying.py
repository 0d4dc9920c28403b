"""What a loop brings to the host in every turn stays on the device, and the results are the same."""

import ast
import warnings

import pytest

from pdeperf.model import Span
from pdeperf.transfers.events import events
from pdeperf.transfers.on_device import OnDevice
from pdeperf.transfers.staying import Kept, staying
from tests.arrays.in_process import difference, project_of, run
from tests.gpu import strict_cupy

HEAD = """
import math
import numpy as np
import cupy as cp

x = cp.linspace(0.0, 1.0, 60)
u = cp.sin(3 * x) + 2.0
steps, dx = 12, 1.0 / 59
"""

KEPT = {
    "a turn over the host in a method": """
class Wave:
    def __init__(self, u):
        self.u, self.um = u, u.copy()

    def step(self):
        un = 2.0 * self.u - self.um
        h = cp.asnumpy(un)
        h[0] = 0.0
        h[1:3] = h[2:4]
        un = cp.asarray(h)
        self.um, self.u = self.u, un

wave = Wave(u)
for step in range(steps):
    wave.step()
result = wave.u.get()
""",
    "a history that a method keeps": """
class Wave:
    def __init__(self, u):
        self.u = u
        self.energies = [1.0]
        self.times = []

    def step(self, t):
        self.u = self.u + 0.1 * (cp.roll(self.u, 1) - self.u)
        self.energies.append(float(cp.sum(self.u**2)))
        self.times.append(t)

    def run(self, steps):
        for step in range(steps):
            self.step(0.1 * step)

wave = Wave(u)
wave.run(steps)
energies = wave.energies
""",
    "a history that a method keeps of pairs": """
class Wave:
    def __init__(self, u):
        self.u = u
        self.log = []

    def step(self, t):
        self.u = self.u + 0.1 * (cp.roll(self.u, 1) - self.u)
        self.log.append((t, self.u.max().item()))

wave = Wave(u)
for step in range(steps):
    wave.step(0.1 * step)
print(wave.log[-1])
log = wave.log
""",
    "a single cell": """
probe = np.zeros(steps)
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    probe[step] = u[30].get()
""",
    "a boundary that the host sets": """
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    host = u.get()
    host[0] = 1.5
    host[1:4] = host[3:6]
    host[5:9] = host[4:8]
    host[-1] = host[-2]
    u = cp.asarray(host)
""",
    "a history": """
history = [0.5]
for step in range(steps):
    u = 0.5 * (cp.roll(u, 1) + cp.roll(u, -1))
    history.append(float(cp.sum(u * u) * dx))
""",
    "a history with the time": """
log = []
t = 0.0
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    t += 0.1
    log.append((t, u.max().item()))
""",
    "the last value only": """
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    total = float(u.sum())  # of this step
""",
    "no turn at all": """
total = 1.5
for step in range(0):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    total = float(u.sum())
""",
    "a time step made of a maximum": """
t = 0.0
for step in range(steps):
    speed = cp.max(cp.abs(u)).item()
    dt = min(0.4 * dx / speed, 0.002)
    u = u - dt / dx * (u - cp.roll(u, 1))
    t += dt
    if step % 5 == 0:
        print(f"{step} {t:.6f} {dt}")
""",
    "the host's array of results": """
means = np.zeros(steps)
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    means[step] = float(u.mean())
""",
    "there and back again": """
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    host = u.get()
    host[0] = 0.0
    host[-1] = 1.0
    u = cp.asarray(host)
""",
    "one cell of a copy": """
probe = []
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    frame = cp.asnumpy(u)
    probe.append(frame[7])
""",
    "two results of one statement": """
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    low, high = float(u.min()), math.sqrt(2.0)
""",
    "in a function": """
def advance(u, count):
    values = []
    for step in range(count):
        u = u + 0.1 * (cp.roll(u, 1) - u)
        corner = u[3].item()
        values.append(corner * 2)
    return u, values, corner


u, values, corner = advance(u, steps)
""",
}
REFUSED = {
    "a test": """
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    err = float(u.max())
    if err < 1e-9:
        break
""",
    "the loop's own test": """
err, turns = 1.0, 0
while err > 1e-6 and turns < 9:
    u = u + 0.1 * (cp.roll(u, 1) - u)
    err = float(u.max())
    turns += 1
""",
    "a print": """
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    err = float(u.max())
    print(err)
""",
    "a list that the loop reads": """
history = [1.0]
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u) * history[-1]
    history.append(float(u.max()))
""",
    "a list that a function reads": """
history = []


def last():
    return len(history)


for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u) * last()
    history.append(float(u.max()))
""",
    "whole frames": """
frames = []
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    frames.append(u.get())
""",
    "an index": """
cells = np.zeros(100)
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    place = float(u.max())
    cells[int(place)] = 1.0
""",
    "the host's array in the sum": """
w = np.linspace(0, 1, 60)
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    host = u.get()
    moment = host * w
""",
    "it is the host's when the loop begins": """
host = np.zeros(60)
for step in range(steps):
    u = u + cp.asarray(host)
    host = u.get()
""",
    "a history that a method looks at": """
class Wave:
    def __init__(self, u):
        self.u = u
        self.energies = [1.0]

    def step(self):
        self.u = self.u + 0.1 * (cp.roll(self.u, 1) - self.u)
        self.energies.append(float(cp.sum(self.u**2)))

    def show(self):
        print(self.energies[-1])

wave = Wave(u)
for step in range(steps):
    wave.step()
    wave.show()
""",
    "a history that is added to outside too": """
class Wave:
    def __init__(self, u):
        self.u = u
        self.energies = [1.0]

    def step(self):
        self.u = self.u + 0.1 * (cp.roll(self.u, 1) - self.u)
        self.energies.append(float(cp.sum(self.u**2)))

wave = Wave(u)
wave.step()
for step in range(steps):
    wave.step()
wave.step()
energies = wave.energies
""",
    "a number of counts": """
hits = []
for step in range(steps):
    u = u + 0.1 * (cp.roll(u, 1) - u)
    hits.append(float((u > 2).sum()))
""",
}


def tried(text, folder):
    """For each conversion of a program's loops: what became of it, and how the results differ."""
    warnings.simplefilter("ignore")
    with strict_cupy.installed():
        project = project_of(text, folder)
        assert project is not None
        module = project["script.py"]
        device = OnDevice(module, project.observed)
        for event in list(events(device, Span(file="script.py", first=1, last=999))):
            found = staying(module, device, event)
            if not isinstance(found, Kept):
                yield event, found, ""
                continue
            before, after = run(text, (), folder), run(found.text, (), folder)
            assert not before.raised
            details = after.raised + after.message or difference(before, after, (), exact=found.exact)
            yield event, found, details


@pytest.mark.parametrize("name", KEPT)
def test_it_stays_and_all_results_are_the_same(name, tmp_path):
    found = list(tried(HEAD + KEPT[name], tmp_path))
    kept = [each for _, each, _ in found if isinstance(each, Kept)]
    assert kept, found
    for event, each, details in found:
        assert not details, f"{ast.unparse(event.node)}: {details}\n{each.text}"


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_host_needs_in_every_turn_is_left(name, tmp_path):
    found = list(tried(HEAD + REFUSED[name], tmp_path))
    assert found
    assert not [each.text for _, each, _ in found if isinstance(each, Kept)]
