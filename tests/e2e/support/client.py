"""The real git, with nobody's configuration."""

import os
import random
import subprocess

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Ada Lovelace",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada Lovelace",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "LC_ALL": "C",
}
SECONDS_MAX = 300


class GitFailed(Exception):
    def __init__(self, arguments, result):
        super().__init__(
            f"git {' '.join(arguments)} gave {result.returncode}:\n{result.stdout}{result.stderr}"
        )
        self.output = result.stdout + result.stderr


def run_git(folder, *arguments, text_input=None, environment=None):
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**ENVIRONMENT, **(environment or {})},
        input=text_input,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS_MAX,
        check=False,
    )


def git(folder, *arguments, text_input=None, environment=None):
    """Its standard output, without the line feed at the end."""
    result = run_git(folder, *arguments, text_input=text_input, environment=environment)
    if result.returncode != 0:
        raise GitFailed(arguments, result)
    return result.stdout.rstrip("\n")


def failing_git(folder, *arguments, environment=None):
    """What git says when it fails, as it must."""
    result = run_git(folder, *arguments, environment=environment)
    if result.returncode == 0:
        raise AssertionError(f"git {' '.join(arguments)} did not fail:\n{result.stdout}")
    return result.stdout + result.stderr


def new_work_tree(folder, name="work"):
    path = os.path.join(folder, name)
    git(folder, "init", "--quiet", "--initial-branch=main", path)
    return path


def commit_file(tree, name, content, message=None, environment=None):
    """Writes one file, commits it, and gives the commit's id."""
    path = os.path.join(tree, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    git(tree, "add", name)
    git(tree, "commit", "--quiet", "-m", message or f"Change {name}", environment=environment)
    return git(tree, "rev-parse", "HEAD")


def object_ids(repository):
    """Every object that a ref reaches."""
    listed = git(repository, "rev-list", "--objects", "--all")
    return sorted({line.split(" ")[0] for line in listed.splitlines()})


def refs(repository):
    return git(repository, "for-each-ref", "--format=%(objectname) %(refname)")


def remote_refs(folder, url):
    listed = git(folder, "ls-remote", "--refs", url)
    return dict(reversed(line.split("\t")) for line in listed.splitlines())


def check_clean(test, repository):
    """fsck finds nothing."""
    result = run_git(repository, "fsck", "--full", "--strict")
    test.assertEqual(result.returncode, 0, result.stdout + result.stderr)
    for word in ("error", "missing", "broken", "warning"):
        test.assertNotIn(word, result.stdout + result.stderr)


def generate_repository(folder, commits=2500, folders=50):
    """A bare repository of four new objects a commit: blob, folder, root, commit."""
    path = os.path.join(folder, "generated.git")
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", path)
    stream = []
    for number in range(commits):
        content = f"line {number}\n" * (1 + number % 40) + "the same end\n" * 20
        message = f"Commit number {number}\n"
        stream.append("commit refs/heads/main\n")
        stream.append(f"committer Ada <ada@example.org> {1700000000 + number} +0100\n")
        stream.append(f"data {len(message)}\n{message}\n")
        stream.append(f"M 100644 inline folder-{number % folders}/file-{number % 97}.txt\n")
        stream.append(f"data {len(content)}\n{content}\n")
        if number % 500 == 499:
            stream.append(f"tag v{number // 500}\nfrom refs/heads/main\n")
            stream.append(f"tagger Ada <ada@example.org> {1700000000 + number} +0100\n")
            stream.append("data 9\nA release\n")
            stream.append(f"reset refs/heads/topic-{number // 500}\nfrom refs/heads/main\n\n")
    git(path, "fast-import", "--quiet", text_input="".join(stream))
    return path


# Large files stay what they are only where git neither deflates them nor leaves out their deltas.
PLAIN = ("-c", "core.compression=0", "-c", "core.bigFileThreshold=1g")
LARGE_FILES_SEED = 20261121


def generate_large_files(folder, files, versions, file_bytes):
    """A bare repository of files that do not deflate, and of deltas upon each: what follows its
    like is stored as a delta, and pushed as it is stored."""
    chance = random.Random(LARGE_FILES_SEED)
    path = os.path.join(folder, "large.git")
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", path)
    with subprocess.Popen(["git", *PLAIN, "fast-import", "--quiet"], cwd=path, env=ENVIRONMENT,
                          stdin=subprocess.PIPE) as process:
        write = process.stdin.write
        for number in range(files):
            content = bytearray(chance.randbytes(file_bytes))
            for version in range(versions):
                content[version * 1000] ^= 1
                write(b"commit refs/heads/main\n")
                write(f"committer Ada <ada@example.org> {1700000000 + version} +0000\n".encode())
                write(b"data 5\nlarge\n")
                write(f"M 100644 inline file-{number}\ndata {len(content)}\n".encode())
                write(content)
                write(b"\n")
        process.stdin.close()
        if process.wait() != 0:
            raise GitFailed(["fast-import"], subprocess.CompletedProcess([], 1, "", ""))
    return path
