"""The array compiler: NumPy statements become fused loops over cells, in plain Python.

lift -> program of definitions -> schedule -> text. The loops are ordinary Python; the kernel
compiler outlines them and Numba compiles them.
"""
