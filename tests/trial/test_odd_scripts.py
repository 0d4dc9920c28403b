"""Scripts as strangers write them run to their end, and their results are found."""

from collections.abc import Callable

from pdeperf.judge import unstable_names, verdict
from pdeperf.model import Outcome


def names(script) -> set[str]:
    assert not script.original.failure, script.original.failure
    return set(script.original.captures[0].observables)


def test_timers_are_left_out_even_when_they_print_alike(bench: Callable) -> None:
    script = bench(
        """
        import time
        from time import perf_counter as clock
        begin = clock()
        total = sum(k * 0.5 for k in range(1000))
        wall = time.time() - begin
        print("total %.3f took %.1f s" % (total, clock() - begin))
        """
    )
    unstable = set(unstable_names(script.original.captures))
    assert {"begin", "wall", "stdout 'total # took # s'[1]"} <= unstable
    assert not {"total", "stdout 'total # took # s'[0]"} & unstable


def test_unseeded_random_numbers_are_equal_in_every_run(bench: Callable) -> None:
    script = bench(
        """
        import random
        import numpy as np
        from numpy.random import rand
        a = np.random.rand(5)
        b = np.random.default_rng().normal(size=3)
        c = random.random()
        d = rand(2)
        """
    )
    assert {"a", "b", "c", "d"} <= names(script)
    assert not unstable_names(script.original.captures)


def test_a_seed_of_the_script_is_its_own(bench: Callable) -> None:
    script = bench("import numpy as np\nnp.random.seed(7)\na = np.random.rand(5)\n")
    assert script.original.captures[0].observables["a"].values[0] == 0.07630828937395717


def test_what_differs_from_run_to_run_is_left_out(bench: Callable) -> None:
    script = bench("import os\nnoise = os.getpid() * 1.0\nanswer = 42.5\n")
    assert unstable_names(script.original.captures) == ("noise",)


def test_a_script_whose_every_result_differs_is_unproven(bench: Callable) -> None:
    script = bench("import os\nx = os.getpid() * 1.0\n")
    found = verdict(script.trial("import os\nx = os.getpid() * 2.0\n"))
    assert found.outcome is Outcome.UNPROVEN
    assert "two runs of the original differ" in found.reason


def test_a_script_without_numbers_is_unproven(bench: Callable) -> None:
    script = bench("print('hello')\n")
    found = verdict(script.trial("print('hello')  # again\n"))
    assert found.outcome is Outcome.UNPROVEN
    assert found.reason.startswith("no numeric results to compare: ")


def test_sys_exit_zero_is_an_end_like_any_other(bench: Callable) -> None:
    script = bench("import sys\ndef main():\n    u = [1.5, 2.5]\n    return 0\nx = 2.5\nsys.exit(main())\n")
    assert {"x", "main()[1]:u"} <= names(script)


def test_an_exit_status_is_a_failure(bench: Callable) -> None:
    assert bench("import sys\nsys.exit(3)\n").original.failure == "solver.py: ended with exit status 3"
    assert bench("import sys\nsys.exit('no mesh')\n").original.failure.endswith("exit status 1: no mesh")


def test_an_exception_is_told_with_its_line(bench: Callable) -> None:
    script = bench("import local\nlocal.go(0)\n", beside={"local.py": "def go(x):\n    return 1 / x\n"})
    assert script.original.failure == "local.py:2: ZeroDivisionError: division by zero"


def test_input_without_an_answer_is_told(bench: Callable) -> None:
    failure = bench("x = 1\nn = int(input('n? '))\n").original.failure
    assert failure.startswith("solver.py:2: the script reads from standard input")


def test_a_syntax_error_is_told_with_its_line(bench: Callable) -> None:
    failure = bench("x = 1\ny = (\n").original.failure
    assert failure.startswith("solver.py:2: SyntaxError")


def test_arguments_reach_the_script(bench: Callable) -> None:
    script = bench(
        "import sys\nname, n = sys.argv[0], int(sys.argv[1])\nassert name == 'solver.py', name\n", argv=("7",)
    )
    assert script.original.captures[0].observables["n"].values == 7


def test_a_script_that_appends_sees_the_same_file_in_each_run(bench: Callable) -> None:
    script = bench(
        """
        from pathlib import Path
        log = Path("log.txt")
        with open("log.txt", "a") as file:
            file.write("1.25\\n")
        lines = len(log.read_text().split())
        """
    )
    assert not unstable_names(script.original.captures)
    assert script.original.captures[1].observables["lines"].values == 1
    assert script.original.captures[1].observables["log.txt"].values.tolist() == [1.25]
    assert sorted(path.name for path in script.folder.iterdir()) == ["solver.py"]


