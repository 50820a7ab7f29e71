# SPDX-License-Identifier: Apache-2.0
"""A recording that is pruned, anonymized and signed, as somebody does who shares it: docs/sharing-a-session.md."""
import base64
import json
import os
import re
import subprocess

import pytest

from support.ig import query
from support.need import need, need_program

SECRET = "hunter2"
COMMAND = f"""mkdir {SECRET}-folder && ls /etc /home {SECRET}-folder >/dev/null
chown 1 {SECRET}-folder; /usr/bin/python3 -c 'import socket; socket.socket().connect_ex(("127.0.0.9", 9))' --token {SECRET}"""


@pytest.fixture
def recorded(ig):
    need(os.geteuid() == 0, "gadgets need root")
    return ig.record_command("sh", "-c", COMMAND, options=["--preset", "policy", "--gadgets", "+trace_open"],
                             session="recorded.db").session


def run(*command, status=0, **options):
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, **options)
    assert done.returncode == status, done.stdout
    return done.stdout.decode()


def advice(ig, kind, session):
    """Without the words that name somebody: of the workload, and of the host."""
    text = ig.run("advise", kind, session, "--command")
    return "\n".join(line for line in text.splitlines() if not re.search(r'^#|"comment"', line))


def test_an_anonymized_session_gives_the_same_advice_and_no_names(ig, recorded):
    shared = ig.folder / "shared.db"
    assert SECRET.encode() in recorded.read_bytes()
    ig.run("session", "anonymize", recorded, "-o", shared)
    content = shared.read_bytes()
    for name in (SECRET, "python3", str(ig.folder)):
        assert name.encode() not in content, name
    for kind in ("seccomp-profile", "capabilities"):
        assert advice(ig, kind, shared) == advice(ig, kind, recorded)
    assert SECRET not in ig.run("session", "info", shared)
    assert query(shared, "SELECT host_name FROM session") != query(recorded, "SELECT host_name FROM session")
    assert query(shared, "PRAGMA integrity_check") == [("ok",)]
    for table in ("trace_open", "trace_exec", "advise_seccomp", "process"):
        count = f"SELECT count(*) FROM {table}"
        assert query(shared, count) == query(recorded, count) != [(0,)]
    files = "SELECT count(DISTINCT fname) FROM trace_open"
    assert query(shared, files) == query(recorded, files), "files are told apart as before"


def test_what_was_pruned_is_gone_and_said(ig, recorded):
    less = ig.folder / "less.db"
    ig.run("session", "prune", recorded, "--drop", "trace_open,trace_exec.args", "--command", "-o", less)
    assert query(less, "SELECT count(*) FROM trace_exec WHERE args IS NOT NULL") == [(0,)]
    assert query(less, "SELECT name FROM sqlite_schema WHERE name = 'trace_open'") == []
    assert ("trace_open", "pruned") in query(less, "SELECT gadget, kind FROM loss")
    for table in ("path", "process"):
        used = query(less, f"SELECT count(*) FROM {table}")[0][0]
        assert used <= query(recorded, f"SELECT count(*) FROM {table}")[0][0]
    assert advice(ig, "seccomp-profile", less) == advice(ig, "seccomp-profile", recorded)
    ig.run("session", "prune", recorded, "--drop", "advise_seccomp_arguments", "-o", ig.folder / "cut.db")
    ig.run("advise", "seccomp-profile", ig.folder / "cut.db", "--command", status=3)
    assert "pruned" in ig.last_words


def make_keys(folder, algorithm):
    options = ["-algorithm", "ed25519"] if algorithm == "ed25519" else ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    run("openssl", "genpkey", *options, "-out", folder / "key.pem")
    run("openssl", "pkey", "-in", folder / "key.pem", "-pubout", "-out", folder / "pub.pem")
    return folder / "key.pem", folder / "pub.pem"


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa"])
def test_a_signature_is_one_for_openssl_too(ig, recorded, algorithm):
    need_program("openssl", "openssl")
    key, public = make_keys(ig.folder, algorithm)
    ig.run("session", "sign", recorded, "--key", key)
    assert "OK, signed by" in ig.run("session", "verify", recorded, "--key", public)

    envelope = json.loads((ig.folder / "recorded.db.intoto.jsonl").read_text())
    payload = base64.b64decode(envelope["payload"])
    signed, signature = ig.folder / "signed", ig.folder / "sig"
    signed.write_bytes(b"DSSEv1 28 %s %d %s" % (envelope["payloadType"].encode(), len(payload), payload))
    signature.write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    if algorithm == "ed25519":
        run("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", signed, "-sigfile", signature)
    else:
        run("openssl", "dgst", "-sha256", "-verify", public, "-signature", signature, signed)
    digest = run("sha256sum", recorded).split()[0]
    assert json.loads(payload)["subject"] == [{"name": "recorded.db", "digest": {"sha256": digest}}]

    with recorded.open("ab") as file:
        file.write(b"x")
    assert "differs" in ig.run("session", "verify", recorded, "--key", public, status=1)


def test_a_digest_is_one_for_sha256sum_too(ig, recorded):
    ig.run("session", "sign", recorded)
    assert run("sha256sum", "-c", "recorded.db.sha256", cwd=ig.folder) == "recorded.db: OK\n"
    ig.run("session", "verify", recorded)
