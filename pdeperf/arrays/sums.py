"""NumPy's order of summation, so that a sum in a kernel has the same bits."""

PAIRWISE = '''@njit(cache=True, error_model="numpy")
def pairwise_sum(values):
    """Sum of a 1-D array in NumPy's order: of its halves, of their halves, and so on."""
    count = values.size
    if count > 128:
        half = count // 2
        half -= half % 8
        return pairwise_sum(values[:half]) + pairwise_sum(values[half:])
    total = 0.0
    whole = 0
    if count >= 8:
        r0, r1, r2, r3 = values[0], values[1], values[2], values[3]
        r4, r5, r6, r7 = values[4], values[5], values[6], values[7]
        whole = count - count % 8
        for i in range(8, whole, 8):
            r0 += values[i]
            r1 += values[i + 1]
            r2 += values[i + 2]
            r3 += values[i + 3]
            r4 += values[i + 4]
            r5 += values[i + 5]
            r6 += values[i + 6]
            r7 += values[i + 7]
        total += ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
    for i in range(whole, count):
        total += values[i]
    return total
'''
"""As NumPy's ``pairwise_sum`` (numpy/_core/src/umath/loops_utils.h.src); ``np`` is NumPy's name.

One function that calls itself: with a stack in arrays, or a part passed by its first place, which is the
literal 0 at first, Numba compiles three functions and several signatures, and takes three times as long.
"""
