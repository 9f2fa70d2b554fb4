#!/usr/bin/env python3
"""check_sizes.py ROOT: files over 500 lines want to be two, functions over 60 lines several."""

import pathlib
import sys

from sources import files, finish, is_code

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
NOT_FUNCTIONS = ("struct ", "class ", "enum ", "union ", "namespace ", "template", "extern ", "#")


def long_functions(lines):
    """Functions at the outermost level: clang-format starts them and their brace in column 0."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "}" and start is not None:
            if number - start + 1 > FUNCTION_LINES_MAX:
                yield start, number - start + 1
            start = None
        elif line and (line[0].isalpha() or line[0] == "_"):
            start = None if line.startswith(NOT_FUNCTIONS) else start or number
        elif line.startswith(("#", "/", "}")):
            start = None


def main(root):
    root = pathlib.Path(root)
    problems = []
    for path in files(root):
        if not is_code(path):
            continue
        lines = (root / path).read_text(encoding="utf-8").splitlines()
        if len(lines) > FILE_LINES_MAX:
            problems.append(f"{path}: {len(lines)} lines")
        if path.suffix in {".h", ".cpp"} and path.parts[0] != "tests":
            problems += [f"{path}:{start}: a function of {length} lines"
                         for start, length in long_functions(lines)]
    finish(problems, f"The limits are {FILE_LINES_MAX} and {FUNCTION_LINES_MAX} lines.")


main(*sys.argv[1:])