def test_files_that_were_written_are_results(bench: Callable) -> None:
    script = bench(
        """
        import json, os
        import numpy as np
        os.makedirs("out/deep")
        np.save("out/u.npy", np.arange(3.0))
        np.savez("out/deep/all.npz", a=np.ones(2), b=np.zeros(1))
        np.savetxt("out/u.csv", np.eye(2), delimiter=",")
        json.dump({"error": 1.5e-3}, open("result.json", "w"))
        """
    )
    expected = {"out/u.npy", "out/deep/all.npz[a]", "out/deep/all.npz[b]", "out/u.csv", "result.json"}
    assert expected <= names(script)


def test_windows_do_not_block_and_plotted_data_is_a_result(bench: Callable) -> None:
    script = bench(
        """
        import matplotlib
        matplotlib.use("TkAgg")
        import numpy as np
        import matplotlib.pyplot as plt
        def main():
            x = np.linspace(0, 1, 11)
            plt.plot(x, x**2, "r-")
            plt.pause(10)
            fig, ax = plt.subplots()
            ax.contourf(np.outer(x, x))
            plt.show()
        main()
        """
    )
    found = names(script)
    assert {"plot.plot[1][0]", "plot.plot[1][1]", "plot.contourf[1][0]", "figure[1][0].line[0]"} <= found


def test_an_animation_runs_through_its_frames(bench: Callable) -> None:
    script = bench(
        """
        import numpy as np
        import matplotlib.pyplot as plt
        from matplotlib.animation import FuncAnimation
        u = np.zeros(4)
        calls = []
        fig, ax = plt.subplots()
        line, = ax.plot(u)
        def update(frame, gain):
            u[:] += gain
            calls.append(frame)
            line.set_ydata(u)
            return line,
        animation = FuncAnimation(fig, update, frames=7, fargs=(0.5,), init_func=lambda: (line,), blit=True)
        """
    )
    found = script.original.captures[0].observables
    assert found["calls"].values.tolist() == list(range(7))
    assert found["u"].values.tolist() == [3.5] * 4
    assert found["figure[1][0].line[0]"].values.tolist() == [3.5] * 4


def test_an_endless_animation_is_cut_and_that_is_told(bench: Callable) -> None:
    script = bench(
        """
        import matplotlib.pyplot as plt
        import matplotlib.animation as animation
        count = 0
        def update(frame):
            global count
            count += 1
        shown = animation.FuncAnimation(plt.figure(), update, init_func=lambda: None, cache_frame_data=False)
        plt.show()
        """
    )
    assert script.original.captures[0].observables["count"].values == 100
    assert "without an end" in script.original.captures[0].notes[0]


def test_a_forked_child_is_not_captured_twice(bench: Callable) -> None:
    script = bench(
        """
        import multiprocessing, os
        def work(k):
            return k * 1.5
        if __name__ == "__main__":
            with multiprocessing.get_context("fork").Pool(2) as pool:
                results = pool.map(work, range(4))
            child = os.fork()
            if child:
                os.waitpid(child, 0)
            else:
                results = None
        """
    )
    assert script.original.captures[0].observables["results"].values.tolist() == [0.0, 1.5, 3.0, 4.5]


def test_classes_dicts_lists_and_sparse_matrices_are_looked_into(bench: Callable) -> None:
    script = bench(
        """
        from collections import namedtuple
        from dataclasses import dataclass
        import numpy as np
        import scipy.sparse as sp
        @dataclass
        class Grid:
            n: int
            x: object
        class Solver:
            def __init__(self):
                self.grid = Grid(3, np.linspace(0, 1, 3))
                self.state = {"u": np.ones(2), "v": [1.0, 2.0]}
                self.me = self
            def step(self):
                local = self.grid.x * 2
                return local
        solver = Solver()
        solver.step()
        rows = [[1.0, 2.0], [3.0, 4.0]]
        ragged = [np.ones(1), np.ones(2)]
        A = sp.lil_matrix((4, 4)); A[1, 2] = 5
        z = 1 + 2j
        """
    )
    expected = {
        "solver.grid.n", "solver.grid.x", "solver.state['u']", "solver.state['v']", "Solver.step()[1]:local",
        "rows", "ragged[0]", "ragged[1]", "A", "z",
    }  # fmt: skip
    assert expected <= names(script)


