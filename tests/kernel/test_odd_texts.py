"""Scripts of every shape of text: tabs, comments anywhere, lines continued, names that clash.

Each is rewritten and run on the inputs named, without Numba's compilation: only the text is in question.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HEAD = """import numpy as np
n = 6
u = np.arange(6.0)
v = np.zeros(6)
"""

CASES: dict[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "tabs": (
        (
            HEAD
            + (
                "def f(u, v):\n"
                "\tfor i in range(1, n):  # hot\n"
                "\t\tif u[i] > 1:\n"
                "\t\t\tv[i] = u[i] + u[i-1]\n"
                "\treturn v\n"
                "print(f(u, v))\n"
            )
        ),
        (),
    ),
    "tabs guarded": (
        (
            HEAD
            + (
                "import sys\n"
                "u = np.array([float(x) for x in '0 1 2 3 4 5'.split()]).astype((sys.argv + ['f8'])[1])\n"
                "def f(u, v):\n"
                "\tfor i in range(1, n):  # hot\n"
                "\t\tif u[i] > 1:\n"
                "\t\t\tv[i] = u[i] + u[i-1]\n"
                "\treturn v\n"
                "print(f(u, v))\n"
            )
        ),
        (("f4",),),
    ),
    "crlf": (
        (
            "import numpy as np\r\n"
            "n = 6\r\n"
            "u = np.arange(6.0)\r\n"
            "v = np.zeros(6)\r\n"
            "import sys\r\n"
            "u = u.astype(sys.argv[1] if len(sys.argv)>1 else 'f8')\r\n"
            "for i in range(1, n):  # hot\r\n"
            "    v[i] = u[i] + u[i-1]\r\n"
            "print(v)\r\n"
        ),
        (("f4",),),
    ),
    "formfeed": ((HEAD + ("\x0c\nfor i in range(1, n):  # hot\n    v[i] = u[i] + u[i-1]\nprint(v)\n")), ()),
    "formfeed in body": (
        (HEAD + ("for i in range(1, n):  # hot\n    v[i] = u[i] + u[i-1]\n\x0c\n    v[i] += 1\nprint(v)\n")),
        (),
    ),
    "backslash": (
        (HEAD + ("for i in range(1, # hot\n  n):\n    v[i] = u[i] \\\n  + u[i-1]\nprint(v)\n")),
        (),
    ),
    "col0 comments": (
        (
            HEAD
            + """for k in range(2):
  for i in range(1, n):  # hot
# comment
      v[i] = u[i] + u[i-1]
# more
      u[i] += 1
print(v)
"""
        ),
        (),
    ),
    "col0 comments guarded": (
        (
            HEAD
            + """import sys
u=u.astype(sys.argv[1] if len(sys.argv)>1 else 'f8')
def f(u,v):
  for i in range(1, n):  # hot
# comment
      v[i] = u[i] + u[i-1]
# more
      u[i] += 1
  return v
print(f(u,v))
"""
        ),
        (("f4",),),
    ),
    "semicolons": (
        (
            HEAD
            + """for i in range(1, n):  # hot
    a = u[i]; b = u[i-1]; v[i] = a * b
print(v)
"""
        ),
        (),
    ),
    "semicolon after": (
        (
            HEAD
            + """s = 0.0
for i in range(1, n):  # hot
    s += u[i]; v[i] = s
print(v); print(s)
"""
        ),
        (),
    ),
    "one-line loop": (
        (
            HEAD
            + """for i in range(1, n): v[i] = u[i] + u[i-1]  # hot
print(v)
"""
        ),
        (),
    ),
    "one-line nested": (
        (
            HEAD
            + """for k in range(3):
    for i in range(1, n): v[i] = u[i] + u[i-1]; u[i] += 1 # hot
print(v)
"""
        ),
        (),
    ),
    "defaults with comma": (
        (
            HEAD
            + """c=2.0
def g(a, b=(-1), *, d=1.0):
    return a + b + d
for i in range(1, n):  # hot
    v[i] = g(u[i])
