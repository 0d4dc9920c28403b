"""What a script needs to run kernels, written into it once."""

CUPY_IMPORT = """import sys

try:
    import cupy as cp
except ImportError:
    cp = None
"""

FITS_GPU = '''def fits_gpu(least_cells, count, *arrays):
    """Is there a GPU with room for so many arrays, and are these large and of the types it computes?"""
    for array, dtype, ndim in arrays:
        if type(array).__name__ != "ndarray" or (array.dtype, array.ndim) != (dtype, ndim):
            return False
        if not array.flags.writeable:
            return False
    bytes_count = count * max(array.nbytes for array, _, _ in arrays)
    if max(array.size for array, _, _ in arrays) < least_cells:
        return False
    if cp is None:
        problem = "CuPy is not installed"
    else:
        try:
            cp.get_default_memory_pool().free_all_blocks()
            free, _ = cp.cuda.runtime.memGetInfo()
            problem = "" if bytes_count <= free else (
                f"{bytes_count / 1e9:.1f} GB of arrays, {free / 1e9:.1f} GB free on the GPU"
            )
        except cp.cuda.runtime.CUDARuntimeError as error:
            problem = str(error)
    if problem:
        print(f"on the CPU: {problem}", file=sys.stderr)
    return not problem
'''

ON_CELLS = '''def on_cells(kernel, cells, arguments):
    """Run a kernel with one thread for each cell of a box."""
    if min(cells) <= 0:
        return
    if len(cells) == 1:
        block = (256,)
    else:
        width = 32 if cells[-1] >= 32 else 8
        block = (width, 128 // width) if len(cells) == 2 else (width, 128 // width, 2)
    grid = tuple(-(-count // size) for count, size in zip(reversed(cells), block))
    kernel(grid, block, arguments)
'''

IN_TILES = '''def in_tiles(kernel, tile, cells, arguments):
    """Run a kernel with one block of threads for each tile of a box of cells."""
    if min(cells) <= 0:
        return
    grid = tuple(-(-count // size) for count, size in zip(reversed(cells), reversed(tile)))
    kernel(grid, (256,), arguments)
'''

NUMBERS_IN_TILES = '''def numbers_in_tiles(kernel, tile, cells, count, dtype, arguments):
    """Run a kernel as in_tiles does; what each of its blocks makes in each step."""
    blocks = 1
    for length, size in zip(cells, tile):
        blocks *= -(-length // size)
    results = cp.empty((count, blocks), dtype=dtype)
    in_tiles(kernel, tile, cells, (results, *arguments))
    return results
'''

OVER_CELLS = '''def over_cells(kernel, dtype, arguments):
    """What each block of threads makes of its cells, on the host."""
    results = cp.empty(1024, dtype=dtype)
    kernel((1024,), (256,), (results, *arguments))
    return results.get()
'''

FITS_KERNELS = '''def fits_kernels(*arrays):
    """Are these arrays on the GPU, and of the types and in the order that the kernels are written for?"""
    return all(
        isinstance(array, cp.ndarray)
        and (array.dtype, array.ndim, array.flags.c_contiguous) == (dtype, ndim, True)
        for array, dtype, ndim in arrays
    )
'''
