"""psutil in a loop, as a script would have it: a line a second of each process,
of pid, CPU %, resident and virtual KBytes."""

import sys
import time

import psutil

processes = [psutil.Process(int(pid)) for pid in sys.argv[1:]]
due = time.monotonic()
while True:
    for process in processes:
        with process.oneshot():
            memory = process.memory_info()
            cpu = process.cpu_percent()
        print(process.pid, cpu, memory.rss // 1024, memory.vms // 1024)
    sys.stdout.flush()
    due += 1
    time.sleep(max(0, due - time.monotonic()))
