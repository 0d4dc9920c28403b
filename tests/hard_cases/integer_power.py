# expect: any
# why: 2 ** -k is a float in Python and a whole number overflows nowhere; machine integers give 0 and wrap
# prints: 3219905755813179726837607 3.999999999996e+03
import numpy as np

n = 200
w = np.zeros(n)
biggest = 0
for step in range(400):
    for i in range(n):
        k = (i + step) % 40
        w[i] += 2**-k + (-1) ** k * 3.0**-2
        power = 7 ** (k - 10) if k > 10 else 1
        if power > biggest:
            biggest = power
print(biggest, "%.12e" % w.sum())
