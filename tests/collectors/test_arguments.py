"""What the names in the loops hold, seen without running any of the user's code."""

from pdeperf.collectors.arguments import COLLECTOR


def test_an_array_is_described_by_dtype_shape_and_layout(watch):
    _, rows = watch(
        COLLECTOR,
        main="""
        import numpy as np
        u = np.zeros((4, 6), dtype=np.float32)
        f = np.asfortranarray(np.ones((3, 5)))
        s = u[::2]
        s.flags.writeable = False
        for i in range(3):
            u[i, 0] = f[i, 0] + s[0, 0]
        """,
    )
    assert rows.values("type", "u") == {"numpy.ndarray"}
    assert rows.values("dtype", "u") == {"float32"}
    assert rows.values("ndim", "u") == {2.0}
    assert rows.values("shape", "u") == {"4x6"}
    assert [rows.values("layout", name) for name in "ufs"] == [{"C"}, {"F"}, {"strided"}]
    assert rows.values("writeable", "s") == {0.0}
    assert rows.values("shares_memory", "s|u") == {1.0}
    assert not rows.values("shares_memory", "f|u")


def test_paths_through_attributes_and_keys_are_followed(watch):
    _, rows = watch(
        COLLECTOR,
        main="""
        import numpy as np
        class Grid:
            def __init__(self): self.dx = 0.5
        class Solver:
            def __init__(self):
                self.grid = Grid()
                self.p = {'c': 1.5, 'scheme': 'upwind'}
                self.fields = [np.zeros(3), np.ones(3)]
            def run(self):
                for i in range(3):
                    self.fields[0][i] += self.grid.dx * self.p['c']
                    if self.p['scheme'] == 'upwind':
                        pass
        Solver().run()
        """,
    )
    assert rows.values("value", "self.grid.dx", 11) == {"0.5"}
    assert rows.values("value", "self.p['c']", 11) == {"1.5"}
    assert rows.values("value", "self.p['scheme']", 11) == {"'upwind'"}
    assert rows.values("type", "self.fields[0]", 11) == {"numpy.ndarray"}
    assert rows.values("type", "self.fields", 11) == {"list[numpy.ndarray]"}
    assert rows.values("dtype", "self.fields[]", 11) == {"float64"}
    assert rows.values("class", "self.grid", 11) == {"main.py:Grid"}


def test_properties_are_named_and_never_run(watch):
    run, rows = watch(
        COLLECTOR,
        main="""
        calls = []
        class Lazy:
            @property
            def area(self):
                calls.append(1)
                return 2.0
            def __getattr__(self, name):
                calls.append(1)
                return 3.0
        class Sealed:
            def __getattribute__(self, name):
                calls.append(1)
                return 4.0
        lazy, sealed = Lazy(), Sealed()
        for i in range(2):
            if i > 5:
                x = lazy.area + lazy.missing + sealed.anything
        print(len(calls))
        """,
    )
    assert run.finished.stdout.strip() == "0"
    for subject in ("lazy.area", "lazy.missing", "sealed.anything"):
        assert rows.values("property", subject) == {"1"}
        assert not rows.values("type", subject)


def test_namespaces_are_looked_into(watch):
    _, rows = watch(
        COLLECTOR,
        main="""
        import argparse
        from types import SimpleNamespace
        class Bunch(dict):
            def __init__(self, **entries):
                super().__init__(entries)
                self.__dict__ = self
        par, given, bunch = SimpleNamespace(n=4), argparse.Namespace(h=0.5), Bunch(dt=0.25)
        for i in range(2):
            x = par.n + given.h + bunch.dt
        """,
    )
    for subject, value in (("par.n", "4"), ("given.h", "0.5"), ("bunch.dt", "0.25")):
        assert rows.values("value", subject) == {value}
        assert not rows.values("property", subject)


def test_callables_are_named_by_where_they_are_defined(watch):
    _, rows = watch(
        COLLECTOR,
        main="""
        import math
        import numpy as np
        from physics import flux
        def outer():
            def source(x):
                return x
            return source
        source = outer()
        law = lambda a: 2 * a
        for i in range(2):
            y = flux(1.0) + source(2.0) + law(1.0) + np.sqrt(2.0) + math.sin(1.0)
        """,
        physics="""
        import functools

        @functools.lru_cache
        def cached(a):
            return a

        def flux(a):
            return 0.5 * a * a
        """,
    )
    assert rows.values("function", "flux", 11) == {"physics.py:8:flux"}
    assert rows.values("function", "source", 11) == {"main.py:6:outer.<locals>.source"}
    assert rows.values("function", "law", 11) == {"main.py:10:<lambda>"}
    assert rows.values("function", "np.sqrt", 11) == {"numpy.sqrt"}
    assert rows.values("function", "math.sin", 11) == {"math.sin"}
    assert rows.values("type", "a", 8) == {"float"}
    assert rows.values("calls_count", "", 8) == {2.0}


def test_several_types_of_one_name_are_several_rows_and_constants_are_told_from_variables(watch):
    _, rows = watch(
        COLLECTOR,
        main="""
        import numpy as np
        u = np.ones(5)
        err, tol, n = 1, 1e-3, 5
        while err > tol:
            u *= 0.1
            err = np.abs(u).max()
            for i in range(n):
                pass
        """,
    )
    assert rows.values("type", "err", 5) == {"int", "numpy.float64"}
    assert not rows.values("value", "err")
    assert rows.values("value", "tol") == {"0.001"}
    assert rows.values("value", "n") == {"5"}
    assert not rows.values("value", "i")
    assert rows.values("entries_count", "", 8) == {4.0}


