"""The suite on every backend, a process each, and one summary.

python tests/run_backends.py [BACKEND ...] [-- PYTEST ARGUMENT ...]
"""

import os
import pathlib
import re
import subprocess
import sys
import time

BACKENDS = ("tensorflow", "jax", "torch")
COUNTS = ("passed", "failed", "skipped", "errors")


def installed(backend):
    probe = [sys.executable, "-c", f"import {backend}"]
    return subprocess.run(probe, capture_output=True).returncode == 0


def run(backend, arguments):
    """Counts of a suite's outcomes, printing it as it runs."""
    environment = {**os.environ, "KERAS_BACKEND": backend, "OMP_NUM_THREADS": "1"}
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        cwd=pathlib.Path(__file__).parents[1],
    )
    last = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        last = line if re.search(r"\d+ (passed|failed|error)", line) else last
    code = process.wait()
    counts = {
        name: int(found.group(1))
        for name in COUNTS
        if (found := re.search(rf"(\d+) {name.rstrip('s')}", last))
    }
    return code, counts


def main(arguments):
    chosen, extra = arguments, []
    if "--" in arguments:
        cut = arguments.index("--")
        chosen, extra = arguments[:cut], arguments[cut + 1 :]
    lines, total, failed = [], dict.fromkeys(COUNTS, 0), False
    for backend in chosen or BACKENDS:
        if not installed(backend):
            lines.append(f"{backend:12} NOT INSTALLED: nothing was tested on it")
            failed = True
            continue
        print(f"\n=== {backend} ===", flush=True)
        began = time.monotonic()
        code, counts = run(backend, extra)
        failed = failed or code != 0
        for name, count in counts.items():
            total[name] += count
        said = ", ".join(f"{count} {name}" for name, count in counts.items())
        lines.append(f"{backend:12} {said} in {time.monotonic() - began:.0f} s")
    print("\n=== summary ===")
    print("\n".join(lines))
    print(
        f"{total['passed']} passed, {total['failed'] + total['errors']} failed, "
        f"{total['skipped']} skipped"
    )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
