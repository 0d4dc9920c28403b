"""A fixture for solvers that are kept under pytest: ``pdeperf_validate("heat.py")``.

The baseline is kept in version control and renewed by ``pytest --pdeperf-update`` only.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pdeperf.model import Validation, Workload

Validate = Callable[..., "Validation | None"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that renews baselines."""
    group = parser.getgroup("pdeperf")
    group.addoption(
        "--pdeperf-update",
        action="store_true",
        help="make or renew the baselines that pdeperf_validate asks for, and skip those tests",
    )


@pytest.fixture
def pdeperf_validate(request: pytest.FixtureRequest) -> Validate:
    """Give a function that holds a script to its baseline, and fails the test if it does not hold.

    ``pdeperf_validate(script, *arguments, baseline=None, max_slowdown=None, min_speedup=None, timed=True,
    also=(), allow_inconclusive=False)``. Paths are relative to pytest's root folder; the baseline is
    ``baselines/NAME`` by default, ``NAME`` being the script's. It gives what was found.
    """
    root = request.config.rootpath
    update = bool(request.config.getoption("--pdeperf-update"))

    def validate(
        script: str,
        *arguments: str,
        baseline: str | None = None,
        max_slowdown: float | None = None,
        min_speedup: float | None = None,
        timed: bool = True,
        also: Sequence[Sequence[str]] = (),
        allow_inconclusive: bool = False,
    ) -> "Validation | None":
        # Imported late: pytest loads every plugin at every start.
        from pdeperf import pipeline
        from pdeperf.cli import configuration
        from pdeperf.renderers import _summary as summary
        from pdeperf.store import Store, StoreError

        name = baseline or f"baselines/{Path(script).stem}"
        configured = configuration.load(root)
        workload = _workload(script, arguments, root, configured)
        demands = pipeline.Demands(
            max_slowdown=configured.max_slowdown if max_slowdown is None else max_slowdown,
            min_speedup=min_speedup,
            also=tuple(tuple(one) for one in also),
            allow_inconclusive=allow_inconclusive,
            timed=timed,
        )
        settings = pipeline.Settings(timeout_s=configured.timeout_s)
        store = Store(root / ".pdeperf")
        try:
            if update:
                pipeline.baseline(
                    workload, root, store=store, settings=settings, progress=_silent, name=name, update=True,
                    also=demands.also,
                )  # fmt: skip
                pytest.skip(f"baseline {name} made")
            found = pipeline.validate(
                workload, root, store=store, settings=settings, progress=_silent, baseline=name,
                demands=demands,
            )  # fmt: skip
        except (pipeline.PipelineError, StoreError) as error:
            pytest.fail(f"{script}: {error}", pytrace=False)
        if found.exit_code:
            pytest.fail(f"{script}: {summary.text(found)}", pytrace=False)
        return found

    return validate


def _workload(script: str, arguments: Sequence[str], root: Path, configured: object) -> "Workload":
    from pdeperf.cli.configuration import Configuration
    from pdeperf.cli.criteria import held
    from pdeperf.model import Workload

    assert isinstance(configured, Configuration)
    workload = Workload(
        script=script,
        argv=tuple(arguments),
        observables=configured.observe,
        timeout_s=configured.timeout_s,
    )
    return held(workload, configured, rtol=None, atol=None, conserve=())


def _silent(stage: str, detail: str = "") -> None:
    """Show no progress: pytest has the terminal."""