print(v)
"""
        ),
        (),
    ),
    "annotated params": (
        (
            HEAD
            + """c=2.0
def g(a: float, b: 'x, y' = 1.0) -> float:
    return a*c + b
for i in range(1, n):  # hot
    v[i] = g(u[i])
print(v)
c=3.0
"""
        ),
        (),
    ),
    "call with space": (
        (
            HEAD
            + """c=2.0
def g(a, b=1.0):
    return a*c + b
for i in range(1, n):  # hot
    v[i] = g (u[i]) + (g)(u[i-1]) + g(
   u[i],
  b=2.0)
print(v)
c=3.0
"""
        ),
        (),
    ),
    "call no args": (
        (
            HEAD
            + """c=2.0
def g():
    return c
for i in range(1, n):  # hot
    v[i] = g() + g( )
print(v)
c=3.0
"""
        ),
        (),
    ),
    "closures two deep": (
        (
            HEAD
            + """def a():
    x=2.0
    def b():
        y=3.0
        def g(z):
            return z*x+y
        for i in range(1,n):  # hot
            v[i] = g(u[i])*x
        return v
    return b()
print(a())
"""
        ),
        (),
    ),
    "del": (
        (
            HEAD
            + """for i in range(1, n):  # hot
    t = u[i]
    v[i] = t
del t, i
print(v)
"""
        ),
        (),
    ),
    "del inside": (
        (
            HEAD
            + """for i in range(1, n):  # hot
    t = u[i]
    v[i] = t
    del t
print(v)
"""
        ),
        (),
    ),
    "try finally": (
        (
            HEAD
            + """try:
    for i in range(1, n):  # hot
        t = u[i]
        v[i] = t*2
finally:
    print(i)
print(v)
"""
        ),
        (),
    ),
    "try except index": (
        (
            HEAD
            + """try:
    for i in range(1, n+3):  # hot
        t = u[i]
        v[i] = t*2
except IndexError:
    print('end', i, t)
print(v)
"""
        ),
        (),
    ),
    "for else break": (
        (
            HEAD
            + """for i in range(1, n):  # hot
    if u[i] > 30:
        break
    v[i] = u[i]
else:
    print('none')
print(v)
"""
        ),
        (),
    ),
    "for else break 2": (
        (
            HEAD
            + """k=-1
for j in range(3):
    for i in range(1, n):  # hot
        if u[i] > 3:
            k=i
            break
        v[i] = u[i]
    else:
        k=0
    v[0]+=k
print(v)
"""
        ),
        (),
    ),
    "tuple return": (
        (
            HEAD
            + """def f():
    for i in range(n):  # hot
        v[i] = u[i]*2
    return u, v
print(f())
"""
        ),
        (),
    ),
    "early return": (
        (
            HEAD
            + """def f(lim):
    for i in range(n):  # hot
        v[i] = u[i]*2
        if v[i] > lim:
            return i, v
    return -1, v
print(f(3), f(100))
"""
        ),
        (),
    ),
    "complex": (
        (
            HEAD
            + """c = np.zeros(n, dtype=complex)
for i in range(1,n):  # hot
    c[i] = (c[i-1] + 1j*u[i])*(0.3-0.2j)/(1+2j)
print(c.tolist())
"""
        ),
        (),
    ),
    "ragged": (
        (
            """r=[[1.0],[2.0,3.0],[]]
s=0.0
for i in range(3):  # hot
    for j in range(len(r[i])):
        s+=r[i][j]
print(s)
"""
        ),
        (),
    ),
    "empty list": (
        (
            """import sys
r=[float(x) for x in range(int(sys.argv[1]) if len(sys.argv)>1 else 3)]
s=0.0
for i in range(len(r)):  # hot
    s+=r[i]
    r[i]=s
print(s,r)
"""
        ),
        (("0",), ("1",)),
    ),
    "row of nested": (
        (
            """g=[[float(i*j) for j in range(4)] for i in range(4)]
for i in range(1,4):  # hot
    row=g[i]
    for j in range(4):
        row[j]=row[j]+g[i-1][j]
