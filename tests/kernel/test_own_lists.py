"""Lists that a kernel makes for itself hold what Python's would."""


def test_a_list_of_zeros_does_not_cut_off_fractions(same_output):
    done = same_output("""
def thomas(a, b, c, d):
    n = len(d)
    cp, k = [0] * n, 1
    dp = [0] * n
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    x = [0] * n
    x[-1] = dp[-1]
    for i in reversed(range(n - 1)):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return x

n = 8
a, b, c = [-1.0] * n, [2.5] * n, [-1.0] * n
total = 0.0
for k in range(4):  # hot
    d = [0.5]
    for i in range(1, n):
        d.append(i * 0.25 + k)
    x = thomas(a, b, c, d)
    for i in range(n):
        total += x[i]
print(total, x.count(9.5))
""")
    assert "x = [0.0] * n" in done.text
    assert "        d = np.empty(1 + len(range(1, n)))\n" in done.text.partition("def thomas(")[0]


def test_a_list_that_grows_in_a_loop_is_compiled(same_output):
    done = same_output("""
import numpy as np

def fluxes(u, n):
    f = []
    for i in range(n - 1):  # hot
        if u[i] > 0.5:
            f.append(0.5 * (u[i] + u[i + 1]))
        else:
            f.append(0)
    return f

u = np.linspace(0, 1, 9)
for k in range(3):
    f = fluxes(u, 9)
    u[1:-1] -= 0.1 * np.diff(f)
print(u.tolist(), sum(f))
""")
    assert "f.append(0.0)" in done.text


def test_a_list_of_integers_stays_one(same_output):
    same_output("""
n = 7
found = 0
for k in range(3):  # hot
    order = [0] * n
    ends = []
    for i in range(n):
        order[i] = n - 1 - i
        ends.append(i)
    for i in range(n):
        found += order[order[i]] * ends[i]
print(found)
""")


def test_a_list_of_integers_with_values_of_unknown_kind_is_refused(rewrite):
    done = rewrite("""
def pair(i):
    return 0.5 * i, i

n = 7
found = 0
for k in range(3):  # hot
    x = [0] * n
    for i in range(n):
        x[i], last = pair(i)
    found += x[3]
print(found)
""")
    assert "begins with integers" in done.reasons
    assert not any("x = [0] * n" in c.patches[0].after.partition("def pair")[0] for c in done.candidates)


def test_a_list_of_zeros_that_receives_complex_numbers_holds_them(same_output):
    done = same_output("""
n = 6
total = 0
for k in range(1, 4):  # hot
    z = [0] * n
    for i in range(1, n):
        z[i] = z[i - 1] + 1j * i * k
    for i in range(n):
        total += z[i]
print(total)
""")
    assert "z = [0j] * n" in done.text
