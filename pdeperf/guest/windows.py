"""What happens when the script opens a window: nothing blocks, and animations still run.

Under a window-less backend ``plt.show`` draws nothing and ``FuncAnimation`` never calls its body,
which in many scripts is the solver. Here the body is called once for each frame: when the animation
is shown, or else at the end of the script. Standard library only: the user's interpreter imports it.
"""

import functools
import importlib.abc
import importlib.machinery
import itertools
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

COUNTED_FRAMES_COUNT = 100
"""How many frames of an animation without an end are run (Matplotlib itself saves 100)."""
GENERATED_FRAMES_COUNT = 2_000
"""How many frames are taken from a generator, which may have no end."""

Patch = Callable[[ModuleType], None]


class _PatchingLoader(importlib.abc.Loader):
    """Loads a module as its own loader does, then hands it to a patch."""

    def __init__(self, loader: importlib.abc.Loader, patch: Patch) -> None:
        self._loader = loader
        self._patch = patch

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._patch(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


class _PatchingFinder(importlib.abc.MetaPathFinder):
    def __init__(self, patches: dict[str, Patch]) -> None:
        self._patches = patches

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._patches:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        spec.loader = _PatchingLoader(spec.loader, self._patches[fullname])
        return spec


def when_imported(patches: dict[str, Patch]) -> None:
    """Call a patch on each of these modules as soon as the script imports it."""
    for name in [name for name in patches if name in sys.modules]:
        patches[name](sys.modules[name])
    sys.meta_path.insert(0, _PatchingFinder(patches))


class Windows:
    """The windows of one run: what was shown, and which animations still wait for their frames."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._waiting: list[Any] = []
        self._process = os.getpid()

    def install(self) -> None:
        """Take the place of what would block, in the modules that the script will import."""
        os.environ.setdefault("MPLBACKEND", "Agg")
        warnings.filterwarnings("ignore", message=".*non-interactive.*")
        warnings.filterwarnings("ignore", message="Animation was deleted without rendering.*")
        when_imported(
            {
                "matplotlib.pyplot": self._patch_pyplot,
                "matplotlib.animation": self._patch_animation,
                "matplotlib": self._patch_matplotlib,
            }
        )

    def finish(self) -> None:
        """Run the frames of the animations that were neither shown nor saved."""
        while self._waiting:
            self._drive(self._waiting.pop(0))

    def _patch_matplotlib(self, module: ModuleType) -> None:
        real = module.use

        @functools.wraps(real)
        def use(backend: str, *arguments: Any, **options: Any) -> None:
            # A script's own choice of a window system would block or fail here.
            real("Agg" if _opens_windows(backend) else backend, *arguments, **options)

        module.use = use  # type: ignore[attr-defined]

    def _patch_pyplot(self, module: ModuleType) -> None:
        def show(*arguments: object, **options: object) -> None:
            self.finish()

        def pause(interval: float) -> None:
            """Draw nothing and do not wait."""

        def wait(*arguments: object, **options: object) -> bool:
            return False

        module.show = show  # type: ignore[attr-defined]
        module.pause = pause  # type: ignore[attr-defined]
        module.waitforbuttonpress = wait  # type: ignore[attr-defined]
        real_switch = module.switch_backend

        @functools.wraps(real_switch)
        def switch_backend(backend: str) -> None:
            real_switch("Agg" if _opens_windows(backend) else backend)

        module.switch_backend = switch_backend  # type: ignore[attr-defined]

    def _patch_animation(self, module: ModuleType) -> None:
        kind = module.FuncAnimation
        real_init, real_save = kind.__init__, kind.save

        @functools.wraps(real_init)
        def init(animation: Any, *arguments: Any, **options: Any) -> None:
            real_init(animation, *arguments, **options)
            animation._draw_was_started = True  # else Matplotlib warns when it is deleted
            self._waiting.append(animation)

        @functools.wraps(real_save)
        def save(animation: Any, *arguments: Any, **options: Any) -> Any:
            self._waiting = [other for other in self._waiting if other is not animation]
            return real_save(animation, *arguments, **options)

        kind.__init__ = init
        kind.save = save
        for name in ("to_jshtml", "to_html5_video"):
            setattr(kind, name, self._counted_as_shown(getattr(kind, name)))

    def _counted_as_shown(self, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def method(animation: Any, *arguments: Any, **options: Any) -> Any:
            self._waiting = [other for other in self._waiting if other is not animation]
            return real(animation, *arguments, **options)

        return method

    def _drive(self, animation: Any) -> None:
        if os.getpid() != self._process:
            return
        animation._init_draw()
        for frame in self._frames(animation):
            animation._func(frame, *_extra_arguments(animation))

    def _frames(self, animation: Any) -> Iterator[object]:
        limit = _frames_limit(animation)
        for count, frame in enumerate(animation.new_frame_seq()):
            if count >= limit:
                self.notes.append(f"an animation without an end was stopped after {limit} frames")
                return
            yield frame


def _opens_windows(backend: object) -> bool:
    name = str(backend).lower()
    return not name.startswith("module:") and name not in {
        "agg", "cairo", "pdf", "pgf", "ps", "svg", "template",
    }  # fmt: skip


def _extra_arguments(animation: Any) -> tuple[object, ...]:
    """What ``fargs`` gives; newer versions of Matplotlib bind it into the function itself."""
    return tuple(getattr(animation, "_args", None) or ())


def _frames_limit(animation: Any) -> int:
    """How many frames are run at most: none is cut off where their number is known."""
    if getattr(animation, "_save_count", None) is not None:
        return int(animation._save_count)
    return COUNTED_FRAMES_COUNT if animation._iter_gen is itertools.count else GENERATED_FRAMES_COUNT
