"""The papers' experiments: runs, their records and their tables.

python -m keras_mdgan.experiments run grid --models mixture_density,vanilla --seeds 5
"""

from keras_mdgan.experiments.records import DamagedRecords, Records
from keras_mdgan.experiments.run import Run, train

__all__ = ["DamagedRecords", "Records", "Run", "train"]
