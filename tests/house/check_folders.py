#!/usr/bin/env python3
"""check_folders.py ROOT LIBRARIES: each library's folder says in a README what it is."""

import pathlib
import sys

from sources import finish


def main(root, libraries_path):
    problems = []
    for line in pathlib.Path(libraries_path).read_text().splitlines():
        name, folder, _ = line.split(";", 2)
        if not (pathlib.Path(folder) / "README.md").is_file():
            problems.append(f"{pathlib.Path(folder).relative_to(root)} ({name}) has no README.md")
    finish(problems, "A few lines: what it is, its key types, what it must not know.")


main(*sys.argv[1:])
