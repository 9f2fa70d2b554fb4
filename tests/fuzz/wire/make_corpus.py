"""Writes the seeds of the fuzz targets of this folder: python3 make_corpus.py"""

import os

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
# Ids of the objects in fetch_fuzz.cpp, as the target makes them.
FIRST = "183a6e51df4d7aac5b5448eee856528620e2adf9"
SECOND = "f16090b1f86f40a0b674879376f4dc6b347a11e5"
MERGE = "eda90d275f13e069f7bb16c34d2bb0084ac9afe2"
SIDE = "203a7cf8f062db01a66c659448e7a76f16788fbc"
TAG = "d4e2dc2e5169fa383fb7bee3e8a7ae78af6ca513"
LOST = "fe01ff4a974dd2487c1521a47eaad625265327ab"
PATTERNS = "c0674f12ffe6af388d78ac86b31dbda8d2323e4f"
BLOB = "78981922613b2afb6025042ff6bd878ac1994e85"
ZERO = "0" * 40


def packets(*lines):
    out = b""
    for line in lines:
        if line in ("0000", "0001", "0002"):
            out += line.encode()
        else:
            raw = line if isinstance(line, bytes) else line.encode() + b"\n"
            out += b"%04x" % (len(raw) + 4) + raw
    return out


def write(target, name, content):
    folder = os.path.join(ROOT, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content)


def pkt_line():
    for name, content in {
        "marks": b"\x00" + b"000000010002",
        "lines": b"\x02" + packets("a", "foobar", "0000", "want x"),
        "empty_packet": b"\x01" + b"0004",
        "bad_length_3": b"\x01" + b"0003",
        "too_long": b"\x05" + b"ffff" + b"x" * 20,
        "upper_case": b"\x05" + b"000Ahello\n",
        "not_hexadecimal": b"\x05" + b"00g5x",
        "cut": b"\x00" + b"0010abc",
        "largest": b"\xff" + b"fff0" + b"y" * 65516,
    }.items():
        write("pkt_line", name, content)


