"""What random scripts do with errors that they catch, flags of small integers, and lists of tuples."""

import random

SETUP = """
from enum import IntEnum

class Cell(IntEnum):
    FLUID = 0
    WALL = 1

flag = (np.arange(n) % 3).astype(np.int8)
mask = np.ones((n, n), dtype=np.uint8)
pairs = [(i, 0.25 * i - 0.5) for i in range(n)]
reserve = [0.5 * number(i - 1) for i in range(n)]

def ratio(a, b):
    try:
        return a / b
    except ZeroDivisionError:
        return 0.0

def root(a):
    b = a - 0.25
    try:
        b = math.sqrt(b)
    except ValueError:
        b = -1.0
    return b

def add(a, b, c):
    return a - b * c
"""

SHOWN = ["print(flag.tolist(), int(mask.sum()), [float(x) for x in reserve])"]


def value(r: random.Random, one: str, at: str) -> str:
    return r.choice(
        [
            f"ratio({one}, reserve[{at}])",
            f"root({one})",
            f"(2.5 * flag[{at}])",
            f"(mask[{at}, {at}] * 0.5)",
            f"np.clip({one}, -1.0, 2.0)",
            f"(1.0 if flag[{at}] == Cell.WALL else {one})",
            f"add(*pairs[0], {one})",
        ]
    )


def rows(r: random.Random, fresh: str, one: str, at: str, other: str, indent: str) -> list[str]:
    """Statements."""
    blocks = [
        [f"flag[{at}] = {r.choice(['0', '1', 'flag[' + other + ']', 'True'])}"],
        [
            f"if flag[{at}] == {r.choice(['2', 'Cell.WALL', 'Cell.FLUID'])} and mask[{at}, 0]:",
            f"    flag[{other}] = 1",
        ],
        [f"mask[{at}, {other}] = {r.choice(['0', '3'])}"],
        [
            f"for {fresh}i, {fresh}w in pairs:",
            f"    reserve[{fresh}i] += {fresh}w * {one}",
        ],
        [
            "try:",
            f"    reserve[{at}] = 1.0 / reserve[{other}]",
            "except ZeroDivisionError:",
            f"    reserve[{at}] = 0.25",
        ],
        [
            "try:",
            f"    {fresh} = reserve[{at} + 1]",
            "except IndexError:",
            f"    {fresh} = -0.5",
            f"reserve[{other}] = 0.5 * {fresh}",
        ],
        [
            "try:",
            f"    {fresh} = {one}",
            f"    {fresh} = min({fresh}, 1.0)",
            "except (ValueError, ZeroDivisionError):",
            f"    {fresh} = -0.5",
            f"reserve[{other}] = 0.5 * {fresh}",
        ],
    ]
    return [indent + row for row in r.choice(blocks)]
