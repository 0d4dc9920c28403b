"""Scripts run as ``python script.py`` runs them, without the second that NumPy and Numba take to start.

A process that has loaded them and compiled a small kernel is forked for each script, whose main module,
arguments, folder, environment, streams and exit status are its own.
"""

import atexit
import gc
import importlib
import json
import os
import random
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

ROOT = Path(__file__).parents[1]
LIMIT_S = 120
LOADED = ("numpy", "pdeperf.collectors.arguments", "pdeperf.guest.script", "pdeperf.guest.windows")
"""What is loaded before the fork, beside Numba: what scripts and those who watch them import."""


def python(*arguments: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run ``python SCRIPT ...`` or ``python -m MODULE ...`` in a folder."""
    server = _server(os.getpid())
    with tempfile.TemporaryDirectory() as folder:
        streams = [f"{folder}/out", f"{folder}/err"]
        order = {"arguments": arguments, "cwd": str(cwd), "env": env, "streams": streams}
        server.stdin.write(json.dumps(order) + "\n")
        server.stdin.flush()
        returncode = int(server.stdout.readline())
        out, err = (Path(stream).read_text() for stream in streams)
    return subprocess.CompletedProcess(arguments, returncode, out, err)


@cache
def _server(process: int) -> subprocess.Popen[str]:
    """One for each process of the tests, ended with it."""
    command = [sys.executable, "-m", "tests.forks"]
    started = subprocess.Popen(
        command,
        cwd=ROOT,
        env=dict(os.environ, NUMBA_BOUNDSCHECK="1"),  # what is compiled with bounds checks serves no other
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(_end, started, process)
    return started


def _end(server: subprocess.Popen[str], process: int) -> None:
    if os.getpid() == process:
        server.communicate()


def _next_order() -> dict[str, Any] | None:
    """In a new process each: what it is to run; None in the server, when there is no more."""
    _warm()
    gc.collect()
    gc.freeze()  # else each child copies the page of every object that it looks at
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever interrupts the tests ends their process
    for line in sys.stdin:
        if not (child := os.fork()):
            return json.loads(line)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return None


def _warm() -> None:
    numba, np = importlib.import_module("numba"), importlib.import_module("numpy")
    for name in LOADED:
        importlib.import_module(name)

    @numba.njit(error_model="numpy")
    def kernel(u, v, w):
        old = u.copy()
        for i in range(1, u.size):
            u[i] = old[i - 1] / i
        u[1:] = old[:-1]  # its errors print shapes: seconds of compiling for each number of axes
        v[1:, 1:] = v[:-1, :-1]
        w[1:, 1:, 1:] = w[:-1, :-1, :-1]
        return np.zeros(3)

    kernel(np.zeros(3), np.zeros((3, 3)), np.zeros((3, 3, 3)))


def _become(order: dict[str, Any]) -> None:
    """Run what is ordered as this process's main program."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.alarm(LIMIT_S)
    for number, stream in enumerate(("/dev/null", *order["streams"])):
        opened = os.open(stream, os.O_RDWR | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0)  # noqa: SIM115
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    importlib.import_module("numba.core.config").reload_config()
    random.seed()
    importlib.import_module("numpy").random.seed()
    sys.path[0] = order["cwd"]
    first, *rest = order["arguments"]
    if first == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
        return
    sys.argv = [first, *rest]
    path = Path(order["cwd"], first)
    main = sys.modules["__main__"] = ModuleType("__main__")
    main.__file__ = str(path)
    exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), main.__dict__)


def _leave(order: dict[str, Any]) -> NoReturn:
    """Run what is ordered and end as Python does, but for taking all that is loaded apart."""
    code: object = 0
    try:
        _become(order)
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    if not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 0xFF)


if __name__ == "__main__" and (order := _next_order()):
    _leave(order)
