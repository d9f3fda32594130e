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
# What is the same on every backend is tested once, on the first of these.
HOSTS = ("jax", *BACKENDS)
NO_TESTS = 5  # pytest's exit code
# A third of a backend's time: a suite of its own, so that no core waits for another.
BATTERY = "tests/test_battery.py"
COUNTS = ("passed", "failed", "skipped", "errors")


def installed(backend):
    probe = [sys.executable, "-c", f"import {backend}"]
    return subprocess.run(probe, capture_output=True).returncode == 0


def run(name, backend, arguments):
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
        print(f"{name:18} {line}", end="", flush=True)
        last = line if re.search(r"\d+ (passed|failed|error)", line) else last
    code = process.wait()
    counts = {
        name: int(found.group(1))
        for name in COUNTS
        if (found := re.search(rf"(\d+) {name.rstrip('s')}", last))
    }
    return code, counts, time.monotonic() - began


def suites_of(backends, extra):
    """Name, backend and pytest's arguments of each suite, the longer ones first."""
    if extra:  # a choice of the caller's, on each of them
        return [(backend, backend, extra) for backend in backends]
    each = ["-m", "not slow and not host"]
    return [
        *[(b, b, [*each, f"--ignore={BATTERY}"]) for b in backends],
        *[(f"{b} battery", b, [*each, BATTERY]) for b in backends],
        *[("host", b, ["-m", "not slow and host"]) for b in HOSTS if b in backends][:1],
    ]


def main(arguments):
    chosen, extra = arguments, []
    if "--" in arguments:
        cut = arguments.index("--")
        chosen, extra = arguments[:cut], arguments[cut + 1 :]
    chosen = chosen or BACKENDS
    present = [backend for backend in chosen if installed(backend)]
    suites = suites_of(present, extra)
    # One process each, as many at a time as there are cores, each on one thread.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = dict(zip([name for name, *_ in suites], pool.map(run, *zip(*suites))))
    lines, total = [], dict.fromkeys(COUNTS, 0)
    for name in chosen:
        if name not in present:
            lines.append(f"{name:18} NOT INSTALLED: nothing was tested on it")
    for name, (_, counts, seconds) in results.items():
        for outcome, count in counts.items():
            total[outcome] += count
        said = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        lines.append(f"{name:18} {said} in {seconds:.0f} s")
    print("\n=== summary ===")
    print("\n".join(lines))
    print(
        f"{total['passed']} passed, {total['failed'] + total['errors']} failed, "
        f"{total['skipped']} skipped"
    )
    # The caller's choice may leave one backend without a test, but not all of them.
    good = (0, NO_TESTS) if extra else (0,)
    failed = any(code not in good for code, *_ in results.values())
    return int(failed or not total["passed"] or len(present) < len(chosen))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
