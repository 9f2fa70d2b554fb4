#!/usr/bin/env python3
"""check_symbols.py ARCHIVE...: the libraries of shared/ have no I/O, threads, clock or randomness,
and no variable that outlives a call.

Of C functions, those are allowed that are named here; of C++ ones all but those that are.
"""

import re
import subprocess
import sys

from sources import finish

C_ALLOWED = re.compile("|".join([
    r"mem(cpy|move|set|cmp|chr)", r"str(len|cmp|ncmp|chr)", r"bcmp", r"abort",
    r"malloc|calloc|realloc|free",  # C libraries hand over and take memory
    r"__(cxa|gxx)_\w+", r"_Unwind_Resume", r"_GLOBAL_OFFSET_TABLE_", r"__stack_chk_fail",
    r"__dynamic_cast", r"__dso_handle", r"__libc_single_threaded", r"__tls_get_addr",
    r"__(asan|ubsan|tsan|sanitizer)_\w+",
    r"__(u?div|u?mod)ti[34]", r"__popcountdi2", r"_?_?to(lower|upper)",
    r"SHA1DC\w+|ubc_check",
    r"crypto_(generichash|hash|sign|auth|onetimeauth|verify|scalarmult|aead|kdf|core)_\w+",
    r"crypto_(sign|hash|generichash)", r"sodium_(memzero|memcmp|increment|is_zero)",
    r"(in|de)flate\w*", r"crc32\w*", r"adler32\w*", r"zlibVersion", r"libdeflate_\w+",
    r"cmark_\w+", r"xdl_\w+",
]))
# Of what the C libraries offer: system randomness.
C_FORBIDDEN = re.compile(
    r"randombytes\w*|crypto_\w+_keygen|crypto_(box|sign)\w*_keypair(?<!seed_keypair)")
CPP_FORBIDDEN = re.compile(
    r"^std::(basic_)?([io]?fstream|filebuf)|^std::(cin|cout|cerr|clog|wcout)\b|^std::ios_base::Init"
    r"|^std::filesystem::|^std::(jthread|thread|mutex|timed_mutex|shared_mutex|condition_variable)"
    r"|^std::(random_device|future|promise|__future_base|this_thread)"
    r"|^std::chrono::\w+::\w*_clock::now|^std::chrono::_V2::|^std::__throw_system_error"
    r"|^kj::(Fd|Thread|Mutex|_::Mutex|Clock|systemClock|systemPrecise|newDiskFilesystem)"
    r"|^capnp::(write|read)\w*ToFd|^capnp::StreamFd")
# (archive, object, symbol): a process that must stop says why, and nothing else prints; SHA-1 asks
# which instructions the processor has, and gives the same result by any of them.
EXCEPTIONS = {("libashlar_base.a", "assert.cpp.o", "fprintf"),
              ("libashlar_base.a", "assert.cpp.o", "stderr"),
              ("libashlar_crypto.a", "sha1_blocks.cpp.o", "__cpu_model"),
              ("libashlar_crypto.a", "sha1_blocks.cpp.o", "__cpu_features2")}
MUTABLE_SECTION = re.compile(r"\.(data|bss|tdata|tbss)(?!\.rel\.ro)(\.|$)")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def is_allowed(symbol, demangled):
    if symbol.startswith("_Z"):
        return not CPP_FORBIDDEN.search(demangled)
    return bool(C_ALLOWED.fullmatch(symbol)) and not C_FORBIDDEN.fullmatch(symbol)


def undefined_symbols(archive):
    """(object, symbol) of what the archive's objects need from elsewhere."""
    member = None
    for line in run("nm", "--undefined-only", "--format=posix", archive).splitlines():
        if line.endswith("]:"):
            member = line[line.rindex("[") + 1:-2]
        elif line.strip():
            yield member, line.split()[0]


def mutable_variables(archive):
    for line in run("nm", "--demangle", "--format=sysv", archive).splitlines():
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 7 or not MUTABLE_SECTION.match(fields[6]):
            continue
        if fields[0].startswith("DW.ref.") or fields[3] == "SECTION":
            continue
        yield f"{fields[0]} in {fields[6]}"


def problems_of(archive):
    name = archive.rsplit("/", 1)[-1]
    needed = list(undefined_symbols(archive))
    demangled = subprocess.run(["c++filt"], input="\n".join(symbol for _, symbol in needed),
                               capture_output=True, text=True, check=True).stdout.splitlines()
    for (member, symbol), readable in zip(needed, demangled):
        if (name, member, symbol) not in EXCEPTIONS and not is_allowed(symbol, readable):
            yield f"{name}({member}) uses {readable}"
    for variable in mutable_variables(archive):
        yield f"{name} has a variable that outlives a call: {variable}"


def main(archives):
    if not archives:
        sys.exit("no archive given")
    problems = []
    for archive in archives:
        problems += problems_of(archive)
    finish(problems, "shared/ gets time, randomness and I/O as arguments; see docs/architecture.md.")


main(sys.argv[1:])
