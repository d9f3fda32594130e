"""What tests share: rows, networks, references and what runs in other processes.

`tests` is on Python's path (`pythonpath` in `pyproject.toml`), so that every test says
`from support.battery import ROWS`.
"""

import os
import pathlib

ROOT = pathlib.Path(__file__).parents[2]
# For processes that tests start: pytest's `pythonpath` does not reach them.
PYTHONPATH = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
