"""The tiny model with its weights in another form, as a service that saves memory would serve it."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from tests.engines.llamacpp import MODEL


def requantised(form: str, path: Path) -> Path:
    """Writes the model with its matrices as F32, Q5_0, Q4_0 … (needs the extra `engines`)."""
    gguf: Any = importlib.import_module("gguf")
    wanted = gguf.GGMLQuantizationType[form]
    reader = gguf.GGUFReader(MODEL)
    writer = gguf.GGUFWriter(path, "llama")
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        inner = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), field.types[0], inner)
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        if tensor.tensor_type == gguf.GGMLQuantizationType.F32:
            writer.add_tensor(tensor.name, values)
            continue
        writer.add_tensor(tensor.name, gguf.quants.quantize(values, wanted), raw_dtype=wanted)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
