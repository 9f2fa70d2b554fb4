"""Repositories to measure with: a large one, made from a seed, and one of many refs."""

import pathlib
import random
import subprocess

from git_servers import git


def make_many_refs(folder, ref_count, commits=1_000):
    """Branches in a hundred groups, spread over a history of small commits."""
    git("init", "-q", "--bare", "-b", "main", str(folder))
    lines = []
    for number in range(1, commits + 1):
        content = f"{number}\n"
        lines.append(f"commit refs/heads/main\nmark :{number}\n"
                     f"committer Bench <bench@example.org> {1_600_000_000 + number * 60} +0000\n"
                     f"data 4\nnext\nM 100644 inline counter.txt\n"
                     f"data {len(content)}\n{content}\n")
    git("fast-import", "--quiet", cwd=folder, input="".join(lines).encode())
    ids = git("rev-list", "main", cwd=folder).stdout.decode().split()
    names = {f"refs/heads/group{number % 100}/branch{number}": ids[number % commits]
             for number in range(ref_count - 1)}
    # Thousands of refs one by one would take minutes.
    (pathlib.Path(folder) / "packed-refs").write_text(
        "# pack-refs with: peeled fully-peeled sorted \n" +
        "".join(f"{names[name]} {name}\n" for name in sorted(names)))


def make_repository(folder, commits=12_000, seed=1):
    """Over 100,000 objects and 100 MB of pack: commits that touch a few files of a tree of 2,400,
    texts that compress as source does."""
    git("init", "-q", "--bare", "-b", "main", str(folder))
    importer = subprocess.Popen(["git", "fast-import", "--quiet", "--depth=50"], cwd=folder,
                                stdin=subprocess.PIPE)
    generator = random.Random(seed)
    words = ["".join(generator.choices("abcdefghijklmnopqrstuvwxyz_", k=generator.randint(3, 11)))
             for _ in range(20_000)]
    files = {}

    def line():
        return " ".join(generator.choices(words, k=generator.randint(2, 12)))

    def blob(path):
        lines = files.setdefault(path, [line() for _ in range(generator.randint(20, 300))])
        for _ in range(generator.randint(1, 6)):
            lines[generator.randrange(len(lines))] = line()
        return "\n".join(lines).encode() + b"\n"

    paths = [f"source/{a}/{b}/file{c}.txt" for a in range(20) for b in range(12) for c in range(10)]
    out = importer.stdin
    for number in range(commits):
        message = line().encode()
        out.write(b"commit refs/heads/main\n")
        out.write(b"committer Bench <bench@example.org> %d +0000\n" % (1_600_000_000 + number * 60))
        out.write(b"data %d\n%s\n" % (len(message), message))
        for path in generator.sample(paths, 40 if number < 60 else generator.randint(2, 5)):
            content = blob(path)
            out.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content))
        if number % 400 == 0:
            out.write(b"reset refs/tags/v%d\nfrom refs/heads/main\n\n" % number)
            out.write(b"commit refs/heads/topic%d\n" % number)
            out.write(b"committer Bench <bench@example.org> %d +0000\n" % (1_600_000_000 + number * 60))
            out.write(b"data 5\ntopic\nfrom refs/heads/main\n\n")
    out.close()
    if importer.wait() != 0:
        raise RuntimeError("git fast-import failed")
    git("repack", "-q", "-a", "-d", "-f", cwd=folder)
