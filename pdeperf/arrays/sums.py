"""NumPy's order of summation, so that a sum in a kernel has the same bits."""

PAIRWISE = '''@njit(cache=True, error_model="numpy")
def sum_of_few(values, first, count):
    """Sum of at most 128 elements of a 1-D array, eight at a time."""
    if count < 8:
        total = -0.0
        for i in range(first, first + count):
            total += values[i]
        return total
    r0, r1, r2, r3 = values[first], values[first + 1], values[first + 2], values[first + 3]
    r4, r5, r6, r7 = values[first + 4], values[first + 5], values[first + 6], values[first + 7]
    whole = count - count % 8
    for i in range(first + 8, first + whole, 8):
        r0 += values[i]
        r1 += values[i + 1]
        r2 += values[i + 2]
        r3 += values[i + 3]
        r4 += values[i + 4]
        r5 += values[i + 5]
        r6 += values[i + 6]
        r7 += values[i + 7]
    total = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
    for i in range(first + whole, first + count):
        total += values[i]
    return total


@njit(cache=True, error_model="numpy")
def pairwise_sum(values):
    """Sum of a 1-D array in NumPy's order: of its halves, of their halves, and so on."""
    counts = np.zeros(64, dtype=np.int64)
    lefts = np.zeros(64)
    has_left = np.zeros(64, dtype=np.bool_)
    counts[0] = values.size
    first, depth, total = 0, 0, -0.0
    while depth >= 0:
        if counts[depth] > 128:
            half = counts[depth] // 2
            half -= half % 8
            counts[depth + 1] = counts[depth] - half if has_left[depth] else half
            depth += 1
            has_left[depth] = False
            continue
        total = sum_of_few(values, first, counts[depth])
        first += counts[depth]
        depth -= 1
        while depth >= 0 and has_left[depth]:
            total = lefts[depth] + total
            depth -= 1
        if depth >= 0:
            lefts[depth] = total
            has_left[depth] = True
    return 0.0 + total
'''
"""As NumPy's ``pairwise_sum`` (numpy/_core/src/umath/loops_utils.h.src); ``np`` is NumPy's name."""
