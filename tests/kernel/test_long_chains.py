"""Numbers that rest on each other in long rows."""


def test_hundreds_of_numbers_that_rest_on_each_other(same_output):
    rows = ["a0 = float(n)", *(f"a{number} = a{number - 1} * 0.5 + 1.0" for number in range(1, 150))]
    text = f"""
import numpy as np

n = 20
{chr(10).join(rows)}
u = np.linspace(0.0, 1.0, n)
for k in range(3):  # hot
    for i in range(1, n - 1):
        u[i] = u[i] + 0.1 * a149 * (u[i + 1] - 2.0 * u[i] + u[i - 1])
print(u.sum())
"""
    same_output(text)
