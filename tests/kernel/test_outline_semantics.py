"""What a rewritten loop must not change, and texts where a careless edit does not parse."""


def test_a_function_right_after_the_imports_is_compiled(same_output):
    done = same_output("""import numpy as np
def flux(a):
    return a * a
def total(u):
    s = 0.0
    for i in range(len(u)):  # hot
        s += flux(u[i])
    return s
print(total(np.arange(5.0)))
""")
    assert done.text.index("import njit") < done.text.index("def flux")
