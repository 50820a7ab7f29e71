# SPDX-License-Identifier: Apache-2.0
"""`ig diff seccomp` on files that ig made: its exit status is what a CI job goes by."""
import json
import sqlite3

import pytest

NOTHING_NEW, FAILED, USAGE, SOMETHING_NEW = 0, 1, 2, 3


@pytest.fixture
def recorded(ig, compiled):
    """A session of a program that makes one call and exits, by its number. As an ordinary user could."""
    def record(number, session):
        program = compiled("one_call", "-static", "-nostdlib", "-ffreestanding")
        return ig.record_command(program, str(number), options=["--backend", "ptrace"], session=session, status=None).session

    return record


def changes(ig, *arguments, status):
    diff = json.loads(ig.run("diff", "seccomp", *arguments, "-o", "json", status=status))
    assert diff["gains"] == any(change["gains"] for change in diff["changes"])
    return {(change["change"], change["name"]) for change in diff["changes"]}


def test_of_sessions(ig, recorded):
    times, sysinfo = recorded(100, "times.db"), recorded(99, "sysinfo.db")
    assert changes(ig, times, sysinfo, status=SOMETHING_NEW) == {("added", "sysinfo"), ("removed", "times")}
    assert changes(ig, times, times, status=NOTHING_NEW) == set()


def test_of_a_profile_and_the_session_it_was_made_of(ig, recorded):
    session = recorded(100, "times.db")
    profile = ig.folder / "times.json"
    profile.write_text(ig.run("advise", "seccomp-profile", session))
    # What is always needed is allowed, and not always seen.
    unseen = changes(ig, profile, session, status=NOTHING_NEW)
    assert unseen and {change for change, _ in unseen} == {"removed"}
    changes(ig, profile, session, "--exact", status=SOMETHING_NEW)
    later = recorded(99, "sysinfo.db")
    assert ("added", "sysinfo") in changes(ig, profile, later, status=SOMETHING_NEW)


def test_the_kind_of_a_file_is_told_by_its_content(ig, recorded):
    session = recorded(100, "times.db")
    renamed = session.rename(session.with_name("profile.json"))
    assert changes(ig, renamed, renamed, status=NOTHING_NEW) == set()


def test_of_what_cannot_be_compared(ig, recorded, tmp_path):
    session = recorded(100, "times.db")
    (tmp_path / "empty.json").write_text("")
    ig.run("diff", "seccomp", session, tmp_path / "empty.json", status=FAILED)
    assert "empty.json: not a seccomp profile" in ig.last_words
    ig.run("diff", "seccomp", session, tmp_path / "missing", status=FAILED)
    ig.run("diff", "seccomp", session, status=USAGE)
    ig.run("diff", "seccomp", session, session, "--arch", "vax", status=USAGE)
    ig.run("diff", "seccomp", session, session, "--container", "nobody", status=FAILED)
    # Another program's database.
    sqlite3.connect(tmp_path / "other.db").executescript("CREATE TABLE a (b); INSERT INTO a VALUES (1)")
    ig.run("diff", "seccomp", session, tmp_path / "other.db", status=FAILED)


def test_every_form_tells_the_same(ig, recorded):
    times, sysinfo = recorded(100, "times.db"), recorded(99, "sysinfo.db")
    results = json.loads(ig.run("diff", "seccomp", times, sysinfo, "-o", "sarif", status=SOMETHING_NEW))["runs"][0]["results"]
    assert [(result["ruleId"], result["level"]) for result in results] == [("seccomp/added", "warning"), ("seccomp/removed", "note")]
    assert "| added | " in ig.run("diff", "seccomp", times, sysinfo, "-o", "markdown", status=SOMETHING_NEW)
    assert ig.run("diff", "seccomp", times, sysinfo, status=SOMETHING_NEW).count("\n") == 3
    assert "1 added, 1 removed" in ig.last_words


def test_of_all_that_two_sessions_did(ig, recorded):
    times, sysinfo = recorded(100, "times.db"), recorded(99, "sysinfo.db")
    diff = json.loads(ig.run("diff", times, sysinfo, "-o", "json", status=SOMETHING_NEW))
    found = {(change["change"], change["kind"], change["what"]) for change in diff["changes"]}
    assert found == {("new", "syscall", "sysinfo"), ("gone", "syscall", "times")}
    assert "written-file is not compared" in ig.last_words
    ig.run("diff", "session", times, times, status=NOTHING_NEW)
    ig.run("diff", "session", times, sysinfo, "--only", "peer", status=NOTHING_NEW)
    ig.run("diff", "session", times, sysinfo, "--only", "peers", status=USAGE)
    assert "did you mean peer?" in ig.last_words
