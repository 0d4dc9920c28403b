"""On all cores Numba calls the versions of ``u`` by names that users write, ``u_1`` and ``u_2``."""

from pdeperf.kernel.compiled import compiled
from pdeperf.kernel.multicore import in_parallel
from pdeperf.kernel.shared_loops import Hindrance, shared_out
from pdeperf.kernel.version_names import apart_from_versions
from pdeperf.source import Project

WAVE = """\
import numpy as np
from numba import njit


@njit(cache=True)
def march(u, u_1, u_2, nt):
    for n in range(nt):
        for i in range(1, u.shape[0] - 1):
            for j in range(1, u.shape[1] - 1):
                u[i, j] = 2 * u_1[i, j] - u_2[i, j] + 0.1 * (u_1[i + 1, j] + u_1[i, j - 1])
        u_2, u_1, u = u_1, u, u_2
    return u, u_1


u, u_1, u_2 = np.ones((3, 9, 9))
u, u_1 = march(u, u_1, u_2, 9)
"""


def test_a_kernel_on_all_cores_has_no_variable_that_is_called_like_a_version():
    project = Project.from_texts({"wave.py": WAVE})
    [item] = compiled(project["wave.py"])
    chosen = shared_out(item, project)
    assert not isinstance(chosen, Hindrance)
    parallel = in_parallel(item, chosen, project).partition("def march_parallel(")[2].partition("return")[0]
    assert parallel.startswith("u, u1, u2, nt):")
    assert "u2, u1, u = u1, u, u2" in parallel


def test_the_text_around_the_function_stays():
    text = apart_from_versions(WAVE, "march", Project.from_texts({"wave.py": WAVE}))
    assert "u[i, j] = 2 * u1[i, j] - u2[i, j]" in text
    assert "u, u_1 = march(u, u_1, u_2, 9)" in text


def test_an_argument_that_is_passed_by_name_keeps_it():
    text = WAVE.replace("u_2, 9)", "u_2=u_2, nt=9)")
    assert "def march(u, u1, u_2, nt):" in apart_from_versions(
        text, "march", Project.from_texts({"a.py": text})
    )


def test_names_stay_where_no_other_one_has_versions():
    text = WAVE.replace("        u_2, u_1, u = u_1, u, u_2\n", "")
    assert apart_from_versions(text, "march", Project.from_texts({"a.py": text})) == text
