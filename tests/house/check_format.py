#!/usr/bin/env python3
"""check_format.py ROOT: clang-format agrees with every C++ file, and shellcheck with every script."""

import pathlib
import shutil
import subprocess
import sys

from sources import files, finish

CLANG_FORMAT = "clang-format-19"
SHELLCHECK = "shellcheck"


def require(program):
    if shutil.which(program) is None:
        sys.exit(f"{program} is not installed: deploy/dependencies/install_packages.sh test")


def is_script(path):
    if not path.is_file() or path.suffix not in {"", ".sh"}:
        return False
    with open(path, "rb") as file:
        line = file.readline()
    return line.startswith(b"#!") and b"sh" in line or line.startswith(b"# shellcheck shell=")


def main(root):
    require(CLANG_FORMAT)
    require(SHELLCHECK)
    root = pathlib.Path(root)
    paths = [root / path for path in files(root)]
    sources = [str(path) for path in paths if path.suffix in {".h", ".cpp"}]
    problems = []
    if sources:
        formatted = subprocess.run([CLANG_FORMAT, "--dry-run", "-Werror", *sources], cwd=root,
                                   capture_output=True, text=True, check=False)
        unformatted = {line.split(":")[0] for line in formatted.stderr.splitlines()
                       if "clang-format-violations" in line}
        problems += [f"{path}: not as clang-format writes it" for path in sorted(unformatted)]
    scripts = [str(path) for path in paths if is_script(path)]
    checked = subprocess.run([SHELLCHECK, *scripts], cwd=root, capture_output=True, text=True,
                             check=False)
    if checked.returncode != 0:
        problems.append(checked.stdout)
    finish(problems, "./dev fmt formats; what shellcheck says is to be mended by hand.")


main(*sys.argv[1:])
