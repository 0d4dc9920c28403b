"""Where scripts that use CuPy move arrays between host and device, and wait."""