def fetch():
    def v2(name, *lines):
        write("fetch", "v2_" + name, b"\x02" + packets(*lines))

    def v0(name, *lines):
        write("fetch", "v0_" + name, b"\x00" + packets(*lines))

    v2("ls_refs", "command=ls-refs", "agent=git/2.39", "object-format=sha1", "0001", "peel",
       "symrefs", "unborn", "ref-prefix HEAD", "ref-prefix refs/heads/", "0000")
    v2("clone", "command=fetch", "0001", "thin-pack", "include-tag", "ofs-delta",
       f"want {MERGE}", f"want {TAG}", "done", "0000")
    v2("haves", "command=fetch", "0001", f"want {MERGE}", f"have {FIRST}", f"have {LOST}",
       f"have {'7' * 40}", "0000")
    v2("wait_for_done", "command=fetch", "0001", "wait-for-done", f"have {FIRST}", "0000")
    v2("done_without_wants", "command=fetch", "0001", "wait-for-done", f"have {FIRST}", "done",
       "0000")
    v2("deepen", "command=fetch", "0001", f"want {MERGE}", f"shallow {SECOND}", "deepen 2",
       "deepen-relative", f"have {SECOND}", "done", "0000")
    v2("since", "command=fetch", "0001", f"want {MERGE}", "deepen-since 150", "done", "0000")
    v2("not", "command=fetch", "0001", f"want {MERGE}", "deepen-not side", "done", "0000")
    v2("want_ref", "command=fetch", "0001", "want-ref refs/heads/main", "want-ref HEAD",
       "sideband-all", "deepen 1", "done", "0000")
    v2("want_lost", "command=fetch", "0001", f"want {LOST}", "sideband-all", "done", "0000")
    v2("filters", "command=fetch", "0001", f"want {MERGE}", f"want {BLOB}",
       "filter combine:tree:3+blob:limit=1k", "done", "0000")
    v2("sparse", "command=fetch", "0001", f"want {MERGE}", f"filter sparse:oid={PATTERNS}",
       "done", "0000")
    v2("sparse_name", "command=fetch", "0001", f"want {MERGE}", "filter sparse:oid=main:sparse",
       "done", "0000")
    v2("object_info", "command=object-info", "0001", "size", f"oid {BLOB}", f"oid {LOST}", "0000")
    v2("bundle_uri", "command=bundle-uri", "0001", "0000")
    v2("packfile_uris", "command=fetch", "0001", f"want {MERGE}", "packfile-uris http,https",
       "done", "0000")
    v2("unknown", "command=push", "0001", "0000")
    v2("two_commands", "command=fetch", "command=ls-refs", "0001", "0000")
    def v1(name, *lines):
        write("fetch", "v1_" + name, b"\x01" + packets(*lines))

    v1("clone", f"want {MERGE} multi_ack_detailed no-done side-band-64k thin-pack ofs-delta",
       "0000", "done")
    v0("unshallow", f"want {MERGE} side-band-64k include-tag ofs-delta", f"want {TAG}",
       f"shallow {SECOND}", f"shallow {LOST}", "deepen 2147483647", "0000", f"have {SECOND}",
       "done")
    v0("deepen_relative", f"want {MERGE} side-band-64k deepen-relative no-progress",
       f"shallow {SECOND}", "deepen 1", "0000", f"have {SECOND}", "0000", f"have {FIRST}", "done")
    v0("since_and_not", f"want {MERGE} deepen-since deepen-not", "deepen-since 150",
       "deepen-not refs/heads/side", "0000", "done")
    v0("haves_without_wants", "0000", f"have {FIRST}", "done")
    v0("want_lost", f"want {LOST} side-band-64k", "0000", "done")
    write("fetch", "told_v2", b"\x82" + packets(
        "command=fetch", "0001", "thin-pack", "ofs-delta", f"want {MERGE}", f"have {FIRST}",
        "filter tree:2", "done", "0000"))
    write("fetch", "told_v0", b"\x80" + packets(
        f"want {MERGE} side-band thin-pack", f"want {TAG}", "0000", f"have {FIRST}", "done"))
    v2("no_flush", "command=fetch", "0001", f"want {MERGE}", "done")
    v2("unshallow", "command=fetch", "0001", "include-tag", f"want {MERGE}", f"want {TAG}",
       f"shallow {SECOND}", "deepen 2147483647", f"have {SECOND}", "done", "0000")
    v0("clone", f"want {MERGE} multi_ack_detailed no-done side-band-64k thin-pack ofs-delta "
       "agent=git/2.39", f"want {TAG}", "0000", "done")
    v0("haves", f"want {MERGE} multi_ack_detailed side-band-64k", "0000", f"have {FIRST}",
       f"have {'7' * 40}", "0000")
    v0("multi_ack", f"want {MERGE} multi_ack", "0000", f"have {FIRST}", f"have {LOST}", "0000",
       f"have {SIDE}", "done")
    v0("plain", f"want {SIDE}", "0000", "done")
    v0("small_side_band", f"want {SIDE} side-band include-tag", "0000", "done")
    v0("deepen", f"want {MERGE} shallow", f"shallow {SECOND}", "deepen 2", "0000")
    v0("filter", f"want {MERGE} filter side-band-64k", "filter blob:none", "0000", "done")
    v0("no_flush", f"want {MERGE}", "done")


