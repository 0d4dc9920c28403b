import random
import math

random.seed(99)
x, y = 50, 100
t = 0.0
k1, k2, k3 = 1.0, 0.01, 0.6
times, prey, pred = [], [], []
while t < 8.0 and x > 0 and y > 0:
    a1 = k1 * x
    a2 = k2 * x * y
    a3 = k3 * y
    a0 = a1 + a2 + a3
    t += -math.log(random.random()) / a0
    r = random.random() * a0
    if r < a1:
        x += 1
    elif r < a1 + a2:
        x -= 1
        y += 1
    else:
        y -= 1
    times.append(t)
    prey.append(x)
    pred.append(y)
print("events", len(times), "prey", x, "predators", y)
mean = sum((t1 - t0) * p for t0, t1, p in zip(times, times[1:], prey)) / (times[-1] - times[0])
print("mean prey", mean)
