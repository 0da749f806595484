"""Free values: whatever authors hand over comes back, and equal values are equal bytes."""

import io
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sparring.types.declaration import FreeValue
from sparring.types.errors import InvalidArgumentError
from sparring.types.free_value import (
    BYTES,
    JSON,
    NPZ,
    PARTS,
    SAFETENSORS,
    STRUCTURE,
    from_free_value,
    join_parts,
    split_parts,
    to_free_value,
)

DTYPES = st.sampled_from(["?", "<i1", "<u2", "<i4", "<i8", "<f2", "<f4", "<f8", ">f8", "<c16"])
ARRAYS = DTYPES.flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
)
ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1).filter(
    lambda name: name != STRUCTURE
)
TREES = st.recursive(
    ATOMS | ARRAYS | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return bool(
            isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, list | tuple):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return isinstance(other, dict) and list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, float) and math.isnan(one):
        return isinstance(other, float) and math.isnan(other)
    return type(one) is type(other) and bool(one == other)


@given(TREES)
def test_whatever_is_handed_over_comes_back(value: Any) -> None:
    encoded = to_free_value(value)
    assert same(value, from_free_value(encoded))
    assert to_free_value(value) == encoded


@given(st.dictionaries(NAMES, ARRAYS, min_size=1))
def test_a_dict_of_arrays_is_an_npz_file_that_numpy_reads(arrays: dict[str, Any]) -> None:
    encoded = to_free_value(arrays)
    assert encoded.content_type == NPZ
    with np.load(io.BytesIO(encoded.data), allow_pickle=False) as file:
        assert same(dict(arrays), {name: file[name] for name in file.files})


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_files_of_numpy_are_read(save: Any) -> None:
    file = io.BytesIO()
    arrays = {"a": np.arange(6.0).reshape(2, 3), "f": np.asfortranarray(np.arange(6).reshape(2, 3))}
    save(file, **arrays)
    assert same(arrays, from_free_value(FreeValue(NPZ, file.getvalue())))


def test_nothing_pickled_is_read_or_written() -> None:
    file = io.BytesIO()
    np.savez(file, a=np.array([{}], dtype=object))
    with pytest.raises(InvalidArgumentError) as caught:
        from_free_value(FreeValue(NPZ, file.getvalue()))
    assert caught.value.reason == "VALUE_MALFORMED"
    with pytest.raises(InvalidArgumentError) as caught:
        to_free_value({"a": np.array([{}], dtype=object)})
    assert caught.value.reason == "VALUE_UNENCODABLE"


def test_json_stays_json_and_numbers_of_numpy_become_plain() -> None:
    encoded = to_free_value({"a": (1, 2.5, None), "b": np.float32(0.5), "c": np.int64(3), "d": np.bool_(True)})
    assert encoded == FreeValue(JSON, b'{"a":[1,2.5,null],"b":0.5,"c":3,"d":true}')


def test_bytes_and_values_of_the_authors_own_form_stay_what_they_are() -> None:
    own = FreeValue("application/x-mine", b"?")
    assert to_free_value(own) is own
    assert from_free_value(own) is own
    assert to_free_value(b"abc") == FreeValue(BYTES, b"abc")
    assert from_free_value(to_free_value({"inner": own})) == {"inner": own}


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (object(), "class object "),
        ({"deep": [1, {2, 3}]}, "class set at ['deep'][1]"),
        ({1: "a"}, "class int as a key"),
        (1j, "class complex "),
    ],
)
def test_what_cannot_be_handed_over_is_named_by_class_and_place(value: Any, named: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        to_free_value(value)
    assert caught.value.reason == "VALUE_UNENCODABLE"
    assert named in caught.value.message


def safetensors(**tensors: np.ndarray[Any, Any]) -> bytes:
    header: dict[str, Any] = {"__metadata__": {"made": "by hand"}}
    body = b""
    for name, tensor in tensors.items():
        dtype = {"<f4": "F32", "<i8": "I64"}[tensor.dtype.str]
        offsets = [len(body), len(body) + tensor.nbytes]
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": offsets}
        body += tensor.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def test_safetensors_are_read_as_arrays() -> None:
    arrays = {"w": np.ones((2, 3), np.float32), "n": np.array(7)}
    assert same(arrays, from_free_value(FreeValue(SAFETENSORS, safetensors(**arrays))))


@pytest.mark.parametrize(
    "value",
    [
        FreeValue(JSON, b"{"),
        FreeValue(NPZ, b"PK"),
        FreeValue(NPZ, to_free_value({"a": np.ones(3)}).data[:-40]),
        FreeValue(NPZ, to_free_value({"a": np.ones(3)}).data.replace(b"\xf0\x3f", b"\xf1\x3f")),
        FreeValue(SAFETENSORS, b"\xff" * 20),
        FreeValue(SAFETENSORS, safetensors(a=np.ones(3, np.float32))[:-4]),
    ],
)
def test_bytes_that_do_not_follow_their_content_type_are_refused(value: FreeValue) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        from_free_value(value)
    assert caught.value.reason == "VALUE_MALFORMED"


@given(st.lists(st.none() | st.builds(FreeValue, st.text(), st.binary())))
def test_parts_are_joined_and_split(parts: list[FreeValue | None]) -> None:
    assert split_parts(join_parts(parts)) == parts


@pytest.mark.parametrize("data", [b"", b"1\n", b'[["a",3]]\nab', b'[["a",1]]\nab', b"[[1]]\n"])
def test_what_is_not_in_parts_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        split_parts(FreeValue(PARTS, data))
    assert caught.value.reason == "VALUE_MALFORMED"