def push_request():
    def seed(name, *lines, tail=b"PACK"):
        write("push_request", name, b"\x06" + packets(*lines) + tail)

    one = "1" * 40
    capabilities = b"\0 report-status-v2 side-band-64k atomic quiet push-options agent=git/2.39"
    first = f"{ZERO} {one} refs/heads/a".encode()
    seed("create", first + capabilities, "0000", "option", "0000")
    seed("delete", f"{one} {ZERO} refs/heads/a".encode() + b"\0report-status", "0000", tail=b"")
    seed("shallow", f"shallow {one}", first + b"\0report-status", "0000")
    seed("sha256", first + b"\0report-status object-format=sha256", "0000")
    seed("twice", first + b"\0report-status", f"{ZERO} {one} refs/heads/a", "0000")
    seed("bad_name", f"{ZERO} {one} refs/heads/../\x1b[31m".encode() + b"\0report-status", "0000")
    seed("probe", "0000", tail=b"")
    seed("garbage", "hello", "0000")
    seed("signed", b"push-cert\0report-status push-options\n", "certificate version 0.1",
         "pusher A U Thor <author@example.com> 1700000000 +0000",
         "pushee https://example.com/a.git", "nonce 5-abc", "push-option x", "",
         f"{ZERO} {one} refs/heads/a", "-----BEGIN SSH SIGNATURE-----", "U1NIU0lH",
         "-----END SSH SIGNATURE-----", "push-cert-end", "0000", "x", "0000")
    seed("signed_without_signature", b"push-cert\0report-status\n", "certificate version 0.1",
         "pusher A <a@b> 1 +0000", "", f"{ZERO} {one} refs/heads/a", "push-cert-end", "0000")


def push_certificate():
    one = "1" * 40
    head = "certificate version 0.1\npusher A <a@b> 1 +0000\nnonce 5-abc\n"
    command = f"\n{ZERO} {one} refs/heads/a\n"
    ssh = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"
    pgp = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
    for name, content in {
        "ssh": head + command + ssh,
        "pgp": head + command + pgp,
        "options": head + "push-option x\npush-option y z\n" + command + ssh,
        "two_nonces": head + "nonce 6\n" + command + ssh,
        "unknown_header": head + "colour red\n" + command + ssh,
        "no_signature": head + command,
        "no_commands": head + "\n" + ssh,
        "two_signatures": head + command + ssh + pgp,
        "other_version": head.replace("0.1", "0.2") + command + ssh,
        "no_line_feed": head + command + ssh[:-1],
        "signature_in_command": head + f"\n{ZERO} {one} " + ssh + ssh,
    }.items():
        write("push_certificate", name, content.encode())


def bundle_header():
    one, two = "1" * 40, "2" * 40
    begin = "# v2 git bundle\n"
    for name, content in {
        "all": f"{begin}{one} HEAD\n{one} refs/heads/main\n\nPACK",
        "prerequisite": f"{begin}-{two} A commit\n{one} refs/heads/main\n\n",
        "prerequisite_late": f"{begin}{one} refs/heads/main\n-{two} A commit\n\n",
        "version_3": f"# v3 git bundle\n@object-format=sha1\n{one} HEAD\n\n",
        "bad_ref": f"{begin}{one} refs/heads/../x\n\n",
        "bad_id": f"{begin}{one[:-1]}g HEAD\n\n",
        "no_end": f"{begin}{one} HEAD\n",
        "empty": begin + "\n",
    }.items():
        write("bundle_header", name, content.encode())


def object_filter():
    for name, content in {
        "blob_none": "blob:none\n",
        "limit": "blob:limit=1k\n",
        "tree": "tree:3\n",
        "type": "object:type=commit\n",
        "combine": "combine:tree:3+blob%3Anone\n",
        "nested": "combine:combine%3Atree%3A1%2Bblob%3Anone+tree:2\n",
        "sparse": "sparse:oid=main:x\nlib/a.c\n/*\n!/lib/\n**/a.c\n[a-z]*\\*\n",
        "stars": "sparse:oid=x\naaaaaaaaaaaaaaaaaaaa\n*a*a*a*a*a*a*b\na**b/**/c\n",
    }.items():
        write("object_filter", name, content.encode())


pkt_line()
fetch()
push_request()
push_certificate()
bundle_header()
object_filter()
