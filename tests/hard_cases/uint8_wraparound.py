# expect: any
# why: uint8 plus uint8 wraps at 256 in NumPy; compiled code may compute in a wider type
# prints: 51636 107180 79358
import warnings

import numpy as np

warnings.simplefilter("ignore")
n = 64
image = (np.arange(n * n) * 37 % 251).astype(np.uint8).reshape(n, n)
smooth = np.zeros((n, n), dtype=np.uint8)
total = 0
for step in range(40):
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            smooth[i, j] = (image[i - 1, j] + image[i + 1, j] + image[i, j - 1] + image[i, j + 1]) // 4
            if image[i, j] - smooth[i, j] > 128:
                total += 1
    image, smooth = smooth, image
print(total, int(image.sum()), int(smooth.sum()))
