# SPDX-License-Identifier: Apache-2.0
"""The short form of scripts/seccomp-matrix: light servers, each recorded, advised and served again under a profile that kills."""
import pytest

from support.matrix import Server, Trial, all_servers


@pytest.mark.parametrize("runtime, name", [("runc", "nginx"), ("crun", "memcached"), ("runc", "dnsmasq"), ("crun", "lighttpd")])
def test_serves_the_same_under_a_profile_that_kills(runtime, name, ig, tmp_path):
    trial = Trial(Server.read(name), runtime, ig, tmp_path / name)
    try:
        outcome = trial.run()
    finally:
        trial.close()
    assert outcome.failure == ""
    assert outcome.allowed > outcome.only_start_up > 0


def test_a_call_that_was_not_made_before_is_a_failure(ig, tmp_path):
    """The matrix can fail: the server's file changes what it does between the two runs."""
    server = Server.read("memcached")
    server.load = ["test ! -e $WORK/again || inside /usr/bin/sync; touch $WORK/again"]
    server.reload = []
    trial = Trial(server, "runc", ig, tmp_path / "memcached")
    try:
        outcome = trial.run()
    finally:
        trial.close()
    assert outcome.failure.startswith("denied: ") and "inside" in outcome.failure, outcome


def test_every_server_can_be_read():
    """A file with a slip of the pen would only be found by the long form."""
    for name in all_servers():
        server = Server.read(name)
        commands = [server.ready, *server.load, *server.reload]
        assert all(isinstance(command, str) for command in commands), name
        assert server.packages and server.start
