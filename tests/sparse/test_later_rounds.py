"""What a later round writes finds the classes that an earlier one has written."""

import pytest

from pdeperf.source import Module
from pdeperf.source.edits import apply
from pdeperf.sparse.written import Additions

KEEPER = '''
class Keeper:
    """Keeps."""

    def __init__(self, of={numpy}):
        self.of = of
'''


def rewritten(text, name, *, other=False):
    """A file with one keeper more, and with a class that needs it."""
    module = Module("script.py", text)
    added = Additions(module)
    kind = added.definition(KEEPER)
    added.line(f"{name} = {kind}({f'{kind}()' if other else ''})")
    return apply(text, added.edits())


@pytest.mark.parametrize("end", ("\n", "\r\n"))
@pytest.mark.parametrize("body", ("x = 1", "x = 1\n", "\n\nclass Users:\n    pass\n", ""))
def test_every_round_finds_what_the_first_defined(body, end):
    text = f'"""Title."""\nimport math\n{body}'.replace("\n", end)
    for number in range(3):
        text = rewritten(text, f"keeper_{number}", other=number == 1)
    assert text.count("class Keeper") == 1
    assert text.count("\n") == text.count(end)
    bound = {}
    exec(text, bound)
    assert all(type(bound[f"keeper_{number}"]) is bound["Keeper"] for number in range(3))
    assert "keeper_0 = Keeper()\nkeeper_1 = Keeper(Keeper())\nkeeper_2 = Keeper()\n" in text.replace(
        end, "\n"
    )


def test_a_keeper_comes_before_what_the_script_does():
    text = rewritten(rewritten("import math\n\nx = 1\nfirst()\n", "one"), "two")
    assert text.index("two = Keeper()") < text.index("x = 1") < text.index("first()")


def test_a_keeper_does_not_come_after_what_is_made_later():
    text = (
        rewritten("import math\n\nx = 1\n", "one")
        + "\n\nuse = len\n\nlate = Keeper()\nuse(two.of.__name__)\n"
    )
    text = rewritten(text, "two")
    assert text.index("two = Keeper()") < text.index("use = len")


def test_a_class_of_another_text_is_none_that_was_written():
    text = rewritten("import math\n\nclass Keeper:\n    pass\n\n\nKeeper()\n", "one")
    assert "one = Keeper_2()" in text
    exec(text, {})