def test_nested_lists_tell_their_elements_and_whether_their_rows_are_one_object(watch):
    _, rows = watch(
        COLLECTOR,
        main="""
        good = [[0.0] * 3 for _ in range(4)]
        trap = [[0.0] * 3] * 4
        mixed = [1, 2.0]
        for i in range(3):
            good[i][i] = trap[i][i] + mixed[0]
        """,
    )
    assert rows.values("type", "good") == {"list[list[float]]"}
    assert rows.values("shape", "good") == {"4x3"}
    assert rows.values("rows_distinct", "good") == {1.0}
    assert rows.values("rows_distinct", "trap") == {0.0}
    assert rows.values("type", "mixed") == {"list[float|int]"}


def test_two_names_of_one_array_are_the_same_object(watch):
    _, rows = watch(
        COLLECTOR,
        main="""
        import numpy as np
        u = np.zeros(3)
        un = u
        for i in range(2):
            u[i] = un[i]
        """,
    )
    assert rows.values("same_object", "u|un") == {1.0}
    assert rows.values("shares_memory", "u|un") == {1.0}


def test_a_name_that_becomes_an_alias_late_is_seen(watch):
    _, rows = watch(
        COLLECTOR,
        main="""
        import numpy as np
        u, un = np.zeros(3), np.zeros(3)
        for n in range(8):
            if n == 5:
                un = u
            for i in range(2):
                u[i] = un[i]
        """,
    )
    assert rows.values("shares_memory", "u|un", 7) == {1.0}


def test_an_unbound_local_is_not_mistaken_for_a_global(watch):
    _, rows = watch(
        COLLECTOR,
        main="""
        x = 'global'
        def f():
            for i in range(2):
                if i > 5:
                    x = 1.0
        f()
        """,
    )
    assert not rows.values("type", "x", 4)


def test_a_compiled_function_is_left_alone(watch):
    run, rows = watch(
        COLLECTOR,
        main="""
        import numpy as np
        from numba import int32, njit
        from numba.experimental import jitclass
        @njit
        def inner(u):
            return u[0]
        def kernel(u):
            s = 0.0
            for i in range(len(u)):
                s += inner(u)
            return s
        @jitclass([("n", int32)])
        class Box:
            def __init__(self):
                self.n = 0
                for k in range(2):
                    self.n += k
        fast = njit(kernel)
        for n in range(2):
            r = fast(np.ones(3)) + Box().n
        print(r)
        """,
    )
    assert run.complete, run.finished.stderr
    assert run.finished.stdout.strip() == "4.0"
    assert rows.values("function", "fast") == {"main.py:8:kernel"}


def test_a_run_that_is_cut_short_still_tells_what_its_open_loops_hold(watch):
    run, rows = watch(
        COLLECTOR,
        limit_s=1.0,
        main="""
        import numpy as np
        def solve():
            u = np.ones(10)
            while True:
                err = float(u.sum())
                u = u * 0.5
        solve()
        """,
    )
    assert not run.complete
    assert rows.values("type", "err", 5) == {"float"}


def test_the_script_behaves_as_if_nobody_looked(watch):
    program = '''
        """A docstring."""
        from __future__ import annotations
        import sys
        class Walker:
            __slots__ = ("__secret",)
            def __init__(self):
                """Doc."""
                self.__secret = 0
            def walk(self):
                global total
                for self.__secret in range(3):
                    total += 1
                else:
                    total += 10
                return self.__secret
        total = 0
        def numbers():
            for i in range(3):
                yield i
        w = Walker()
        print(w.walk(), total, list(numbers()), Walker.__init__.__doc__, __doc__)
        match total:
            case 13:
                for k in (1, 2):
                    if k == 2:
                        break
        try:
            for z in [1]:
                raise ValueError
        except ValueError:
            while True:
                break
        print(sorted(name for name in globals() if "pdeperf" in name), k, z)
        sys.exit(0)
        '''
    run, rows = watch(COLLECTOR, main=program)
    assert run.complete, run.finished.stderr
    assert run.finished.stdout.splitlines() == ["2 13 [0, 1, 2] Doc. A docstring.", "[] 2 1"]
    assert rows.values("entries_count", "", 12) == {1.0}
    assert not [row for row in rows if row.metric == "unobservable"]


def test_the_trips_of_a_loop_are_told_from_its_header(watch):
    _, rows = watch(
        COLLECTOR,
        main="""
        import numpy as np
        u = np.zeros((7, 5))
        T, dt = 1.0, 0.25
        for n in range(int(T / dt)):
            for i in range(1, u.shape[0] - 1):
                pass
            for j, v in enumerate(u[0]):
                pass
            for row in u:
                pass
            for k in reversed(range(len(u))):
                pass
        for x in (y for y in u):
            pass
        """,
    )
    assert [rows.values("trip_count", line=line) for line in (5, 6, 8, 10, 12, 14)] == [
        {4.0},
        {5.0},
        set(),
        {7.0},
        {7.0},
        set(),
    ]
