"""Results of all benchmarks in one file: `records.jsonl`, a benchmark a line."""

import json
import pathlib

from keras_mdgan.files import replaced_when_written


def read(out, benchmark: str):
    """What a benchmark has recorded in the folder `out`, or `None`."""
    return _all(out).get(benchmark)


def write(out, benchmark: str, results) -> None:
    """Records a benchmark's results in the place of its former ones."""
    every = {**_all(out), benchmark: results}
    with replaced_when_written(_path(out)) as beside:
        lines = (
            json.dumps({"benchmark": name, "results": every[name]})
            for name in sorted(every)
        )
        beside.write_text("\n".join(lines) + "\n")


def _path(out):
    return pathlib.Path(out) / "records.jsonl"


def _all(out):
    path = _path(out)
    if not path.exists():
        return {}
    lines = (json.loads(line) for line in path.read_text().splitlines())
    return {line["benchmark"]: line["results"] for line in lines}
