#!/usr/bin/env python3
"""check_words.py ROOT: nothing that is committed names a folder of one machine or one's home."""

import pathlib
import re
import sys

from sources import files, finish

# Put together here, so that this file passes its own check.
MACHINE_PATH = re.compile(r"(?<![\w.}])/(" + "|".join(["work", "root", "home"]) + r")/\w")
TEXT_BYTES_MAX = 1 << 20


def text_of(path):
    """The text of a file; nothing for a binary, a large one, or a link to nowhere."""
    if not path.is_file() or path.stat().st_size > TEXT_BYTES_MAX:
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def main(root):
    root = pathlib.Path(root)
    problems = []
    for path in files(root):
        for number, line in enumerate(text_of(root / path).splitlines(), 1):
            if match := MACHINE_PATH.search(line):
                problems.append(f"{path}:{number}: names {match.group()}...")
    finish(problems, "Use a relative path, or a placeholder such as DIR.")


main(*sys.argv[1:])
