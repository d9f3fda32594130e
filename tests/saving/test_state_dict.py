import collections
import pickle
import zipfile

import numpy as np
import pytest

from keras_mdgan.saving.state_dict import read_state_dict

torch = pytest.importorskip("torch")
LAYOUTS = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old"])


def save(value, path, zipped=True):
    torch.save(value, path, _use_new_zipfile_serialization=zipped)
    return path


@LAYOUTS
def test_a_state_dictionary(tmp_path, zipped):
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 300, 3), torch.nn.BatchNorm2d(300), torch.nn.Linear(7, 2)
    )
    wanted = network.state_dict()
    found = read_state_dict(save(wanted, tmp_path / "weights.pth", zipped))
    assert list(found) == list(wanted)
    for name, array in found.items():
        assert array.dtype == wanted[name].numpy().dtype
        np.testing.assert_array_equal(array, wanted[name].numpy(), strict=True)


@LAYOUTS
def test_views_shared_storages_and_kinds(tmp_path, zipped):
    base = torch.arange(24.0).reshape(4, 6)
    wanted = {
        "transposed": base.T,
        "part": base[1:3, ::2],
        "again": base,
        "repeated": torch.ones(1, 2).expand(3, 2),
        "empty": torch.zeros(0, 3),
        "scalar": torch.tensor(5),
        "many": torch.arange(70_000),
        "parameter": torch.nn.Parameter(torch.ones(2)),
        **{
            str(kind): torch.tensor([1, 2]).to(kind)
            for kind in (torch.float64, torch.float16, torch.int8, torch.uint8)
        },
    }
    found = read_state_dict(save(wanted, tmp_path / "weights.pth", zipped))
    assert list(found) == list(wanted)
    for name, array in found.items():
        np.testing.assert_array_equal(array, wanted[name].detach().numpy(), strict=True)
    found["again"][:] = 0
    assert found["part"].any()  # a copy, not a view of the same numbers


class Harm:
    """Unpickling it would write a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@LAYOUTS
@pytest.mark.parametrize("place", ["value", "key", "whole"])
def test_nothing_is_executed(tmp_path, zipped, place):
    harm = Harm(tmp_path / "harm")
    value = {"value": {"a": harm}, "key": {harm: 1}, "whole": harm}[place]
    path = save(value, tmp_path / "weights.pth", zipped)
    with pytest.raises(ValueError, match=r"weights\.pth.*its pickle calls \w+ open"):
        read_state_dict(path)
    assert not harm.path.exists()


@pytest.mark.parametrize(
    "value",
    [
        [torch.zeros(2)],
        {"a": 1.5},
        {"a": torch.zeros(2), "b": "text"},
        {3: torch.zeros(2)},
        {"a": {"b": torch.zeros(2)}},
        torch.nn.Linear(2, 2),
        {"a": torch.zeros(2, dtype=torch.complex64)},
        {"a": torch.zeros(2).to_sparse()},
        collections.Counter("a"),
    ],
    ids=str,
)
@LAYOUTS
def test_other_contents(tmp_path, value, zipped):
    with pytest.raises(ValueError, match=r"weights\.pth is damaged, or is no PyTorch"):
        read_state_dict(save(value, tmp_path / "weights.pth", zipped))


@LAYOUTS
def test_damaged_files(tmp_path, zipped):
    path = save({"a": torch.arange(1000.0)}, tmp_path / "weights.pth", zipped)
    whole = path.read_bytes()
    for cut in (0, 1, 30, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(ValueError, match=r"weights\.pth is damaged"):
            read_state_dict(path)


def test_tensors_that_do_not_fit_their_storage(tmp_path):
    """A file cannot make NumPy read memory outside its arrays."""
    source = save({"a": torch.arange(600.0)}, tmp_path / "source.pth")
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (pickled,) = (name for name in members if name.endswith("data.pkl"))
    size = pickle.BININT2 + (600).to_bytes(2, "little")
    assert members[pickled].count(size) == 2  # of the storage, and of the tensor
    head, middle, tail = members[pickled].split(size)
    larger = pickle.BININT2 + (601).to_bytes(2, "little")
    for program in (head + size + middle + larger + tail, head + larger + middle):
        path = tmp_path / "weights.pth"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, program if name == pickled else data)
        with pytest.raises(ValueError, match=r"weights\.pth is damaged"):
            read_state_dict(path)
