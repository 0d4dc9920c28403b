"""Arrays that one time step makes one are two again once one is made anew."""

import numpy as np
import pytest
from rewriting import at_once, run

from pdeperf.sparse.batched_values import NotAtOnce

HEAD = "import numpy as np\nn = 15\nw = np.sin(np.arange(17.0))\nnew = w\n"
LOOP = """
    for i in range(1, n):  # LOOP
        new[i] = w[i - 1] + w[i + 1] * 0.5
"""
STEPS = "for step in range(3):\n    BEFORE" + LOOP + "    AFTER\n"
CLASS = """
class Model:
    def __init__(self):
        self.w = np.sin(np.arange(17.0))
        self.new = self.w
    def other(self):
        self.w = self.new
    def step(self):
        BEFORE
        for i in range(1, n):  # LOOP
            self.new[i] = self.w[i - 1] + self.w[i + 1] * 0.5
        self.w = self.new
model = Model()
for step in range(3):
    model.step()
w = model.w
"""
APART = {
    "a copy": STEPS.replace("BEFORE", "new = w.copy()").replace("AFTER", "w = new"),
    "zeros": STEPS.replace("BEFORE", "new = np.zeros(n + 2)\n    t = step * 0.5").replace("AFTER", "w = new"),
    "a sum": STEPS.replace("BEFORE", "new = w * 2").replace("AFTER", "w = new\n    z = new[1:]"),
    "the one that is read": STEPS.replace("BEFORE", "w = new.copy()").replace("AFTER", "pass"),
    "sweeps": "for step in range(3):\n    new = w.copy()\n    for sweep in range(2):\n        t = 0"
    + LOOP.replace("\n    ", "\n        ")
    + "    w = new\n",
    "attributes": CLASS.replace("BEFORE", "self.new = self.w.copy()\n        t = np.sum(self.w)"),
}
ONE = {
    "the same": STEPS.replace("BEFORE", "new = w").replace("AFTER", "w = new"),
    "made one again": STEPS.replace("BEFORE", "new = w.copy()\n    w = new").replace("AFTER", "pass"),
    "a copy at times": STEPS.replace("BEFORE", "if step == 0:\n        new = w.copy()").replace(
        "AFTER", "w = new"
    ),
    "a view": STEPS.replace("BEFORE", "new = np.asarray(w)").replace("AFTER", "w = new"),
    "at the end of a sweep": "for step in range(3):\n    new = w.copy()\n"
    "    for sweep in range(2):\n        t = 0" + LOOP.replace("\n    ", "\n        ") + "        w = new\n",
    "by a method": CLASS.replace("BEFORE", "self.new = self.w.copy()\n        self.other()"),
    "by a function": "def other():\n    global w\n    w = new\n"
    + STEPS.replace("BEFORE", "new = w.copy()\n    other()").replace("AFTER", "pass"),
}


@pytest.mark.parametrize("name", APART)
def test_arrays_made_anew_are_apart(name, tmp_path):
    text = HEAD + APART[name]
    after = at_once(text, tmp_path)
    np.testing.assert_array_equal(run(text, tmp_path)[0]["w"], run(after, tmp_path)[0]["w"])


@pytest.mark.parametrize("name", ONE)
def test_arrays_that_may_be_one_still_are_left_alone(name, tmp_path):
    with pytest.raises(NotAtOnce, match="are one array"):
        at_once(HEAD + ONE[name], tmp_path)
