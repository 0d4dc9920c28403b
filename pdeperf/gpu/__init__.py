"""Array programs of a time loop as CUDA kernels and CuPy calls, with the CPU version to fall back to."""
