"""Messages to and from plain values, by Cap'n Proto's own tool: for what no client would send."""

import json
import os
import subprocess

from support.server import SOURCE

SCHEMA = os.path.join(SOURCE, "schema")


def _convert(formats, file, kind, content):
    result = subprocess.run(
        ["capnp", "convert", formats, "-I", SCHEMA, os.path.join(SCHEMA, file), kind],
        input=content, capture_output=True, timeout=60, check=False)
    if result.returncode != 0:
        raise ValueError(result.stderr.decode(errors="replace"))
    return result.stdout


def decode(file, kind, content):
    """Byte strings are lists of numbers, 64-bit numbers are texts."""
    return json.loads(_convert("flat:json", file, kind, content))


def encode(file, kind, value):
    """In canonical form."""
    return _convert("json:canonical", file, kind, json.dumps(value).encode())
