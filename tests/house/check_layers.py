#!/usr/bin/env python3
"""check_layers.py LAYERS LIBRARIES: no library names in CMake what layers.txt does not grant it.

LIBRARIES is written by CMake: a line "name;folder;what it links" a library.
"""

import pathlib
import re
import sys

from sources import finish


def read_layers(path):
    layers = {}
    for line in pathlib.Path(path).read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, granted = line.partition(":")
            layers[name] = granted.split()
    return layers


def target_names(links):
    """Names of the linked targets, out of CMake's wrappers such as $<LINK_ONLY:name>."""
    names = re.sub(r"\$<LINK_ONLY:([^>]*)>", r"\1", links).split()
    return [name for name in names if name != "ashlar_warnings" and "::@" not in name]


def main(layers_path, libraries_path):
    layers = read_layers(layers_path)
    problems = []
    above = set()
    for name, granted in layers.items():
        problems += [f"layers.txt: {name} may use {other}, which stands below it"
                     for other in granted if other.startswith("ashlar_") and other not in above]
        above.add(name)
    for line in pathlib.Path(libraries_path).read_text().splitlines():
        name, folder, links = line.split(";", 2)
        if name not in layers:
            problems.append(f"{folder}: {name} has no row in tests/house/layers.txt")
            continue
        problems += [f"{folder}: {name} links {other}, which its row does not grant"
                     for other in target_names(links.replace(";", " "))
                     if other not in layers[name]]
    finish(problems, "See tests/house/layers.txt.")


main(*sys.argv[1:])
