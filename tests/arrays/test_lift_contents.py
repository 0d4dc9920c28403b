"""States in dicts and lists: their arrays are taken out where a step begins, put together where it ends."""

import pytest

from pdeperf.model import Candidate
from tests.arrays.in_process import proposals
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n = 9
h = 1.0 + 0.1 * np.sin(np.arange(n) * 0.7)
m = 0.1 * np.cos(np.arange(n) * 0.4)
log = []


def slope(f):
    return 0.5 * (np.roll(f, -1) - np.roll(f, 1))


def flux(u):
    return {"h": u["m"], "m": u["m"] ** 2 / u["h"] + 0.5 * u["h"] ** 2}


def step(u, dt):
    f = flux(u)
    new = {}
    for k in u:
        new[k] = u[k] - dt * slope(f[k])
    return new


def plus(u, c, du):
    return {k: u[k] + c * du[k] for k in u}


def rhs(a, b):
    return -slope(b), -slope(b * b / a + 0.5 * a * a)


def changed(u):
    u["h"] = u["h"] * 0.5
    return 0.0


"""
DICT = '{"h": h, "m": m}'
STEPS = {
    "made anew": (DICT, "state = step(state, 0.1)\nlog.append(state['h'].max())"),
    "written out": (DICT, "f = flux(state)\nstate = {**state, 'm': state['m'] - 0.1 * slope(f['m'])}"),
    "comprehensions": (DICT, "k = flux(state)\nk = flux(plus(state, 0.05, k))\nstate = plus(state, 0.1, k)"),
    "items": (DICT, "f = flux(state)\nstate = {k: q - 0.1 * slope(f[k]) for k, q in state.items()}"),
    "values": (DICT, "a, b = [slope(q) for q in state.values()]\nstate = {'h': h - a, 'm': b * state['m']}"),
    "kept": (DICT, "log.append(state)\nstate = step(state, 0.1)\nlog.append(state['m'])"),
    "only read": (DICT, "h = h + 0.1 * sum(slope(q) for q in state.values())\nm[:] = h * state['m']"),
    "an array twice": (
        '{"h": h, "m": h}',
        "state = {'h': state['m'], 'm': state['h'] + 0.1 * slope(state['h'])}",
    ),
    "read after a number": (
        DICT,
        "w = {'h': state['h'], 'm': state['m'] / state['h']}\nc = 0.1 / np.max(np.abs(w['m']))\n"
        "state['h'][1:-1] -= min(c, 0.1) * (w['h'][2:] - w['m'][:-2])\n"
        "state['m'][1:] += 0.1 * slope(w['h'])[1:] * w['m'][1:]",
    ),
    "a list": (
        "[h, m]",
        "k = rhs(*state)\nstate = [u + 0.1 * d for u, d in zip(state, k)]\nlog.append(state)",
    ),
    "two stages": (
        "[h, m]",
        "k = rhs(*state)\nl = rhs(*[u + 0.1 * d for u, d in zip(state, k)])\n"
        "state = [u + 0.05 * (a + b) for u, a, b in zip(state, k, l)]\nfor q in state:\n    q[0] = q[-1]",
    ),
    "a tuple": ("(h, m)", "k = rhs(*state)\nstate = tuple(u + 0.1 * d for u, d in zip(state, k))"),
}
LEFT = {
    "changed after a number": (
        DICT,
        "w = flux(state)\nc = 0.1 / np.max(np.abs(w['m']))\nlog.append(changed(w) + c)\n"
        "state = {k: state[k] - c * slope(w[k]) for k in w}",
    ),
    "changed by another name after a number": (
        DICT,
        "w = flux(state)\nold = w\nc = 0.1 / np.max(np.abs(w['m']))\nold['h'] = h\n"
        "state = {k: state[k] - c * slope(w[k]) for k in w}",
    ),
    "kept after a number": (
        DICT,
        "w = flux(state)\nc = 0.1 / np.max(np.abs(w['m']))\nlog.append(w)\nlog[-1]['h'] = c * h\n"
        "state = {k: state[k] - c * slope(w[k]) for k in w}",
    ),
    "an array bound anew after a number": (
        DICT,
        "a = slope(state['m'])\nw = {'h': a, 'm': state['m']}\nc = 0.1 / np.max(np.abs(w['m']))\na = h * c\n"
        "print(a.max())\nstate = {k: state[k] - c * slope(w[k]) + a for k in w}",
    ),
    "changed by a function": (DICT, "state = step(state, 0.1)\nlog.append(changed(state))"),
    "changed": (
        DICT,
        "old = state\nstate['h'] = state['h'] + 0.1\nstate = step(state, 0.1)\nlog.append(old)",
    ),
    "one more": (DICT, "if t == 2:\n    state['x'] = h\nstate = step(state, 0.1) if t < 2 else dict(state)"),
    "other keys": (DICT, "state = step(state, 0.1)\nstate = {'m': state['m'], 'h': state['h']}"),
    "two names": (DICT, "state = step(state, 0.1)\nother = state\nother['h'] = h\nlog.append(state)"),
    "changed later": (DICT, "log.append(state)\nstate = step(state, 0.1)\nlog[0]['h'] = m\nlog[0]['m'] += 1"),
    "longer": (
        "[h, m]",
        "k = rhs(*state[:2])\nstate = [u + 0.1 * d for u, d in zip(state, k)]\nstate.append(m)",
    ),
    "changed in place": ("[h, m]", "k = rhs(*state)\nold = state\nstate[0] = h * k[0]\nlog.append(old)"),
    "of another type": ("[h, m]", "k = rhs(*state)\nstate = np.array([u + d for u, d in zip(state, k)])"),
}


def script(made: str, body: str) -> str:
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    shown = "result = tuple(state.values()) if isinstance(state, dict) else tuple(state)\n"
    shown += "keys = tuple(ord(str(k)[0]) for k in state) if isinstance(state, dict) else ()\n"
    shown += "kinds = (len(state), isinstance(state, list))\n"
    shown += "rows = tuple(tuple(each.values()) if isinstance(each, dict) else each for each in log)\n"
    shown += "shared = tuple(np.shares_memory(a, b) for a in result for b in (*result, h, m))\n"
    return f"{HEAD}state = {made}\nfor t in range(4):  # hot\n{rows}{shown}"


@pytest.mark.parametrize(("made", "body"), STEPS.values(), ids=STEPS.keys())
def test_a_state_in_a_dict_or_a_list_computes_the_same(made, body, tmp_path):
    text = check(script(made, body), tmp_path)
    assert "roll" not in text[text.index("@njit") : text.index("def slope")]


@pytest.mark.parametrize(("made", "body"), LEFT.values(), ids=LEFT.keys())
def test_a_state_that_others_change_computes_the_same(made, body, tmp_path):
    text = script(made, body)
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path) or []):
        check(text, tmp_path)


def test_a_number_of_turns_that_is_an_argument_is_not_the_global_of_that_name(tmp_path):
    body = "def main(u, n):\n    old = u\n    for t in range(n):  # hot\n        u = step(u, 0.1)\n"
    body += (
        "        if t == 2:\n            old = u\n    return u, old\n\n\na, b = main({'h': h, 'm': m}, 4)\n"
    )
    text = f"{HEAD}{body}result = (*a.values(), *b.values())\n"
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path) or []):
        check(text, tmp_path)
