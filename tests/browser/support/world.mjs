// Repositories to look at: one as people have them, and one whose every name, message and file
// tries to be more than text.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import zlib from "node:zlib";

export const evil = `"><img src=x onerror=alert(1)><script>alert(1)<`;

class WorkTree {
  constructor(folder, name, email) {
    mkdirSync(folder, { recursive: true });
    this.folder = folder;
    this.clock = 1_790_000_000;
    this.author = { name, email };
    this.git("init", "--quiet", "--initial-branch=main");
  }

  git(...words) {
    this.clock += 5_400;
    const date = `${this.clock} +0200`;
    return execFileSync("git", ["-C", this.folder, "-c", "commit.gpgsign=false", ...words], {
      encoding: "utf8",
      env: {
        ...process.env,
        GIT_AUTHOR_NAME: this.author.name,
        GIT_AUTHOR_EMAIL: this.author.email,
        GIT_COMMITTER_NAME: this.author.name,
        GIT_COMMITTER_EMAIL: this.author.email,
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_DATE: date,
        GIT_CONFIG_NOSYSTEM: "1",
      },
    });
  }

  write(name, content) {
    const file = Buffer.concat([Buffer.from(this.folder + "/"), Buffer.from(name)]);
    mkdirSync(path.dirname(file.toString("latin1")), { recursive: true });
    writeFileSync(file, content);
  }

  commit(message, author = this.author) {
    this.author = author;
    this.git("add", "--all");
    this.git("commit", "--quiet", "--message", message);
  }
}

const ada = { name: "Ada Stone", email: "ada@example.org" };
const ben = { name: "Ben Mason", email: "ben@example.org" };
const chi = { name: "Chi Arch", email: "chi@example.org" };

const readme = `# Keystone

A small library for arches: it places the stones, checks the thrust, and tells you which one to set last.

\`\`\`cpp
#include "arch.h"

keystone::Arch arch(keystone::Span{12.0}, keystone::Rise{4.5});
for (const keystone::Stone& stone : arch.stones()) place(stone);
\`\`\`

## What it does

| part | what for |
|---|---|
| \`Arch\` | the line of thrust and the stones along it |
| \`Centering\` | the timber that carries an arch until it carries itself |
| \`Pier\` | what pushes back |

- [x] Round and pointed arches
- [x] Piers of unequal height
- [ ] Vaults

Read [how the thrust is computed](docs/thrust.md), or see the
[examples](examples/). Every figure is checked against Heyman[^1].

[^1]: J. Heyman, *The Stone Skeleton*, 1995.
`;

export function makeKeystone(folder) {
  const tree = new WorkTree(folder, ada.name, ada.email);
  tree.write("LICENSE", "Apache License\nVersion 2.0, January 2004\n");
  tree.write("README.md", "# Keystone\n");
  tree.write(".gitignore", "/build/\n");
  tree.commit("Begin with a name and a license", ada);
  const header = ["// The line of thrust of an arch.", "#pragma once", "", "namespace keystone {", ""];
  for (let i = 0; i < 40; ++i) header.push(`double thrust_at_${i}(double span, double rise);`);
  tree.write("src/arch.h", header.join("\n") + "\n\n}  // namespace keystone\n");
  tree.write("src/arch.cpp", '#include "arch.h"\n\nnamespace keystone {}\n');
  tree.commit("Compute the line of thrust\n\nAfter Heyman: no tension, infinite strength in compression,\nno sliding. The line must stay inside the stone.", ada);
  tree.write("docs/thrust.md", "# Thrust\n\nThe line that the forces take through the stones.\n");
  tree.write("examples/bridge.cpp", "int main() { return 0; }\n");
  tree.commit("Explain how the thrust is computed", ben);
  tree.git("tag", "-a", "v0.1", "-m", "The first arch that stands");
  tree.git("checkout", "--quiet", "-b", "vaults");
  tree.write("src/vault.cpp", "// Two arches that cross.\n");
  tree.commit("Cross two arches", chi);
  tree.git("checkout", "--quiet", "main");
  tree.write("src/arch.h", header.map((line) => line.replace("_7(", "_seven(")).join("\n") + "\n}\n");
  tree.write("tests/arch_test.cpp", "// Every figure of chapter 2.\n");
  tree.commit("Check every figure of chapter 2", chi);
  tree.git("mv", "examples/bridge.cpp", "examples/aqueduct.cpp");
  tree.write("CMakeLists.txt", "project(keystone CXX)\n");
  tree.commit("Call the bridge what it is", ben);
  tree.write("README.md", readme);
  tree.commit("Tell newcomers what this is for", ada);
  for (let i = 1; i <= 60; ++i) {
    tree.write("docs/stones.md", `# Stones\n\n${"- limestone\n".repeat(i)}`);
    tree.commit(`Weigh stone ${i}`, [ada, ben, chi][i % 3]);
  }
  tree.write("src/arch.cpp", '#include "arch.h"\n\nnamespace keystone {\n\n// Set last.\n}\n');
  tree.commit("Set the keystone last", ada);
  tree.git("tag", "v0.2");
  return tree;
}

