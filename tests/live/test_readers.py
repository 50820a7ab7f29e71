# SPDX-License-Identifier: Apache-2.0
"""Commands that read sessions from anywhere have given up, before they open one, what reading does not need."""
import subprocess

import pytest

from support.ig import wait_until
from support.processes import status_of

DAC_OVERRIDE_AND_READ_SEARCH = 0b110


@pytest.fixture
def session(ig):
    return ig.record_command("true", options=["--backend", "ptrace"]).session


@pytest.fixture
def endless_reader(ig, session):
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    reader = subprocess.Popen([ig.binary, "session", "query", session, sql], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield reader
    reader.kill()
    reader.wait(10)


def test_they_get_no_new_privileges_and_keep_few(endless_reader):
    wait_until(lambda: status_of(endless_reader.pid)["NoNewPrivs"] == "1", 20, "what it gives up")
    wait_until(lambda: int(status_of(endless_reader.pid)["CapPrm"], 16) & ~DAC_OVERRIDE_AND_READ_SEARCH == 0, 5, "its capabilities")


def test_what_finds_no_room_in_memory_is_sorted_all_the_same(ig, session):
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT count(DISTINCT i || 'x') FROM n"
    assert "1000000" in ig.run("session", "query", session, sql, "-o", "csv")
