"""The array compiler: NumPy statements become fused loops over cells, in plain Python.

``lifting`` reads the statements into a program of definitions, ``loops`` schedules and writes them; what
both speak of (the IR, sizes, names) and what calls them stands here. The loops are ordinary Python; the
kernel compiler outlines them and Numba compiles them. :mod:`pdeperf.gpu` writes the same programs as CUDA.
"""