print(g)
"""
        ),
        (),
    ),
    "for row in": (
        (
            """g=[[float(i*j) for j in range(4)] for i in range(4)]
s=0.0
for row in g:  # hot
    for x in row:
        s+=x
print(s)
"""
        ),
        (),
    ),
    "staticmethod": (
        (
            HEAD
            + """class A:
    c=2.0
    @staticmethod
    def g(a,b):
        return a*b
    def run(self):
        for i in range(1,n):  # hot
            v[i]=self.g(u[i],self.c)+A.g(1.0,u[i])
A().run()
print(v)
"""
        ),
        (),
    ),
    "overridden": (
        (
            HEAD
            + """class A:
    def g(self,a):
        return a*2
    def run(self):
        for i in range(1,n):  # hot
            v[i]=self.g(u[i])
class B(A):
    def g(self,a):
        return a*3
B().run()
print(v)
"""
        ),
        (),
    ),
    "dataclass": (
        (
            HEAD
            + """from dataclasses import dataclass
@dataclass
class Par:
    c: float = 0.5
    m: int = 3
p=Par(c=2.0)
for i in range(1,n):  # hot
    v[i]=p.c*u[i]+p.m
print(v)
"""
        ),
        (),
    ),
    "try import": (
        (
            """try:
    import numpy as np
except ImportError:
    np=None
u=np.arange(5.0)
for i in range(5):  # hot
    u[i]=u[i]*2+np.sqrt(u[i])
print(u)
"""
        ),
        (),
    ),
    "if import": (
        (
            """import sys
if sys.version_info > (3,):
    import numpy as np
    from math import sqrt
u=np.arange(5.0)
for i in range(5):  # hot
    u[i]=u[i]*2+sqrt(u[i])
print(u)
"""
        ),
        (),
    ),
    "name njit": (
        (
            HEAD
            + """njit=3
for i in range(1,n):  # hot
    v[i]=u[i]*njit
print(v, njit)
"""
        ),
        (),
    ),
    "name np": (
        (
            """import numpy
np=4
u=numpy.arange(5.0)
r=[1.0,2.0,3.0]
for i in range(3):  # hot
    u[i]=u[i]*np
    r[i]=r[i]*2
print(u,r,np)
"""
        ),
        (),
    ),
    "np local": (
        (
            """import numpy
r=[1.0,2.0,3.0]
def f(np):
    for i in range(3):  # hot
        r[i]=r[i]*np
    return r
print(f(4))
"""
        ),
        (),
    ),
    "walrus": (
        (
            HEAD
            + """for i in range(1,n):  # hot
    if (t := u[i]*2) > 3:
        v[i]=t
print(v)
"""
        ),
        (),
    ),
    "match": (
        (
            HEAD
            + """for i in range(1,n):  # hot
    match i % 3:
        case 0:
            v[i]=1
        case _:
            v[i]=u[i]
print(v)
"""
        ),
        (),
    ),
    "annassign": (
        (
            HEAD
            + """s: float = 0.0
for i in range(1,n):  # hot
    t: float = u[i]*2
    k: int
    s += t
    v[i]=t
print(v,s)
"""
        ),
        (),
    ),
    "async": (
        (
            HEAD
            + """import asyncio
async def f():
    for i in range(1,n):  # hot
        v[i]=u[i]*2
    await asyncio.sleep(0)
    for k in range(2):
        for i in range(1,n):
            v[i]+=u[i]*2
        await asyncio.sleep(0)
    return v
print(asyncio.run(f()))
"""
        ),
        (),
    ),
    "generator fn": (
        (
            HEAD
            + """def f():
    for k in range(3):
        for i in range(1,n):  # hot
            v[i]+=u[i]*2
        yield v.sum()
print(list(f()))
"""
        ),
        (),
    ),
    "lambda default": (
        (
            HEAD
            + """g=lambda x, c=2.0: x*c
for i in range(1,n):  # hot
    v[i]=g(u[i])+g(u[i],c=3.0)
