"""Accuracy of the classes asked for, against counts by hand."""

import numpy as np
import pytest

from keras_mdgan.metrics import label_accuracy
from keras_mdgan.metrics.label_accuracy import accuracy_of


def test_by_hand():
    found = label_accuracy([0, 0, 0, 2], [0, 1, 0, 2], n_classes=4)
    assert found.accuracies == (2 / 3, None, 1.0, None)
    assert found.value == pytest.approx(5 / 6)  # of the classes asked for
    assert (found.counts, found.n_fake) == ((3, 0, 1, 0), 4)


class Obedient:
    n_classes = 4

    def sample(self, n, seed, labels):
        return np.asarray(labels, "float32")[:, None]


def test_as_many_samples_of_each_class():
    found = accuracy_of(Obedient(), lambda x: np.maximum(x[:, 0], 1).astype(int), n=10)
    assert found.counts == (2, 2, 2, 2)
    assert found.accuracies == (0.0, 1.0, 1.0, 1.0)
    assert accuracy_of(Obedient(), lambda x: x[:, 0].astype(int), n=1).n_fake == 4


def test_wrong_labels_are_refused():
    with pytest.raises(ValueError, match="`labels` must be integers from 0 below 2"):
        label_accuracy([0, 2], [0, 1], 2)
    with pytest.raises(ValueError, match=r"`found` must have shape \(2,\)"):
        label_accuracy([0, 1], [0], 2)
