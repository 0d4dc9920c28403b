# Hard discs on a line, event driven
import heapq

x = [0.11, 0.27, 0.45, 0.66, 0.83]
v = [1.0, -0.4, 0.7, -1.3, 0.2]
m = [1.0, 2.0, 0.5, 1.5, 3.0]
t_now = 0.0
version = [0] * 5
events = []
collisions = 0


def schedule(i):
    # the next meeting of disc i with disc i + 1; -1 and 4 are walls
    if i == -1:
        if v[0] < 0:
            heapq.heappush(events, (t_now - x[0] / v[0], -1, -1, version[0]))
        return
    if i == 4:
        if v[4] > 0:
            heapq.heappush(events, (t_now + (1.0 - x[4]) / v[4], 4, version[4], -1))
        return
    closing = v[i] - v[i + 1]
    if closing > 1e-14:
        heapq.heappush(events, (t_now + (x[i + 1] - x[i]) / closing, i, version[i], version[i + 1]))


for i in range(-1, 5):
    schedule(i)

log = open("events.log", "w")
while events:
    t, i, a, b = heapq.heappop(events)
    if t > 4.0:
        break
    if i >= 0 and version[i] != a or i < 4 and version[i + 1] != b:
        continue
    for j in range(5):
        x[j] += v[j] * (t - t_now)
    t_now = t
    collisions += 1
    if i == -1:
        v[0] = -v[0]
        version[0] += 1
        touched = (-1, 0)
    elif i == 4:
        v[4] = -v[4]
        version[4] += 1
        touched = (3, 4)
    else:
        p, q = m[i], m[i + 1]
        v[i], v[i + 1] = (
            ((p - q) * v[i] + 2 * q * v[i + 1]) / (p + q),
            ((q - p) * v[i + 1] + 2 * p * v[i]) / (p + q),
        )
        version[i] += 1
        version[i + 1] += 1
        touched = (i - 1, i, i + 1)
    log.write("%.9f %d\n" % (t, i))
    for k in touched:
        schedule(k)
log.close()
print(collisions, "collisions until", t_now)