print(v)
"""
        ),
        (),
    ),
    "lambda multi-line": (
        (
            HEAD
            + """g=(lambda x,
   c=2.0: x*c
   + n)
for i in range(1,n):  # hot
    v[i]=g(u[i])
print(v)
n=7
"""
        ),
        (),
    ),
    "unicode names": (
        (
            HEAD
            + """Δt=0.1
α=2.0
for i in range(1,n):  # hot — Gleichung ü
    v[i]=α*Δt*u[i]+  (u[i-1]) # ∂²u/∂x²
print(v)
"""
        ),
        (),
    ),
    "docstring fn": (
        (
            HEAD
            + """c=2.0
def g(a):
    '''doc
    more'''
    return a*c
for i in range(1,n):  # hot
    v[i]=g(u[i])
print(v)
c=3
"""
        ),
        (),
    ),
    "string stmt in loop": (
        (
            HEAD
            + """for i in range(1,n):  # hot
    'note'
    v[i]=u[i]
print(v)
"""
        ),
        (),
    ),
    "ends without newline": (
        (
            HEAD
            + (
                "def f():\n"
                "    for i in range(1,n):  # hot\n"
                "        v[i]=u[i]*2\n"
                "f()\n"
                "print(v)\n"
                "for i in range(1,n): v[i]=2"
            )
        ),
        (),
    ),
    "turns with tabs and crlf": (
        (
            "import numpy as np\r\n"
            "n = 6\r\n"
            "f = {'u': np.arange(6.0), 'v': np.zeros(6)}\r\n"
            "def g():\r\n"
            "\tfor i in range(1, n):  # hot\r\n"
            "\t\tfor k, a in f.items():  # fields\r\n"
            "\t\t\t# one\r\n"
            "\t\t\ta[i] += a[i - 1] \\\r\n"
            "\t\t\t\t+ 1.0  # two\r\n"
            "\t\t\tif k == 'v':\r\n"
            "\t\t\t\ta[0] = 2\r\n"
            "g()\r\n"
            "print(f)\r\n"
        ),
        (),
    ),
    "turns at the end without newline": (
        (
            HEAD
            + (
                "f = {'u': u, 'v': v}\n"
                "import atexit\n"
                "atexit.register(print, f)\n"
                "for i in range(1, n):  # hot\n"
                "  for k in ('u', 'v'):\n"
                "\n"
                "   f[k][i] += 1.0; f[k][0] = (f[k][i] if k == 'u'\n"
                "  else 2.0)"
            )
        ),
        (),
    ),
    "turns of sums over lines": (
        (
            HEAD
            + """w = [(-1, 0.5), (0, 2.0)]
for i in range(1, n):  # hot
    v[i] = sum(  # weights
        c * u[i + k]  # each
        for k, c in w
    ) + sum(a * u[i] for k, a in w)
print(v)
"""
        ),
        (),
    ),
    "turns on one line": (
        (
            HEAD
            + """f = {'u': u, 'v': v}
for i in range(1, n):  # hot
    for k in f: f[k][i] += 1.0
print(f)
"""
        ),
        (),
    ),
}
REFUSED = {
    "defaults with comma",
    "del inside",
    "try except index",
    "ragged",
    "try import",
    "walrus",
    "match",
}


def main() -> None:
    """Print what became of each script."""
    from tests.kernel.in_process import difference

    for name, (text, inputs) in CASES.items():
        word, details = difference(text, inputs, Path(tempfile.mkdtemp()))
        print(f"\0{name}\1{word}\1{details}")


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple[str, str]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.kernel.test_odd_texts"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = [row.split("\1") for row in done.stdout.split("\0")[1:]]
    return {name: (word, details) for name, word, details in rows}


@pytest.mark.parametrize("name", CASES)
def test_a_text_of_any_shape_is_rewritten_or_left_alone(name, outcomes):
    word, details = outcomes[name]
    assert word == ("refused" if name in REFUSED else "same"), details


if __name__ == "__main__":
    main()
