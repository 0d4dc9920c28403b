"""NumPy's statements read into the array IR."""
