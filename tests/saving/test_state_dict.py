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


def program_of(path):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (name,) = (name for name in members if name.endswith("data.pkl"))
    return members, name


class Call:
    """A call of a function of PyTorch in a pickle."""

    def __init__(self, name, *arguments):
        self.name, self.arguments = name, arguments

    def __reduce__(self):
        return getattr(torch._utils, self.name), self.arguments


STORAGE = object()


def rewritten(folder, call, compressed=False):
    """A file of one tensor, whose pickle makes it by another call."""

    class Pickler(pickle._Pickler):
        def persistent_id(self, value):
            if value is STORAGE:
                return ("storage", torch.FloatStorage, "0", "cpu", 600)
            return None

    source = save({"a": torch.arange(600.0)}, folder / "source.pth")
    members, name = program_of(source)
    with open(folder / "program", "wb") as file:
        Pickler(file, protocol=2).dump({"a": call})
    members[name] = (folder / "program").read_bytes()
    kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(folder / "weights.pth", "w", kind) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return folder / "weights.pth"


def tensor(storage, shape, strides):
    return Call("_rebuild_tensor_v2", storage, 0, shape, strides, False, {})


@pytest.mark.parametrize(
    ("call", "compressed", "message"),
    [
        # Its second strides would be checked against the first tensor's size.
        (
            tensor(tensor(STORAGE, (600,), (0,)), (600,), (1,)),
            False,
            "else than a st",
        ),
        (
            tensor(tensor(STORAGE, (600,), (1,)), (600,), (1,)),
            False,
            "else than a st",
        ),
        (tensor(STORAGE, (10**9,), (0,)), False, "tensors of 4000000000 bytes"),
        (tensor(STORAGE, (10**6, 10**6), (0, 0)), False, "tensors of"),
        (tensor(STORAGE, (600,), (1,)), True, "it is compressed"),
    ],
    ids=["foreign memory", "no storage", "4 GB", "4 TB", "a zip bomb"],
)
def test_what_would_read_or_ask_for_foreign_memory(tmp_path, call, compressed, message):
    path = rewritten(tmp_path, call, compressed)
    with pytest.raises(ValueError, match=rf"weights\.pth is damaged.*{message}"):
        read_state_dict(path)


def test_the_rewritten_file_is_read_where_it_is_right(tmp_path):
    path = rewritten(tmp_path, tensor(STORAGE, (600,), (1,)))
    np.testing.assert_array_equal(read_state_dict(path)["a"], np.arange(600.0))


def test_storages_that_are_not_there_are_not_zeros(tmp_path):
    path = save({"a": torch.arange(5.0)}, tmp_path / "weights.pth", zipped=False)
    whole = path.read_bytes()
    start = whole.rindex(b"\x80\x02]q\x00")  # the list of the storages' keys
    path.write_bytes(whole[:start] + pickle.dumps([], protocol=2))
    with pytest.raises(ValueError, match="it has storages"):
        read_state_dict(path)
