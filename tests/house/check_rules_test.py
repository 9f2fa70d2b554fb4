#!/usr/bin/env python3
"""check_rules_test.py COMPILER: each check of this folder accepts what is right and refuses the rest."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).parent
COMPILER = "c++"


class HouseRules(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.scratch.name)

    def tearDown(self):
        self.scratch.cleanup()

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return str(target)

    def check(self, name, *arguments):
        """What check_NAME.py answers: (whether it accepts, what it printed)."""
        ended = subprocess.run([sys.executable, "-B", str(FOLDER / f"check_{name}.py"), *arguments],
                               capture_output=True, text=True, check=False)
        return ended.returncode == 0, ended.stdout + ended.stderr

    def archive(self, source):
        code = self.write("unit.cpp", source)
        unit = str(self.root / "unit.o")
        subprocess.run([COMPILER, "-std=c++20", "-O2", "-fPIC", "-c", code, "-o", unit], check=True)
        library = str(self.root / "libunit.a")
        subprocess.run(["ar", "rcs", library, unit], check=True)
        return library

    def test_symbols_accepts_memory_and_refuses_io(self):
        self.assertTrue(self.check("symbols", self.archive(
            "#include <vector>\nint f(int n) { return std::vector<int>(n).back(); }"))[0])
        for source in ['#include <cstdio>\nvoid f() { std::puts("x"); }',
                       '#include <fstream>\nvoid f() { std::ofstream("x") << 1; }',
                       "#include <thread>\nvoid f() { std::thread([] {}).join(); }",
                       "#include <random>\nunsigned f() { return std::random_device()(); }",
                       "#include <chrono>\nauto f() { return std::chrono::steady_clock::now(); }",
                       "#include <cstdlib>\nint f() { return std::rand(); }",
                       "#include <iostream>\nvoid f() {}",
                       "int counter = 1;", "int f() { static int n; return ++n; }",
                       "thread_local int n; int f() { return ++n; }"]:
            accepted, output = self.check("symbols", self.archive(source))
            self.assertFalse(accepted, source + output)

    def test_includes_refuses_clocks_capnp_and_relative_paths(self):
        self.write("shared/git/a.cpp", '#include <vector>\n#include "git/a.h"\n')
        self.assertTrue(self.check("includes", str(self.root))[0])
        for line in ["#include <chrono>", "#include <thread>", "#include <capnp/message.h>",
                     '#include "a.h"', '#include "../base/bytes.h"']:
            self.write("shared/git/a.cpp", line + "\n")
            self.assertFalse(self.check("includes", str(self.root))[0], line)

    def test_includes_wants_the_own_header_first(self):
        self.write("native/a.h", "// What it is.\n#pragma once\n")
        for first, accepted in [("native/a.h", True), ("native/b.h", False)]:
            self.write("native/a.cpp", f'#include "{first}"\n#include "native/a.h"\n')
            self.assertEqual(self.check("includes", str(self.root))[0], accepted)
        self.write("native/a.cpp", '#include "native/a.h"\n')
        self.write("native/a.h", "int a();\n")
        self.assertFalse(self.check("includes", str(self.root))[0])

    def test_sizes_refuses_long_files_and_functions(self):
        function = "void f(int a,\n       int b) {\n" + "    g();\n" * 57 + "}\n"
        self.write("shared/a.cpp", "\n" * 3 + function)
        self.assertTrue(self.check("sizes", str(self.root))[0])
        self.write("shared/a.cpp", function.replace("    g();\n", "    g();\n    h();\n", 1))
        self.assertFalse(self.check("sizes", str(self.root))[0])
        self.write("shared/a.cpp", "\n" * 501)
        self.assertFalse(self.check("sizes", str(self.root))[0])

    def test_words_refuses_paths_of_a_machine(self):
        self.write("a.md", "see docs/root/file and https://example.org/home/x\n")
        self.assertTrue(self.check("words", str(self.root))[0])
        self.write("a.md", "see /" + "home/somebody/file\n")
        self.assertFalse(self.check("words", str(self.root))[0])

    def test_layers_refuses_an_arrow_upwards_and_an_unknown_library(self):
        layers = self.write("layers.txt", "ashlar_a:\nashlar_b: ashlar_a\n")
        for row, expected in [("ashlar_b;f;ashlar_a ashlar_warnings", True),
                              ("ashlar_a;f;ashlar_b", False), ("ashlar_c;f;", False)]:
            libraries = self.write("libraries.txt", row + "\n")
            self.assertEqual(self.check("layers", layers, libraries)[0], expected, row)
        libraries = self.write("libraries.txt", "ashlar_a;f;\n")
        layers = self.write("layers.txt", "ashlar_a: ashlar_b\nashlar_b:\n")
        self.assertFalse(self.check("layers", layers, libraries)[0])

    def test_format_refuses_what_clang_format_or_shellcheck_would_change(self):
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.write("a.cpp", "int f() { return 1; }\n")
        self.write("a.sh", '#!/bin/bash\necho "$1"\n')
        self.assertTrue(self.check("format", str(self.root))[0])
        self.write("a.sh", "#!/bin/bash\necho $1\n")
        self.assertFalse(self.check("format", str(self.root))[0])
        self.write("a.sh", '#!/bin/bash\necho "$1"\n')
        self.write("a.cpp", "int f()   { return 1; }\n")
        self.assertFalse(self.check("format", str(self.root))[0])

    def test_folders_asks_for_a_readme(self):
        self.write("shared/a/README.md", "# a\n")
        libraries = self.write("libraries.txt", f"ashlar_a;{self.root}/shared/a;\n")
        self.assertTrue(self.check("folders", str(self.root), libraries)[0])
        libraries = self.write("libraries.txt", f"ashlar_b;{self.root}/shared/b;\n")
        self.assertFalse(self.check("folders", str(self.root), libraries)[0])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        COMPILER = sys.argv.pop(1)
    unittest.main()
