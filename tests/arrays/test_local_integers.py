"""Axes and shifts that a function names, in scripts that are indented by tabs."""

import pytest

from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

SCRIPT = """\
import numpy as np

def main():
    aX = 0   # x-axis
    aY = 1
    R, L = -1, 1
    t = 0
    U = np.sin(np.arange(42.0)).reshape(7, 6)
    Uprev = 1.*U
    mask = U > 0.8
    while t < 0.4:  # hot
        lap = np.roll(U, L, axis=aX) + np.roll(U, R, axis=aX)
        lap = lap + np.roll(U, L, axis=aY) + np.roll(U, R, axis=aY)
        Unew = 2*U - Uprev + 0.1 * (lap - 4*U)
        Uprev = 1.*U
        U = 1.*Unew
        U[mask] = 0
        U[0,:] = np.sin(20*t)
        t += 0.1
        print(t)
    print(U)

main()
""".replace("    ", "\t")


def test_axes_and_shifts_that_a_function_names(tmp_path):
    text = check(SCRIPT, tmp_path)
    kernel = text[text.index("@njit") : text.index("def main")]
    assert "roll" not in kernel
    assert "np.roll" not in text[text.index("while t < 0.4") :].split("else:")[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\t\tt += 0.1\n", "\t\tt += 0.1\n\t\taX = 1 - aX\n"),
        ("\taX = 0   # x-axis\n", "\taX = 0\n\tif len(U0) > 3:\n\t\taX = 1\n"),
        ("def main():\n\taX = 0   # x-axis\n", "def main(aX=0):\n"),
    ],
)
def test_an_axis_that_changes_is_not_written_out(tmp_path, old, new):
    text = SCRIPT.replace("import numpy as np\n", "import numpy as np\nU0 = np.arange(5.0)\n").replace(
        old, new
    )
    assert text != SCRIPT
    check(text, tmp_path)
