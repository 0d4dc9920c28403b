"""In which form a fused stencil reaches the device's bandwidth: the choice behind the emitter, measured.

``python -m benchmarks.gpu.forms`` on a machine with a GPU.
"""

import json
import sys

import cupy as cp
import numpy as np

CODE = r"""
extern "C" __global__ void heat_2d(const double *__restrict__ u, double *__restrict__ v, const double c,
                                   const long long n0, const long long n1)
{
    const long long i = (long long)blockIdx.y * blockDim.y + threadIdx.y;
    const long long j = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n0 || j >= n1) return;
    if (!(1 <= i && i < n0 - 1 && 1 <= j && j < n1 - 1)) { v[i * n1 + j] = u[i * n1 + j]; return; }
    v[i * n1 + j] = u[i * n1 + j] + c * (u[(i + 1) * n1 + j] + u[(i - 1) * n1 + j] + u[i * n1 + j + 1]
        + u[i * n1 + j - 1] - 4.0 * u[i * n1 + j]);
}
extern "C" __global__ void heat_3d(const double *__restrict__ u, double *__restrict__ v, const double c,
                                   const long long n0, const long long n1, const long long n2)
{
    const long long i = 1 + (long long)blockIdx.z * blockDim.z + threadIdx.z;
    const long long j = 1 + (long long)blockIdx.y * blockDim.y + threadIdx.y;
    const long long k = 1 + (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n0 - 1 || j >= n1 - 1 || k >= n2 - 1) return;
    v[(i * n1 + j) * n2 + k] = u[(i * n1 + j) * n2 + k] + c * (u[((i + 1) * n1 + j) * n2 + k]
        + u[((i - 1) * n1 + j) * n2 + k] + u[(i * n1 + j + 1) * n2 + k] + u[(i * n1 + j - 1) * n2 + k]
        + u[(i * n1 + j) * n2 + k + 1] + u[(i * n1 + j) * n2 + k - 1] - 6.0 * u[(i * n1 + j) * n2 + k]);
}
"""


def device_s(work, repeat=20):
    work()
    found = []
    for _ in range(3):
        first, last = cp.cuda.Event(), cp.cuda.Event()
        first.record()
        for _ in range(repeat):
            work()
        last.record()
        last.synchronize()
        found.append(cp.cuda.get_elapsed_time(first, last) / 1e3 / repeat)
    return min(found)


def told(form, seconds, cells, copy_s_a_byte):
    floor = 16 * cells * copy_s_a_byte
    print(
        json.dumps({"form": form, "us": round(seconds * 1e6, 1), "share": round(floor / seconds, 3)}),
        flush=True,
    )


def main():
    module = cp.RawModule(code=CODE, options=("--fmad=false",))
    plane, cube = module.get_function("heat_2d"), module.get_function("heat_3d")
    n = 8192
    u, v = cp.random.rand(n, n), cp.zeros((n, n))
    copy = device_s(lambda: cp.copyto(v, u)) / (16 * n * n)
    print(json.dumps({"copy_GB_per_s": round(1 / copy / 1e9)}))
    for block in (
        (32, 8),
        (64, 4),
        (128, 2),
        (256, 1),
        (32, 4),
        (32, 16),
        (64, 8),
        (128, 4),
        (128, 1),
        (512, 1),
    ):
        grid = tuple(-(-n // size) for size in block)
        told(
            f"RawKernel 2D {block}",
            device_s(lambda g=grid, b=block: plane(g, b, (u, v, 0.2, n, n))),
            n * n,
            copy,
        )
    elementwise = cp.ElementwiseKernel(
        "raw T u, float64 c, int64 n0, int64 n1",
        "T v",
        """long long r = i / n1, q = i % n1;
        v = r > 0 && r < n0 - 1 && q > 0 && q < n1 - 1
            ? u[i] + c * (u[i + n1] + u[i - n1] + u[i + 1] + u[i - 1] - 4.0 * u[i]) : u[i];""",
        "heat_elementwise",
    )
    told("ElementwiseKernel 2D", device_s(lambda: elementwise(u, 0.2, n, n, v)), n * n, copy)

    @cp.fuse
    def fused(a, b, d, e, f, c):
        return a + c * (b + d + e + f - 4.0 * a)

    def fuse():
        v[1:-1, 1:-1] = fused(u[1:-1, 1:-1], u[2:, 1:-1], u[:-2, 1:-1], u[1:-1, 2:], u[1:-1, :-2], 0.2)

    told("cupy.fuse 2D", device_s(fuse), n * n, copy)
    try:
        from cupyx import jit

        @jit.rawkernel()
        def heat_jit(u, v, c, n0, n1):
            j = jit.blockIdx.x * jit.blockDim.x + jit.threadIdx.x
            i = jit.blockIdx.y * jit.blockDim.y + jit.threadIdx.y
            if i > 0 and i < n0 - 1 and j > 0 and j < n1 - 1:
                v[i, j] = u[i, j] + c * (
                    u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - 4.0 * u[i, j]
                )

        grid = (n // 32, n // 8)
        told("cupyx.jit 2D", device_s(lambda: heat_jit(grid, (32, 8), (u, v, 0.2, n, n))), n * n, copy)
    except Exception as error:
        print(f"cupyx.jit: {type(error).__name__}: {error}", file=sys.stderr)
    try:
        from numba import cuda

        @cuda.jit
        def heat_numba(u, v, c):
            j, i = cuda.grid(2)
            if 0 < i < u.shape[0] - 1 and 0 < j < u.shape[1] - 1:
                v[i, j] = u[i, j] + c * (
                    u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - 4.0 * u[i, j]
                )

        told(
            "numba.cuda 2D", device_s(lambda: heat_numba[(n // 32, n // 8), (32, 8)](u, v, 0.2)), n * n, copy
        )
    except Exception as error:
        print(f"numba.cuda: {type(error).__name__}: {error}", file=sys.stderr)
    m = 512
    a, b = cp.random.rand(m, m, m), cp.zeros((m, m, m))
    for block in (
        (32, 4, 2),
        (32, 8, 1),
        (64, 4, 1),
        (128, 2, 1),
        (256, 1, 1),
        (32, 4, 4),
        (64, 2, 2),
        (128, 4, 1),
    ):
        grid = tuple(-(-(m - 2) // size) for size in block)
        seconds = device_s(lambda g=grid, t=block: cube(g, t, (a, b, 0.1, m, m, m)))
        told(f"RawKernel 3D {block}", seconds, m**3, copy)
    small = 512
    x, y = cp.random.rand(small, small), cp.zeros((small, small))
    grid = (small // 32, small // 8)

    def pair():
        plane(grid, (32, 8), (x, y, 0.2, small, small))
        plane(grid, (32, 8), (y, x, 0.2, small, small))

    told("launches 512^2", device_s(pair, 200) / 2, small**2, copy)
    stream = cp.cuda.Stream(non_blocking=True)
    with stream:
        pair()
        stream.synchronize()
        stream.begin_capture()
        for _ in range(50):
            pair()
        graph = stream.end_capture()
        first, last = cp.cuda.Event(), cp.cuda.Event()
        graph.launch(stream)
        first.record(stream)
        for _ in range(20):
            graph.launch(stream)
        last.record(stream)
        last.synchronize()
    seconds = cp.cuda.get_elapsed_time(first, last) / 1e3 / 20 / 100
    told("CUDA graph 512^2", seconds, small**2, copy)
    assert np.isfinite(float(x.sum()))


if __name__ == "__main__":
    main()
