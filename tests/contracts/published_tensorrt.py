"""What NVIDIA's Python bindings of TensorRT take, told by the bindings themselves; a program, for they may crash.

    python published_tensorrt.py WHEEL FOLDER

unpacks the wheel into FOLDER and prints JSON. The libraries behind the bindings come with JetPack only. To be loaded
and asked for their signatures the bindings do not need them: what they miss is given the name of something that is
there, and is never called.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

LIBRARY = re.compile(rb"libnv[a-z_]+\.so\.\d+(?=\0)")
THERE_LIBRARY, THERE_FUNCTION = b"libm.so.6", b"getpid"
ARGUMENT = re.compile(r"(?:^|, )(\w+): ((?:[^,\[\]]|\[[^\]]*\])*)")


def loaded(wheel: Path, folder: Path) -> ModuleType:
    """The bindings as a module."""
    zipfile.ZipFile(wheel).extractall(folder)
    (file,) = folder.glob("*/tensorrt.so")
    for name in set(LIBRARY.findall(file.read_bytes())):
        rename(file, name, THERE_LIBRARY)
    sys.path.insert(0, str(folder))
    sys.setdlopenflags(os.RTLD_LAZY)
    while True:
        try:
            return importlib.import_module(file.parent.name)
        except ImportError as error:
            missing = str(error).partition("undefined symbol: ")[2]
            if not missing:
                raise
            rename(file, missing.encode(), THERE_FUNCTION)


def rename(file: Path, name: bytes, other: bytes) -> None:
    """In the table of names; another file, for the loader remembers one that it has seen."""
    content = file.read_bytes().replace(b"\0" + name + b"\0", b"\0" + other.ljust(len(name), b"\0") + b"\0")
    file.unlink()
    file.write_bytes(content)


def takes(method: Any) -> list[list[tuple[str, bool]]]:
    """Of each overload the arguments after self: name, and whether it may be left out."""
    lines = re.findall(r"^(?:\d+\. )?\w+\(self: [\w.]+(?:, )?(.*)\) -> ", method.__doc__ or "", re.MULTILINE)
    return [[(name, " = " in rest) for name, rest in ARGUMENT.findall(line)] for line in lines]


def told(module: ModuleType) -> dict[str, Any]:
    """By class the methods with what they take, None for an attribute; by enumeration its words."""
    classes: dict[str, dict[str, Any]] = {}
    words: dict[str, list[str]] = {}
    for name, kind in vars(module).items():
        if isinstance(kind, type) and hasattr(kind, "__members__"):
            words[name] = sorted(kind.__members__)
        elif isinstance(kind, type):
            members = {word: getattr(kind, word, None) for word in dir(kind)}
            classes[name] = {word: None if isinstance(x, property) else takes(x) for word, x in members.items()}
    floats = str(module.nptype(module.DataType.FLOAT).__name__)
    return {"version": module.__version__, "classes": classes, "words": words, "floats": floats}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(told(loaded(Path(sys.argv[1]), Path(sys.argv[2])))))
