# SPDX-License-Identifier: Apache-2.0
"""`ig session merge`: one file of several recordings, for every command as good as the files themselves."""
import json

import pytest

FAILED, USAGE, SOMETHING_NEW = 1, 2, 3


@pytest.fixture
def parts(ig):
    """Two recordings of `true` and `cat`, and the file that was made of them."""
    ig.record_command("true", session="a.db")
    ig.record_command("cat", "/etc/hostname", session="b.db")
    ig.run("session", "merge", "a.db", "b.db", "-o", "fleet.db")
    assert "fleet.db holds 2 recordings (a, b)" in ig.last_words
    return ["a.db", "b.db"]


def advice(ig, folder, advisor, *sessions):
    """What is advised for sessions: the text of each document by its name, without names of sessions."""
    ig.run("advise", advisor, *sessions, "--output-dir", folder)
    written = {path.name: path.read_text() for path in (ig.folder / folder).iterdir()}
    for name in ("fleet.db#a", "fleet.db#b", "a.db", "b.db"):
        written = {file: text.replace(name, "SESSION") for file, text in written.items()}
    return written


@pytest.mark.parametrize("advisor", ["seccomp-profile", "capabilities"])
def test_advice_is_that_of_the_files(ig, parts, advisor):
    of_files = advice(ig, "of-files", advisor, *parts)
    assert of_files and advice(ig, "of-merged", advisor, "fleet.db") == of_files


def test_reports_are_those_of_the_files(ig, parts):
    of_files = json.loads(ig.run("report", "exec", *parts, "--format", "json"))
    of_merged = json.loads(ig.run("report", "exec", "fleet.db", "--format", "json"))
    assert len(of_merged) == len(of_files) == 2
    for merged, alone in zip(of_merged, of_files):
        assert merged["sections"] == alone["sections"]


def test_nothing_is_new_in_it(ig, parts):
    ig.run("diff", "fleet.db", "fleet.db")
    diff = json.loads(ig.run("diff", "a.db", "fleet.db", "-o", "json", status=SOMETHING_NEW))
    assert {change["workload"] for change in diff["changes"]} == {"cat /etc/hostname"}


def test_info_tells_them_apart(ig, parts):
    info = json.loads(ig.run("session", "info", "fleet.db", "-o", "json"))
    assert [one["name"] for one in info["recordings"]] == ["a", "b"]
    commands = {one["recording"]: one["name"] for one in info["workloads"] if one["kind"] == "command"}
    assert commands[1].startswith("true") and commands[2].startswith("cat")
    assert ig.run("session", "check", "fleet.db").startswith("fleet.db: whole, closed in order")


def test_a_recording_is_merged_once(ig, parts):
    ig.run("session", "merge", "fleet.db", "a.db", "-o", "more.db", status=USAGE)
    assert "hold the same recording" in ig.last_words
    assert not (ig.folder / "more.db").exists()


def test_nothing_is_added_to_a_merged_file(ig, parts):
    (ig.folder / "audit.log").write_text("")
    ig.run("session", "enrich", "fleet.db", "--audit", "audit.log", status=USAGE)
    assert "enrich each of them" in ig.last_words
