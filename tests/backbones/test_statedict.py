"""The restricted reader of PyTorch's older file format, on files written here by hand."""

from __future__ import annotations

import collections
import io
import pickle
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from headstart.backbones import statedict
from headstart.core.errors import WeightsError

SYSTEM = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}


class _Global:
    """Pickles as a name that is imported and called."""

    def __init__(self, line: str, arguments: tuple[Any, ...]) -> None:
        self.line = line
        self.arguments = arguments


class _Writer(pickle._Pickler):  # type: ignore[name-defined,misc]
    """Python's own pickler, with names that need not be there to be written."""

    def save(self, thing: Any, *rest: Any) -> None:
        if isinstance(thing, _Global):
            self.write(f"c{thing.line}\n".encode())
            super().save(thing.arguments)
            self.write(pickle.REDUCE)
        elif isinstance(thing, _Storage):
            self.write(pickle.MARK)
            super().save("storage")
            self.write(f"ctorch\n{thing.kind}\n".encode())
            for part in (thing.key, "cpu", thing.count, None):
                super().save(part)
            self.write(pickle.TUPLE + pickle.BINPERSID)
        else:
            super().save(thing, *rest)


class _Storage:
    def __init__(self, kind: str, key: str, count: int) -> None:
        self.kind, self.key, self.count = kind, key, count


def _pickled(thing: Any) -> bytes:
    stream = io.BytesIO()
    _Writer(stream, 2).dump(thing)
    return stream.getvalue()


def _tensor(array: NDArray[Any], key: str, **changed: Any) -> _Global:
    kind = "LongStorage" if array.dtype.kind == "i" else "FloatStorage"
    stride = tuple(step // array.itemsize for step in np.array(array, order="C").strides)
    parts = {"offset": 0, "shape": array.shape, "stride": stride, **changed}
    arguments = (_Storage(kind, key, array.size), parts["offset"], parts["shape"], parts["stride"])
    return _Global("torch._utils\n_rebuild_tensor_v2", (*arguments, False, collections.OrderedDict()))


def _file(arrays: dict[str, NDArray[Any]], system: dict[str, Any] = SYSTEM, **changed: Any) -> bytes:
    keys = {name: str(100 + index) for index, name in enumerate(arrays)}
    tensors = {name: _tensor(array, keys[name], **changed) for name, array in arrays.items()}
    head = b"".join(
        map(_pickled, (statedict.MAGIC, statedict.PROTOCOL, system, tensors, list(keys.values())))
    )
    return head + b"".join(struct.pack("<q", a.size) + a.tobytes() for a in arrays.values())


@given(hnp.arrays(np.float32, hnp.array_shapes(max_dims=4, max_side=4)), st.integers(-5, 5))
def test_what_was_written_is_read(values: NDArray[np.float32], count: int) -> None:
    read = statedict.read(_file({"a.weight": values, "n": np.array(count, np.int64)}), "x")
    np.testing.assert_array_equal(read["a.weight"], values)
    assert read["n"].shape == ()
    assert read["n"] == count


def test_a_transposed_tensor_is_read_by_its_strides() -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    read = statedict.read(_file({"w": values}, shape=(3, 2), stride=(1, 3)), "x")
    np.testing.assert_array_equal(read["w"], values.T)


@pytest.mark.parametrize(
    "line",
    [
        "os\nsystem",
        "builtins\neval",
        "posix\nsystem",
        "torch\nload",
        "collections\nnamedtuple",
        "numpy\nload",
    ],
)
def test_any_other_name_stops_the_reader(line: str, capfd: pytest.CaptureFixture[str]) -> None:
    head = b"".join(map(_pickled, (statedict.MAGIC, statedict.PROTOCOL, SYSTEM)))
    with pytest.raises(WeightsError, match=line.replace("\n", r"\.")):
        statedict.read(head + _pickled({"w": _Global(line, ("echo harm",))}), "x")
    assert "harm" not in capfd.readouterr().out


@pytest.mark.parametrize(
    "changed",
    [
        {"shape": (7,), "stride": (1,)},
        {"offset": 5},
        {"offset": -1},
        {"stride": (-1, 1)},
        {"shape": (2, 10**9)},
    ],
)
def test_a_tensor_beyond_its_storage_is_refused(changed: dict[str, Any]) -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    with pytest.raises(WeightsError, match="beyond its storage"):
        statedict.read(_file({"w": values}, **changed), "x")


def test_a_big_endian_file_is_refused() -> None:
    with pytest.raises(WeightsError, match="big-endian"):
        statedict.read(_file({"w": np.zeros(2, np.float32)}, {**SYSTEM, "little_endian": False}), "x")


@given(st.data())
def test_a_cut_off_or_changed_file_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(_file({"w": np.arange(6, dtype=np.float32)}))
    whole = whole[: data.draw(st.integers(0, len(whole) - 1))]
    if whole:
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = statedict.read(bytes(whole), "cut.pth")
    except WeightsError:
        return
    assert all(isinstance(name, str) and isinstance(array, np.ndarray) for name, array in found.items())


def test_a_newer_zip_file_is_refused() -> None:
    with pytest.raises(WeightsError, match="older file format"):
        statedict.read(b"PK\x03\x04 and so on", "new.pth")
