"""CUDA's run-time compiler without a GPU: do kernels compile?

The wheel ``nvidia-cuda-nvrtc-cu12`` has the compiler; it needs no driver.
"""

import ctypes
import importlib.util
from functools import cache
from pathlib import Path

_OPTIONS = (b"--gpu-architecture=compute_80", b"--fmad=false", b"--std=c++14")
_COMPLEX = b"""
#pragma once
template <class T> struct complex {
    T re, im;
    __device__ complex(T re = 0, T im = 0) : re(re), im(im) {}
    __device__ T real() const { return re; }
    __device__ T imag() const { return im; }
    __device__ complex operator-() const { return complex(-re, -im); }
};
#define BOTH(op) \\
    template <class T> __device__ complex<T> operator op(complex<T> a, complex<T> b) { return a; } \\
    template <class T> __device__ complex<T> operator op(complex<T> a, T b) { return a; } \\
    template <class T> __device__ complex<T> operator op(T a, complex<T> b) { return b; }
BOTH(+) BOTH(-) BOTH(*) BOTH(/)
#define ONE(name) template <class T> __device__ complex<T> name(complex<T> a) { return a; }
ONE(sqrt) ONE(exp) ONE(log) ONE(sin) ONE(cos) ONE(tan)
template <class T> __device__ T abs(complex<T> a) { return a.re; }
"""


@cache
def library() -> ctypes.CDLL | None:
    """The compiler; None where its wheel is not installed."""
    found = importlib.util.find_spec("nvidia")
    for folder in (found.submodule_search_locations or ()) if found is not None else ():
        for path in sorted(Path(folder).glob("*/lib/libnvrtc.so.*")):
            if "builtins" not in path.name and "alt" not in path.name:
                return ctypes.CDLL(str(path))
    return None


def problems(source: str) -> str:
    """What the compiler says against some kernels; empty if they compile."""
    nvrtc = library()
    assert nvrtc is not None
    program = ctypes.c_void_p()
    headers = (ctypes.c_char_p * 1)(_COMPLEX)
    names = (ctypes.c_char_p * 1)(b"cupy/complex.cuh")
    made = nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernels.cu", 1, headers, names)
    assert not made, f"NVRTC error {made}"
    options = (ctypes.c_char_p * len(_OPTIONS))(*_OPTIONS)
    failed = nvrtc.nvrtcCompileProgram(program, len(_OPTIONS), options)
    size = ctypes.c_size_t()
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return (log.value.decode(errors="replace") or f"NVRTC error {failed}") if failed else ""
