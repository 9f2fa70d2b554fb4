"""The project's own files, for the checks of this folder."""

import os
import pathlib
import sys

SKIPPED_FOLDERS = {".git", "node_modules", ".cache", "ashlar-data"}
CODE_SUFFIXES = {".h", ".cpp", ".c", ".py", ".js", ".mjs", ".ts", ".sh", ".capnp", ".css", ".html",
                 ".mustache", ".cmake"}


def files(root):
    """Paths of all files below root, relative to it, without builds and what npm fetched."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders
                            if name not in SKIPPED_FOLDERS and not name.startswith("build"))
        for name in sorted(set(names) - SKIPPED_FOLDERS):
            yield (pathlib.Path(folder) / name).relative_to(root)


def is_code(path):
    return path.suffix in CODE_SUFFIXES or path.name in {"dev", "run", "CMakeLists.txt"}


def finish(problems, remedy):
    """Prints the problems and ends the check."""
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"{len(problems)} problems. {remedy}")
    print("ok")
