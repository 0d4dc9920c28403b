# rewritten
import numpy as np


def halve(x, least):
    errors = np.array([])
    ones = np.ones(2)
    while True:
        x = x * 0.5
        errors = np.append(errors, abs(x))
        if x < least:
            return x, errors
        if len(errors) > 8:
            return errors
        if errors.size > 9:
            return None


short, many = halve(1.0, 0.1), halve(1e9, 0.1)
errors = np.array([0.5])
x = 0.5
least = 0.5
