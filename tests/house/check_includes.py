#!/usr/bin/env python3
"""check_includes.py ROOT: what shared/ includes is deterministic, capnp stays in codec/, and a
source file includes its own header first, once (which shows that the header compiles alone)."""

import pathlib
import re
import sys

from sources import files, finish

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# Sources of I/O, threads, clocks and randomness, and what libc++ 13 lacks.
FORBIDDEN = {
    "iostream": "I/O", "fstream": "I/O", "cstdio": "I/O", "stdio.h": "I/O", "filesystem": "I/O",
    "unistd.h": "I/O", "fcntl.h": "I/O", "syncstream": "I/O",
    "thread": "threads", "mutex": "threads", "shared_mutex": "threads", "future": "threads",
    "condition_variable": "threads", "semaphore": "threads", "latch": "threads",
    "barrier": "threads", "stop_token": "threads", "pthread.h": "threads",
    "ctime": "a clock", "time.h": "a clock", "chrono": "a clock",
    "random": "randomness",
    "format": "not in libc++ 13", "expected": "not in libc++ 13",
    "source_location": "not in libc++ 13", "coroutine": "not in libc++ 13",
    "memory_resource": "not in libc++ 13", "ranges": "not in libc++ 13",
}
# The last words of a process that must stop.
ALLOWED = {("shared/base/assert.cpp", "cstdio")}


def problems_of(root, path):
    text = (root / path).read_text(encoding="utf-8")
    name = path.as_posix()
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        bracket, target = match.groups()
        if target in FORBIDDEN and (name, target) not in ALLOWED:
            yield f"{name}:{number}: includes {target} ({FORBIDDEN[target]})"
        if target.startswith(("capnp/", "kj/")) and not name.startswith("shared/codec/"):
            yield f"{name}:{number}: includes {target}; only shared/codec knows Cap'n Proto"
        if bracket == '"' and ("/" not in target or target.startswith(".")):
            yield f"{name}:{number}: includes {target}; includes name the layer: git/pack/delta.h"


def own_header_problems(root, path):
    header = path.with_suffix(".h")
    if path.suffix != ".cpp" or not (root / header).exists():
        return
    name = header.as_posix().removeprefix("shared/")
    first = next(filter(INCLUDE.match, (root / path).read_text(encoding="utf-8").splitlines()), "")
    if first != f'#include "{name}"':
        yield f"{path.as_posix()}: includes {name} not before all else"
    if "\n#pragma once\n" not in "\n" + (root / header).read_text(encoding="utf-8"):
        yield f"{header.as_posix()}: has no line #pragma once"


def main(root):
    root = pathlib.Path(root)
    problems = []
    for path in files(root):
        if path.parts[0] == "shared" and path.suffix in {".h", ".cpp"}:
            problems += problems_of(root, path)
        if path.parts[0] in {"shared", "native"}:
            problems += own_header_problems(root, path)
    finish(problems, "Time, randomness and I/O come in as arguments; see docs/architecture.md.")


main(*sys.argv[1:])