def test_the_globals_of_local_modules_are_results(bench: Callable) -> None:
    script = bench(
        "from fields import *\nadvance()\n",
        beside={"fields.py": "u = [1.5]\ndef advance():\n    u[0] += 1\n"},
    )
    assert script.original.captures[0].observables["fields.u"].values.tolist() == [2.5]


def test_a_chaotic_run_is_judged_by_its_first_turns(bench: Callable) -> None:
    source = """
        import numpy as np
        def main():
            x = np.full(8, 0.3)
            for k in range(150):
                x[:] = 3.9 * x * (1 - x)
            print("last %.12f" % x[0])
        main()
        """
    script = bench(source)
    right = script.trial(source.replace("3.9 * x * (1 - x)", "3.9 * (x - x * x)"))
    assert right.differences
    assert "results agree" in verdict(right).reason
    assert any("last" in name for name in right.unjudged)
    wrong = script.trial(source.replace("3.9 * x * (1 - x)", "3.9 * (x - x * x * (1 + 1e-9))"))
    assert verdict(wrong).outcome is Outcome.WRONG


def test_a_residual_that_is_rounding_noise_need_not_repeat(bench: Callable) -> None:
    source = """
        import numpy as np
        rng = np.random.default_rng(1)
        A = rng.random((20, 20)) + 20 * np.eye(20)
        b = rng.random(20)
        x = np.zeros(20)
        for k in range(60):
            x[:] = (b - (A @ x - A.diagonal() * x)) / A.diagonal()
        residual = np.linalg.norm(A @ x - b)
        print(f"residual {residual:.3e}")
        """
    script = bench(source)
    trial = script.trial(
        source.replace("(b - (A @ x - A.diagonal() * x))", "(A.diagonal() * x - (A @ x - b))")
    )
    assert 0 < script.original.captures[0].observables["residual"].values < 1e-14
    changed = {difference.observable: difference.l2 for difference in trial.differences}
    assert changed["residual"] > 1e-3
    assert verdict(trial).outcome is not Outcome.WRONG, trial.differences[:2]


def test_a_tiny_field_is_held_to_its_own_scale(bench: Callable) -> None:
    source = """
        import numpy as np
        temperature = np.full(30, 300.0)
        tracer = np.linspace(1, 2, 30) * 1e-16
        for k in range(20):
            temperature[1:-1] += 0.1 * (temperature[2:] - 2 * temperature[1:-1] + temperature[:-2])
            tracer[1:-1] += 0.1 * (tracer[2:] - 2 * tracer[1:-1] + tracer[:-2])
            tracer *= 0.99
        """
    found = verdict(bench(source).trial(source.replace("0.99", "0.990001")))
    assert found.outcome is Outcome.WRONG
    assert "tracer" in found.reason


def test_a_hot_function_is_watched_at_powers_of_two_only(bench: Callable) -> None:
    script = bench("def f(x):\n    y = x + 1.0\n    return y\nfor k in range(1000):\n    f(k)\n")
    calls = {name for name in names(script) if name.endswith(":y")}
    assert calls == {f"f()[{2**k}]:y" for k in range(10)}
    assert script.original.captures[0].calls == {"f": 1000}


def test_dates_are_no_results(bench: Callable) -> None:
    source = """
        import time
        import numpy as np
        stamps, u = [], np.ones(5)
        for k in range(6):
            stamps.append(time.time())
            u = 0.5 * u + 1e-9 * k
        when = time.time_ns() * np.arange(3.0)
        """
    script = bench(source)
    trial = script.trial(source.replace("0.5 * u", "u * 0.5"))
    assert trial.differences and all(one.within for one in trial.differences)
    assert {"stamps", "when"} <= set(trial.unstable)


def test_watching_what_is_returned_changes_no_namespace(bench: Callable) -> None:
    source = """
        import numpy as np
        def settings(n):
            h = 1.0 / n
            return locals()
        def total(n, h):
            try:
                return n * h
            finally:
                h = 0.0
        class Field:
            def __init__(self, a): self.a = a
            def __add__(self, other): return Field(self.a + other.a)
        a = [total(**settings(n)) for n in (4, 5, 6)]
        b = (Field(np.ones(3)) + Field(np.arange(3.0))).a
        """
    script = bench(source)
    assert script.original.failure == ""
    seen = script.original.captures[0].observables
    assert seen["total()[2]:return"].values == 1.0
    assert seen["Field.__add__()[1]:return.a"].values.tolist() == [1.0, 2.0, 3.0]
