"""Which names share memory: of ``x.T`` the transposed array, or the user's own attribute."""

import pytest

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.sharing import Sharing
from pdeperf.source import Module, Project


def group(text: str, key: str) -> frozenset[str]:
    module = Module("script.py", text)
    sharing = Sharing(Meaning(Project({"script.py": module}, ())))
    return sharing.group(module, module.tree, key)


@pytest.mark.parametrize(
    "made",
    ["class State:\n    T: object = None\nst = State()", "class State: pass\nst = State()\nst.T = make()"],
    ids=["dataclass", "stored"],
)
def test_a_temperature_that_is_called_t_is_shared_by_its_views(made):
    text = made + "\nfor n in range(3):\n    top = st.T[:, -1]\n    st.T = st.T - 0.1 * top.sum()\n"
    assert "top" in group(text, ".T")


def test_an_attribute_t_that_nobody_stores_is_the_transposed_array():
    assert group("B = A.T\nC = other.T", "B") == {"A", "B"}
