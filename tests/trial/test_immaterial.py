"""What a rewrite by hand may drop, and what it may not."""

from pdeperf.trial.immaterial import immaterial_names, rebound_names, replaced_names, untouched_names


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


def replaced(source: str) -> frozenset[str]:
    return replaced_names({"solver.py": source}, "solver.py")["f"]


def test_a_copy_under_a_parameters_name_is_the_functions_own() -> None:
    source = "def f(c, d):\n    n = len(d)\n    c = c[:]\n    d = d.copy()\n    d[0] = c[0]\n    return d\n"
    assert replaced(source) == {"c", "d"}
    assert names(source) == {"f():c", "f():n"}


def test_what_was_given_and_changed_before_is_still_a_result() -> None:
    assert replaced("def f(c):\n    c[0] = 1\n    c = c.copy()\n    return c\n") == frozenset()
    assert replaced("def f(c):\n    fill(c)\n    c = c + 1\n") == frozenset()
    assert replaced("def f(c, d):\n    c = d\n    c[0] = 1\n") == frozenset()


def test_a_parameter_that_is_only_handed_on_is_what_was_given() -> None:
    source = "def f(a, b, d):\n    a[0] = 1\n    b = b + 1\n    return solve(a, b, d)\n"
    assert untouched_names({"solver.py": source}, "solver.py")["f"] == {"d"}


def test_a_parameters_name_that_is_used_for_something_else_is_found() -> None:
    source = "def f(a, b):\n    a = pad(a)\n    b[0] = 1\n    return a\n"
    assert rebound_names({"solver.py": source}, "solver.py")["f"] == {"a"}
