"""However the tool ends, no process and no copy is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import sys
from pathlib import Path
from pdeperf.guest.scratch import scratch
from pdeperf.model import Workload
from pdeperf.trial import run_once, setting
folder = Path(sys.argv[1])
with scratch("solver.py", folder) as place, setting() as where:
    run_once(Workload(script="solver.py"), place, {"solver.py": (folder / "solver.py").read_text()}, where)
"""


def running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, limit_s: float = 20.0) -> bool:
    end = time.monotonic() + limit_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(condition())


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_the_script_ends_with_the_tool(tmp_path: Path, how: signal.Signals) -> None:
    told, temporary = tmp_path / "pid", tmp_path / "temporary"
    temporary.mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "solver.py").write_text(
        f"import os, time\nopen({str(told)!r}, 'w').write(str(os.getpid()) + '.')\ntime.sleep(60)\n"
    )
    environment = {**os.environ, "TMPDIR": str(temporary)}
    tool = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "project")], env=environment, stderr=subprocess.DEVNULL
    )
    assert wait_until(lambda: told.exists() and told.read_text().endswith("."))
    script = int(told.read_text().rstrip("."))
    assert running(script)
    tool.send_signal(how)
    tool.wait(20)
    assert wait_until(lambda: not running(script))
    if how is signal.SIGINT:
        assert list(temporary.iterdir()) == []
    assert [path.name for path in (tmp_path / "project").iterdir()] == ["solver.py"]
