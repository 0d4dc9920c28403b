"""What a rewrite by hand may drop, and what it may not."""

from pdeperf.trial.immaterial import immaterial_names


def names(source: str) -> frozenset[str]:
    return immaterial_names({"solver.py": source}, "solver.py")


def test_counters_and_scratch_arrays_are_nobodys_result() -> None:
    found = names(
        "for n in range(9):\n"
        "    un = u.copy()\n"
        "    for i in range(5):\n"
        "        u[i] = un[i] + 1\n"
        "    t = t + dt\n"
    )
    assert found == {"n", "i", "un"}


def test_what_is_read_later_is_a_result() -> None:
    assert names("for n in range(9):\n    w = u * 2\n    u = w + 1\nprint(w)\n") == {"n"}


def test_what_is_only_computed_is_a_result() -> None:
    assert "vorticity" not in names("for n in range(9):\n    u = u + 1\n    vorticity = u * 2\n")


def test_what_a_function_takes_or_gives_is_a_result() -> None:
    source = "def step(u, dt):\n    tmp = u * dt\n    new = u + tmp\n    u[:] = new\n    return new\n"
    assert names(source) == {"step():tmp"}


def test_what_a_main_program_carries_on_is_its_result() -> None:
    source = "def main():\n    u = 1.0\n    for n in range(5):\n        old = u\n        u = old + 1\n"
    assert names(source) == {"main():n", "main():old"}


def test_a_method_is_named_with_its_class() -> None:
    source = (
        "class Heat:\n"
        "    def step(self):\n"
        "        flux = self.u * 2\n"
        "        self.u = flux\n"
        "        return self.u\n"
    )
    assert names(source) == {"Heat.step():flux"}
