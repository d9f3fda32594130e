"""Reading weights from PyTorch's files, without PyTorch and without unpickling.

A pickle in a `.pth` file describes its tensors, and loading a pickle runs it as a
program. This module only lists the pickle's instructions (`pickletools`). It interprets
the few instructions that a dictionary of tensors needs; any other is an error.
"""

import dataclasses
import math
import os
import pickletools
import struct
import zipfile
from typing import Any

import numpy as np

_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_STORAGES = {
    "torch DoubleStorage": "<f8",
    "torch FloatStorage": "<f4",
    "torch HalfStorage": "<f2",
    "torch LongStorage": "<i8",
    "torch IntStorage": "<i4",
    "torch ShortStorage": "<i2",
    "torch CharStorage": "<i1",
    "torch ByteStorage": "<u1",
}
# Tensors may share a storage, so they may have more bytes than the file; not many more.
_LARGEST, _AT_LEAST = 16, 2**26
_IGNORED = {"PROTO", "FRAME"}
_LITERALS = {"BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1"}
_EMPTY = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


def read_state_dict(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """The tensors of a file written by `torch.save(model.state_dict(), path)`.

    It reads both layouts: the zip archive of PyTorch 1.6 and later, and the older one.
    Nothing in the file is executed.

    Examples:
        >>> read_state_dict("nowhere.pth")
        Traceback (most recent call last):
        FileNotFoundError: [Errno 2] No such file or directory: 'nowhere.pth'

    Args:
        path: the file.

    Returns:
        Arrays by name, in the file's order.

    Raises:
        ValueError: if the file is damaged, or holds anything but a dictionary of dense
            tensors.
    """
    with open(path, "rb") as file:
        try:
            archive = zipfile.is_zipfile(file)
            file.seek(0)
            state = _read_archive(file) if archive else _read_old(file)
            _check_size(state, os.fstat(file.fileno()).st_size)
            if not isinstance(state, dict) or not all(
                isinstance(k, str) and isinstance(v, np.ndarray)
                for k, v in state.items()
            ):
                raise ValueError("it holds something else")
            return {name: array.copy() for name, array in state.items()}
        except Exception as error:
            raise ValueError(
                f"{os.fspath(path)} is damaged, or is no PyTorch file of a dictionary "
                f"of tensors: {error}"
            ) from error


def _read_archive(file) -> Any:
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        # PyTorch compresses nothing, and a few compressed bytes may be gigabytes.
        if any(e.compress_type != zipfile.ZIP_STORED for e in archive.infolist()):
            raise ValueError("it is compressed")
        (pickled,) = (name for name in names if name.endswith("/data.pkl"))
        folder = pickled.removesuffix("data.pkl")
        if f"{folder}byteorder" in names:
            _check_order(archive.read(f"{folder}byteorder") == b"little")

        storages, room = {}, os.fstat(file.fileno()).st_size

        def storage(what, kind, key, location, size):
            nonlocal room
            if key not in storages:
                entry = archive.getinfo(f"{folder}data/{key}")
                room -= entry.file_size
                if room < 0:
                    raise ValueError("its storages are larger than the file")
                numbers = np.frombuffer(archive.read(entry), _STORAGES[kind], size)
                storages[key] = _Storage(numbers)
            return storages[key]

        with archive.open(pickled) as program:
            return _follow(program, storage)


def _read_old(file) -> Any:
    if _follow(file) != _MAGIC or _follow(file) != _PROTOCOL:
        raise ValueError("it does not begin as one")
    _check_order(_follow(file)["little_endian"])
    storages, room = {}, os.fstat(file.fileno()).st_size

    # The numbers are at the end of the file: the arrays are made now and filled then.
    def storage(what, kind, key, location, size, view):
        nonlocal room
        if key not in storages:
            room -= size * np.dtype(_STORAGES[kind]).itemsize
            if view is not None or room < 0:
                raise ValueError(f"storage {key} is not in it")
            storages[key] = _Storage(np.zeros(size, _STORAGES[kind]))
        return storages[key]

    state = _follow(file, storage)
    keys = _follow(file)
    if sorted(keys) != sorted(storages):
        raise ValueError(f"it has storages {keys}, and asks for {[*storages]}")
    for key in keys:
        array = storages[key].numbers
        (size,) = struct.unpack("<q", file.read(8))
        if size != array.size or file.readinto(array) != array.nbytes:
            raise ValueError(f"storage {key} is cut short")
    return state


@dataclasses.dataclass(frozen=True)
class _Storage:
    """Numbers of a storage. Not an array: only tensors are, and no tensor is one."""

    numbers: np.ndarray


def _check_size(state, size):
    """Refuse tensors whose copies would need far more bytes than the file has."""
    arrays = [v for v in getattr(state, "values", list)() if isinstance(v, np.ndarray)]
    total = sum(math.prod(array.shape) * array.itemsize for array in arrays)
    if total > max(_LARGEST * size, _AT_LEAST):
        raise ValueError(f"{size} bytes ask for tensors of {total} bytes")


def _follow(program, storage=None) -> Any:
    """The value of one pickle; the file's position is then behind the pickle."""
    stack, below, memo = [], [], {}
    for code, argument, _ in pickletools.genops(program):
        if code.name in _IGNORED:
            continue
        elif code.name in _LITERALS:
            stack.append(argument)
        elif code.name in _EMPTY:
            stack.append(_EMPTY[code.name]())
        elif code.name == "MARK":
            below.append(stack)
            stack = []
        elif code.name in ("BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif code.name in ("BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif code.name in _TUPLES:
            count = _TUPLES[code.name]
            stack[-count:] = [tuple(stack[-count:])]
        elif code.name in ("TUPLE", "APPENDS", "SETITEMS"):
            items, stack = stack, below.pop()
            if code.name == "TUPLE":
                stack.append(tuple(items))
            elif code.name == "APPENDS":
                stack[-1].extend(items)
            else:
                stack[-1].update(zip(items[::2], items[1::2]))
        elif code.name == "APPEND":
            item = stack.pop()
            stack[-1].append(item)
        elif code.name == "SETITEM":
            key, value = stack[-2:]
            del stack[-2:]
            stack[-1][key] = value
        elif code.name == "GLOBAL":
            stack.append(argument)  # only the name: nothing is imported
        elif code.name == "BINPERSID" and storage is not None:
            stack.append(storage(*stack.pop()))
        elif code.name == "REDUCE":
            arguments = stack.pop()
            stack.append(_made(stack.pop(), arguments))
        elif code.name == "BUILD" and isinstance(stack[-2], dict):
            stack.pop()  # the versions of a state dictionary's modules
        elif code.name == "STOP":
            return stack.pop()
        else:
            raise ValueError(f"its pickle asks for {code.name}")


def _made(name, arguments) -> Any:
    """The results of the few functions that a file of tensors calls."""
    if name == "collections OrderedDict" and not arguments:
        return {}
    if name == "torch._utils _rebuild_parameter":
        return arguments[0]
    if name != "torch._utils _rebuild_tensor_v2":
        raise ValueError(f"its pickle calls {name}")
    storage, offset, shape, strides = arguments[:4]
    if not isinstance(storage, _Storage):
        raise ValueError("a tensor is made of something else than a storage")
    numbers = storage.numbers
    if len(shape) != len(strides) or any(n < 0 for n in (offset, *shape, *strides)):
        raise ValueError("a tensor has a wrong shape")
    # `as_strided` does not check bounds: a damaged file could read foreign memory.
    last = offset + sum((n - 1) * step for n, step in zip(shape, strides))
    if 0 not in shape and last >= numbers.size:
        raise ValueError("a tensor is larger than its storage")
    strides = [step * numbers.itemsize for step in strides]
    return np.lib.stride_tricks.as_strided(numbers[offset:], shape, strides)


def _check_order(little_endian):
    if not little_endian:
        raise ValueError("its numbers are big-endian")
