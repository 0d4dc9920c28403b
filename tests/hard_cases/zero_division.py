# expect: any
# why: the except clause is reached: Python's floats raise where a machine's give inf
# prints: 27 -1.078023936508e+05
n = 300
u = [float((7 * i) % 11) for i in range(n)]
caught = 0
total = 0.0
for step in range(1500):
    for i in range(1, n - 1):
        try:
            ratio = (u[i + 1] - u[i]) / (u[i] - u[i - 1])
        except ZeroDivisionError:
            ratio = 1.0
            caught += 1
        total += ratio
        if step % 100 == 0:
            u[i] = float((i * (step + 1)) % 5)
print(caught, "%.12e" % total)
