"""safetensors.txt: files of the safetensors package, and what it refuses."""
import json
import struct

from safetensors.torch import load, save

from golden import DTYPES, File, build, call, hex_spec

OUT = File("safetensors.txt", """
save: a file that the package wrote of the tensors `in0`... under the names `name0`..., with the metadata `key` and
`value` where there are such fields.
load: bytes that are no file of the package's writing. `accepted` says whether it reads them; `out0`... are then its
tensors.
""")


def file_field(data):
    return "file", f"uint8 [{len(data)}] hex:{data.hex()}"


def saved(*tensors, metadata=None):
    named = [(name, build(spec)) for name, spec in tensors]
    fields = [field for i, (name, spec) in enumerate(tensors) for field in ((f"name{i}", name), (f"in{i}", spec))]
    if metadata:
        (key, value), = metadata.items()
        fields += [("key", key), ("value", value)]
    OUT.record("save", *fields, file_field(save({name: tensor.contiguous() for name, tensor in named}, metadata)))


def loaded(what, header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    whole = struct.pack("<Q", len(text) if length is None else length) + text + data
    tensors, error = call(lambda: load(whole))
    named = [] if error else enumerate(sorted(tensors.items()))
    fields = [field for i, (name, t) in named for field in ((f"name{i}", name), (f"out{i}", hex_spec(t)))]
    OUT.record("load", ("about", what), ("accepted", "false" if error else "true"), *fields, file_field(whole))


def entry(dtype="F32", shape=(2,), offsets=(0, 8), **others):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **others}


def saves():
    for dtype in DTYPES:
        saved((f"a.{dtype}", f"{dtype} [2,3] formula:5,1,7,0"))
    saved(*((dtype, f"{dtype} [3] formula:3,1,5,0") for dtype in DTYPES), metadata={"format": "pt"})
    saved(("scalar", "float32 [] hex:0000803f"), ("none", "int64 [0,3] hex:"), ("a", "int8 [1] hex:7f"))
    saved(("w", "float32 [3,2] formula:3,1,7,3 transpose(0,1)"), metadata={"a \"quoted\"\\ key": "\u00e9 \u4e2d\t\x1f"})
    saved(("caf\u00e9.\U0001f600", "uint8 [2] hex:0102"), ("", "uint8 [1] hex:03"), ("tab\t\"\\/", "uint8 [1] hex:04"))
    saved()


def loads():
    good, data = entry(), b"\0\0\x80?\0\0\0@"
    loaded("a good file", {"a": good}, data)
    loaded("blanks in the header", b' {"a":1}', data)
    loaded("blanks after the header", json.dumps({"a": good}, indent=1).encode() + b" \n ", data)
    loaded("unknown fields", {"a": entry(more=[1, {"x": None}], less=-1.5e-3)}, data)
    loaded("escapes in a name", b'{"\\u0061\\ud83d\\ude00\\t":' + json.dumps(good).encode() + b"}", data)
    loaded("empty tensors among others",
           {"a": entry(shape=(1,), offsets=(0, 4)), "e": entry(shape=(0,), offsets=(4, 4)),
            "b": entry(shape=(1,), offsets=(4, 8))}, data)
    loaded("no tensor", {}, b"")
    loaded("metadata only", {"__metadata__": {"a": "b"}}, b"")
    loaded("a file of no bytes after the count", b"", length=0)
    loaded("a header longer than the file", {"a": good}, data, length=4096)
    loaded("a header longer than any", {"a": good}, data, length=100000001)
    loaded("a header of 2^63 bytes", {"a": good}, data, length=1 << 63)
    loaded("a header of 2^64 - 1 bytes", {"a": good}, data, length=(1 << 64) - 1)
    loaded("a header cut short", {"a": good}, data, length=20)
    loaded("no JSON", b"hello wo", data)
    loaded("an array", [good], data)
    loaded("a comma too many", b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},}', data)
    loaded("something after the object", b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}x', data)
    loaded("no UTF-8", b'{"\xff":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', data)
    loaded("half a surrogate pair", b'{"\\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', data)
    loaded("a control character", b'{"\n":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', data)
    loaded("two dtypes", b'{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', data)
    loaded("no dtype", {"a": {"shape": [2], "data_offsets": [0, 8]}}, data)
    loaded("no shape", {"a": {"dtype": "F32", "data_offsets": [0, 8]}}, data)
    loaded("no offsets", {"a": {"dtype": "F32", "shape": [2]}}, data)
    loaded("an unknown dtype", {"a": entry("F33")}, data)
    loaded("a dtype in small letters", {"a": entry("f32")}, data)
    loaded("a tensor that is a number", {"a": 1}, data)
    loaded("a negative size", {"a": entry(shape=(-2,))}, data)
    loaded("a size with a point", b'{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}', data)
    loaded("a size with a leading zero", b'{"a":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}', data)
    loaded("a size of 2^64", {"a": entry(shape=(1 << 64,))}, data)
    loaded("sizes that overflow", {"a": entry(shape=(1 << 32, 1 << 32))}, data)
    loaded("bytes that overflow", {"a": entry(shape=(1 << 62, 4))}, data)
    loaded("sizes that overflow beside 0", {"a": entry(shape=(0, 1 << 40, 1 << 40), offsets=(0, 0))}, b"")
    loaded("one offset", {"a": entry(offsets=(0,))}, data)
    loaded("three offsets", {"a": entry(offsets=(0, 8, 8))}, data)
    loaded("offsets that go back", {"a": entry(offsets=(8, 0))}, data)
    loaded("a negative offset", {"a": entry(offsets=(-8, 0))}, data)
    loaded("offsets beyond the file", {"a": entry(shape=(4,), offsets=(0, 16))}, data)
    loaded("offsets that do not fit the shape", {"a": entry(shape=(1,))}, data)
    loaded("a hole before", {"a": entry(shape=(1,), offsets=(4, 8))}, data)
    loaded("a hole between",
           {"a": entry("U8", (2,), (0, 2)), "b": entry("U8", (2,), (6, 8))}, data)
    loaded("overlapping tensors", {"a": good, "b": entry(shape=(1,), offsets=(4, 8))}, data)
    loaded("two tensors in one place", {"a": good, "b": good}, data)
    loaded("bytes left over", {"a": good}, data + b"\0")
    loaded("a byte missing", {"a": good}, data[:-1])
    loaded("metadata that is a number", {"__metadata__": 1, "a": good}, data)
    loaded("metadata with a number", {"__metadata__": {"a": 1}, "a": good}, data)
    loaded("null for metadata", {"__metadata__": None, "a": good}, data)


if __name__ == "__main__":
    saves()
    loads()
    OUT.write()
