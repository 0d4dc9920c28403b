# type: u cupy.ndarray float64 2
# type: lap cupy.ndarray float64 2
# type: c float
import cupy as cp


def fits_kernels(*arrays):
    """Are these arrays on the GPU, and of the types and in the order that the kernels are written for?"""
    return all(
        isinstance(array, cp.ndarray)
        and (array.dtype, array.ndim, array.flags.c_contiguous) == (dtype, ndim, True)
        for array, dtype, ndim in arrays
    )


def on_cells(kernel, cells, arguments):
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


CUDA = r"""
extern "C" __global__ void update_u_new(
        const double *__restrict__ u, const long long u_n1, const double c, const long long u_n0,
        double *__restrict__ u_new)
{
    const long long i = (long long)blockIdx.y * blockDim.y + threadIdx.y;
    const long long j = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= u_n0 || j >= u_n1) return;
    const long long im1 = i > 0 ? i - 1 : u_n0 - 1;
    const long long ip1 = i < u_n0 - 1 ? i + 1 : 0;
    const long long jm1 = j > 0 ? j - 1 : u_n1 - 1;
    const long long jp1 = j < u_n1 - 1 ? j + 1 : 0;
    const double lap_here = u[im1 * u_n1 + j] + u[ip1 * u_n1 + j] + u[i * u_n1 + jm1]
        + u[i * u_n1 + jp1] - 4.0 * u[i * u_n1 + j];
    u_new[i * u_n1 + j] = u[i * u_n1 + j] + c * lap_here;
}
"""



u = cp.zeros((64, 64))
u[32, 32] = 1.0
c = 0.1
if not fits_kernels((u, "float64", 2)):
    for step in range(1000):  # hot: 0.95
        # diffusion on a torus
        lap = cp.roll(u, 1, 0) + cp.roll(u, -1, 0) + cp.roll(u, 1, 1) + cp.roll(u, -1, 1) - 4 * u
        u = u + c * lap
else:
    kernels = cp.RawModule(code=CUDA, options=("--fmad=false",))
    update_u_new = kernels.get_function("update_u_new")
    for step in range(1000):  # hot: 0.95
        # diffusion on a torus
        u_new = cp.empty_like(u)
        on_cells(update_u_new, (u.shape[0], u.shape[1]), (u, u.shape[1], float(c), u.shape[0],
            u_new))
        u = u_new
print(float(u.max()))
