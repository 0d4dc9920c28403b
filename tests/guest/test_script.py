"""The script runs as ``python script.py`` would run it."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pdeperf.guest.observe import Order
from pdeperf.guest.script import local_file

PROGRAM = """
import json, sys
from pathlib import Path
from pdeperf.guest.script import run_script
seen = []
def transform(tree, file):
    seen.append(file)
    return tree
found = run_script(Path(sys.argv[1]), sys.argv[2:], root=Path.cwd(), transform=transform)
print(json.dumps({"seen": seen, "x": found.get("x")}))
"""


def run(folder: Path, source: str, *argv: str, name: str = "solver.py") -> subprocess.CompletedProcess[str]:
    script = folder / name
    script.parent.mkdir(exist_ok=True)
    script.write_text(source)
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(script), *argv],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def result(folder: Path, source: str, *argv: str, name: str = "solver.py") -> dict:
    finished = run(folder, source, *argv, name=name)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])


def test_the_script_is_the_main_program(tmp_path: Path) -> None:
    source = "import __main__, sys\nx = [__name__, __main__.__file__ == __file__, sys.argv]\n"
    assert result(tmp_path, source, "a", "b")["x"] == ["__main__", True, ["solver.py", "a", "b"]]


def test_the_scripts_folder_comes_first_on_the_path(tmp_path: Path) -> None:
    source = "import sys, os\nx = sys.path[0] == os.path.dirname(os.path.abspath(__file__))\n"
    assert result(tmp_path, source, name="sub/solver.py")["x"] is True


def test_local_modules_are_transformed_and_others_are_not(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "package" / "flux.py").write_text("value = 3\n")
    found = result(tmp_path, "import colorsys, package.flux\nx = package.flux.value\n")
    assert found == {"seen": ["solver.py", "package/__init__.py", "package/flux.py"], "x": 3}


@pytest.mark.parametrize(
    "source", ["from .flux import value", "from pde.flux import value", "from . import value"]
)
def test_a_script_of_a_package_runs_as_python_m_would_run_it(tmp_path: Path, source: str) -> None:
    (tmp_path / "pde").mkdir()
    (tmp_path / "pde" / "__init__.py").write_text("from .flux import value\n")
    (tmp_path / "pde" / "flux.py").write_text("value = 3\n")
    told = "x = [value, __name__, __package__, __spec__.name]\n"
    found = result(tmp_path, f"{source}\n{told}", name="pde/solver.py")
    assert found["x"] == [3, "__main__", "pde", "pde.solver"]
    assert sorted(found["seen"]) == ["pde/__init__.py", "pde/flux.py", "pde/solver.py"]


@pytest.mark.parametrize(
    "source",
    [
        "from flux import value",
        "try:\n    from .flux import value\nexcept ImportError:\n    from flux import value",
        "import flux, sys\nsys.path.append('.')\nimport pde\nvalue = flux.value",
    ],
)
def test_a_script_beside_an_init_file_that_python_can_run_runs_plainly(tmp_path: Path, source: str) -> None:
    (tmp_path / "pde").mkdir()
    (tmp_path / "pde" / "__init__.py").write_text("")
    (tmp_path / "pde" / "flux.py").write_text("value = 3\n")
    assert result(tmp_path, f"{source}\nx = [value, __package__]\n", name="pde/solver.py")["x"] == [3, None]


@pytest.mark.parametrize("end", ["sys.exit(0)", "sys.exit()", "exit()", "raise SystemExit"])
def test_a_normal_exit_keeps_the_globals(tmp_path: Path, end: str) -> None:
    assert result(tmp_path, f"import sys\nx = 5\n{end}\n")["x"] == 5


def test_another_exit_status_is_passed_on(tmp_path: Path) -> None:
    assert run(tmp_path, "raise SystemExit(7)\n").returncode == 7


def test_an_exception_shows_the_users_line_and_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "solver.py").write_text("def f():\n    return 1 / 0\n\nf()\n")
    Order(script=str(tmp_path / "solver.py"), root=str(tmp_path)).write(tmp_path / "order.json")
    command = [sys.executable, "-m", "pdeperf.guest", str(tmp_path / "order.json")]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert "ZeroDivisionError" in finished.stderr
    assert "return 1 / 0" in finished.stderr
    assert "pdeperf" not in finished.stderr


def test_threads_are_waited_for(tmp_path: Path) -> None:
    source = (
        "import threading, time\nx = 0\n"
        "def work():\n    global x\n    time.sleep(0.2)\n    x = 1\n"
        "threading.Thread(target=work).start()\n"
    )
    assert result(tmp_path, source)["x"] == 1


def test_pickles_of_the_scripts_own_classes_work(tmp_path: Path) -> None:
    source = "import pickle\nclass A:\n    pass\nx = type(pickle.loads(pickle.dumps(A()))) is A\n"
    assert result(tmp_path, source)["x"] is True


def test_installed_packages_are_not_the_users(tmp_path: Path) -> None:
    assert local_file(ast.__file__, Path("/")) is None
    assert local_file(str(tmp_path / "venv/lib/site-packages/a.py"), tmp_path) is None
    assert local_file(str(tmp_path / "a" / "b.py"), tmp_path) == "a/b.py"
