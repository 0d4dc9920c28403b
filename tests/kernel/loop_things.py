"""What random scripts do with a few things: objects of several classes, functions, fields by name, dicts."""

import random

SETUP = """
class Wall:
    def __init__(self, level, size):
        self.level, self.total = level, number(0)
        self.c = (np.arange(size) * 0.5).astype(kind)

    def value(self, a):
        return self.level - a

class Inlet(Wall):
    def value(self, a):
        return 0.5 * a + self.total

class Free:
    total = 0.25

    def __init__(self, size):
        self.c = np.ones(size)

    def value(self, a):
        return a

def growth(a):
    return 0.5 * a

def decay(a):
    return 1.0 - a

sides = [Wall(number(2), n), Inlet(0.5, n), Free(n)]
twins = [Wall(0.25, n), Wall(number(1), n)]
terms = [growth, decay] if n != 3 else (decay, growth, growth)
named = {"p": np.arange(n) * 0.25, "q": np.zeros(n).astype(kind)}
rates = {"p": number(1), "q": 0.5}
taps = [{"at": 0, "amp": number(1)}, {"at": n - 1, "amp": 0.5}]
stencil = [(-1, 0.5), (0, number(1)), (1, -0.25)]
if n == 2:
    twins[1] = twins[0]
if n == 12:
    named["q"] = named["p"]
    sides.append(sides[0])
"""

SHOWN = [
    "print([(float(one.total), one.c.tolist()) for one in sides + twins])",
    "print([float(one['amp']) for one in taps], {name: float(rate) for name, rate in rates.items()})",
    "print({name: field.tolist() for name, field in named.items()})",
]


def value(r: random.Random, one: str, at: str) -> str:
    return r.choice(
        [
            f"sum(term({one}) for term in terms)",
            f"max(side.value({one}) for side in sides)",
            f"sum(w * U[({at} + k) % n] for k, w in stencil)",
            f"sum(tap['amp'] for tap in taps) * {one}",
            f"min(term({one}) for term in terms)",
        ]
    )


def rows(r: random.Random, fresh: str, one: str, at: str, other: str) -> list[str]:
    """Statements."""
    blocks = [
        [
            f"for {fresh} in twins:",
            f"    {fresh}.c[{at}] += {fresh}.level * {one}",
            f"    {fresh}.total += {one}",
        ],
        [
            f"for {fresh} in twins:",
            f"    {fresh}.level = 0.5 * {fresh}.level",
            f"    {fresh}.c[{other}] = 0.25",
        ],
        [f"for {fresh}, {fresh}f in named.items():", f"    {fresh}f[{at}] -= rates[{fresh}] * {one}"],
        [
            f"for {fresh} in ('p', 'q'):",
            f"    if {fresh} == 'q':",
            f"        named[{fresh}][{at}] = named['p'][{other}] * 0.5",
            "    else:",
            f"        rates[{fresh}] = rates[{fresh}] * 0.5",
        ],
        [
            f"for {fresh}i, {fresh} in enumerate(taps):",
            f"    U[{fresh}['at']] += {fresh}['amp'] * {fresh}i",
        ],
        [
            f"for {fresh} in taps:",
            f"    {fresh}['amp'] += 0.5",
            f"    named['p'][{fresh}['at']] = {one}",
        ],
        [
            f"for {fresh}, {fresh}w in zip(('p', 'q'), rates.values()):",
            f"    named[{fresh}][{at}] += {fresh}w * {one}",
        ],
        [
            f"for {fresh}, ({fresh}n, {fresh}w) in zip(twins, [('p', -1), ('q', 0.5)]):",
            f"    {fresh}.total += {fresh}w * named[{fresh}n][{at}]",
            f"    if {fresh}n == 'q' and {one} > 0.5:",
            f"        {fresh}.c[{other}] = -{fresh}w",
        ],
        [f"for {fresh} in sides:", f"    V[{at}] = {fresh}.value({one})"],
        [
            f"{fresh} = {one}",
            f"for {fresh}t in terms:",
            f"    {fresh} += {fresh}t({fresh})",
            f"V[{at}] = {fresh}",
        ],
    ]
    return r.choice(blocks)