function picture() {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), out.length - 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(8, 0);
  head.writeUInt32BE(8, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(8 * 25, 120);
  for (let y = 0; y < 8; ++y) rows[y * 25] = 0;
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", head),
    chunk("IDAT", zlib.deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

export function makeHostile(folder) {
  const tree = new WorkTree(folder, evil.replaceAll("<", "\u2039"), "x@example.org");
  tree.write("README.md", [
    `# ${evil}`,
    "<script>alert(1)</script><style>body{display:none}</style>",
    "<iframe src=javascript:alert(1)></iframe><svg onload=alert(1)></svg>",
    "[click](javascript:alert(1)) [data](data:text/html,<script>alert(1)</script>)",
    "![badge](https://example.org/badge.svg) ![here](picture.png) ![gone](gone.png)",
    "<div onclick=alert(1)>x</div></div></main></body>",
    `<a href="/" style="position:fixed;inset:0">cover</a>`,
    "| a | b |\n|--:|---|\n| " + "very_long_word_".repeat(40) + " | x |",
    "`" + "code".repeat(200) + "`",
    "- [ ] to do\n- [x] done",
  ].join("\n\n"));
  tree.write(evil, evil + "\n");
  tree.write("control\u0001\u001b[31m.txt", "x\n");
  tree.write("turned\u202egpj.exe", "x\n");
  tree.write(Buffer.from("not-utf8-\xff\xfe.txt", "latin1"), Buffer.from("bytes \xff\n", "latin1"));
  tree.write("line\nfeed.txt", "x\n");
  tree.write("a b/c#d/e?f/100%/\u00fc.txt", "deep\n");
  tree.write("picture.png", picture());
  tree.write("drawing.svg", `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)"><script>alert(1)</script><circle cx="4" cy="4" r="4"/></svg>`);
  tree.write("page.html", "<script>alert(document.domain)</script>");
  tree.write("bytes.bin", Buffer.from([0, 1, 2, 3]));
  tree.write("long-line.txt", "x".repeat(1_500_000) + "\n");
  tree.write("many-lines.txt", Array.from({ length: 12_000 }, (_, i) => `line ${i}`).join("\n"));
  tree.write("x".repeat(200) + ".txt", "long name\n");
  tree.write("d/".repeat(60) + "f.txt", "deep\n");
  symlinkSync("../../../etc/passwd", path.join(folder, "link"));
  tree.commit(`${evil}\u202e\n\n${evil}\nhttps://example.org/${"x".repeat(300)}`);
  tree.git("branch", `"><script>alert(1)<`);
  tree.git("tag", `"><script>alert(2)<`);
  tree.git("branch", "x".repeat(200));
  tree.git("mv", "many-lines.txt", "renamed.txt");
  tree.write("long-line.txt", "y".repeat(1_500_000) + "\n");
  tree.write("bytes.bin", Buffer.from([0, 9, 9]));
  tree.write("no-line-feed.txt", "end");
  chmodSync(path.join(folder, "page.html"), 0o755);
  tree.commit("w".repeat(400));
  return tree;
}
