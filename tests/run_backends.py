"""The suite on every backend, a process each, and one summary.

python tests/run_backends.py [BACKEND ...] [-- PYTEST ARGUMENT ...]
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

BACKENDS = ("tensorflow", "jax", "torch")
# What does not touch the backend is tested beside the last of them, the quickest.
OTHERS = ["-m", "not slow and not host"]
COUNTS = ("passed", "failed", "skipped", "errors")


def installed(backend):
    probe = [sys.executable, "-c", f"import {backend}"]
    return subprocess.run(probe, capture_output=True).returncode == 0


def run(backend, arguments):
    """Exit code, counts of outcomes and seconds of a suite, printed as it runs."""
    environment = {**os.environ, "KERAS_BACKEND": backend, "OMP_NUM_THREADS": "1"}
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        cwd=pathlib.Path(__file__).parents[1],
    )
    last = ""
    for line in process.stdout:
        print(f"{backend:10} {line}", end="", flush=True)
        last = line if re.search(r"\d+ (passed|failed|error)", line) else last
    code = process.wait()
    counts = {
        name: int(found.group(1))
        for name in COUNTS
        if (found := re.search(rf"(\d+) {name.rstrip('s')}", last))
    }
    return code, counts, time.monotonic() - began


def main(arguments):
    chosen, extra = arguments, []
    if "--" in arguments:
        cut = arguments.index("--")
        chosen, extra = arguments[:cut], arguments[cut + 1 :]
    chosen = chosen or BACKENDS
    present = [backend for backend in chosen if installed(backend)]
    # One process each, as many at a time as there are cores, each on one thread.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        options = [extra if b == present[-1] else OTHERS + extra for b in present]
        results = dict(zip(present, pool.map(run, present, options)))
    lines, total = [], dict.fromkeys(COUNTS, 0)
    for backend in chosen:
        if backend not in results:
            lines.append(f"{backend:12} NOT INSTALLED: nothing was tested on it")
            continue
        _, counts, seconds = results[backend]
        for name, count in counts.items():
            total[name] += count
        said = ", ".join(f"{count} {name}" for name, count in counts.items())
        lines.append(f"{backend:12} {said} in {seconds:.0f} s")
    print("\n=== summary ===")
    print("\n".join(lines))
    print(
        f"{total['passed']} passed, {total['failed'] + total['errors']} failed, "
        f"{total['skipped']} skipped"
    )
    failed = any(code != 0 for code, *_ in results.values())
    return int(failed or len(results) < len(chosen))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
