# SPDX-License-Identifier: Apache-2.0
"""What `ig session export` writes in other people's formats is read by other people's readers."""
import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.ig import query
from support.need import need

TESTS = Path(__file__).resolve().parent.parent
SUPPORT, GOLDEN = TESTS / "support", TESTS / "golden"


@pytest.fixture(scope="module")
def otlp(tmp_path_factory):
    """OpenTelemetry's messages as Python classes."""
    need(shutil.which("protoc"), "protoc is not installed (Debian package protobuf-compiler)")
    need(importlib.util.find_spec("google.protobuf"), "python3-protobuf is not installed")
    folder = tmp_path_factory.mktemp("otlp")
    subprocess.run(["protoc", f"--proto_path={SUPPORT}", f"--python_out={folder}", "otlp.proto"], check=True, timeout=60)
    sys.path.insert(0, str(folder))
    yield importlib.import_module("otlp_pb2")
    sys.path.remove(str(folder))


def messages(message, path):
    """The file's lines. Each is what the protocol's JSON is of that message, no field more, none of another type."""
    from google.protobuf import json_format

    for line in Path(path).read_text("ascii").splitlines():
        read = json_format.Parse(line, message())  # refuses unknown fields
        again = json_format.MessageToDict(read, use_integers_for_enums=True)
        assert again == json.loads(line)
        yield again


def attributes_of(thing):
    found = {one["key"]: next(iter(one["value"].values())) for one in thing["attributes"]}
    assert len(found) == len(thing["attributes"]), "a name that stands twice"
    return found


def log_records(otlp, path):
    for line in messages(otlp.LogsData, path):
        for entry in line["resourceLogs"]:
            resource = attributes_of(entry["resource"])
            for scope in entry["scopeLogs"]:
                for record in scope["logRecords"]:
                    yield resource, scope["scope"], {**record, "attributes": attributes_of(record)}


def test_otlp_of_a_recording(ig, otlp, tmp_path):
    session = ig.record_command("sh", "-c", "cat /nowhere; true",
                                options=["--gadgets", "trace_exec,trace_open,profile_tcprtt,snapshot_process"]).session
    ig.run("session", "export", session, "--format", "otlp", "--output-dir", tmp_path / "out")
    records = list(log_records(otlp, tmp_path / "out/logs.jsonl"))
    for resource, scope, record in records:
        assert resource["service.name"] and resource["host.name"] and scope["version"]
        assert int(record["observedTimeUnixNano"]) >= int(record.get("timeUnixNano", 0))
        assert record["eventName"] == f"ig.{scope['name']}"
    opened = [record for _, scope, record in records if scope["name"] == "trace_open"
              and record["attributes"].get("file.path") == "/nowhere"]
    assert [record["attributes"]["error.type"] for record in opened] == ["ENOENT"]
    assert opened[0]["attributes"]["process.executable.name"] == "cat"
    assert {"trace_exec", "snapshot_process"} <= {scope["name"] for _, scope, _ in records}
    assert list(messages(otlp.MetricsData, tmp_path / "out/metrics.jsonl")) == []  # nobody spoke TCP


def test_otlp_of_the_golden_files(otlp):
    for name, message in (("events", otlp.LogsData), ("losses", otlp.LogsData), ("metrics", otlp.MetricsData)):
        assert list(messages(message, GOLDEN / f"otlp_{name}.jsonl"))


SPEAK = """
import socket
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 9756))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for size in (4, 5, 2000):
    sender.sendto(b"x" * size, ("127.0.0.1", 9756))
    receiver.recv(4000)
"""


@pytest.fixture
def packets(ig):
    """A session in which a program has told itself three things."""
    (ig.folder / "speak.py").write_text(SPEAK)
    return ig.record_command("/usr/bin/python3", "speak.py", options=["--gadgets", "tcpdump", "--param", "tcpdump.port=9756",
                                                                       "--param", "tcpdump.snaplen=1000"]).session


def test_wireshark_reads_the_packets(ig, packets, tmp_path):
    need(shutil.which("tshark"), "tshark is not installed")
    ig.run("session", "export", packets, "--format", "pcapng", "--output-dir", tmp_path)
    fields = ("frame.interface_name", "frame.comment", "frame.packet_flags_direction", "frame.len", "frame.cap_len", "ip.src",
              "udp.dstport", "udp.length")
    shown = subprocess.run(["tshark", "-n", "-r", tmp_path / "packets.pcapng", "-T", "fields", "-E", "separator=|",
                            *(word for field in fields for word in ("-e", field))],
                           check=True, capture_output=True, text=True, timeout=60).stdout.splitlines()
    (comm, pid), = query(packets, "SELECT DISTINCT comm, pid FROM tcpdump")
    assert shown == [f"/usr/bin/python3 speak.py|{comm} ({pid})|0x0000000{way}|{28 + size}|{min(28 + size, 1000)}|127.0.0.1|9756|{8 + size}"
                     for size in (4, 5, 2000) for way in (2, 1)]


def test_the_times_of_packets_are_the_recorded_ones(ig, packets, tmp_path):
    need(shutil.which("tshark"), "tshark is not installed")
    ig.run("session", "export", packets, "--format", "pcapng", "--output-dir", tmp_path)
    shown = subprocess.run(["tshark", "-n", "-r", tmp_path / "packets.pcapng", "-T", "fields", "-e", "frame.time_epoch"],
                           check=True, capture_output=True, text=True, timeout=60).stdout.split()
    recorded = query(packets, "SELECT timestamp_raw FROM tcpdump_rows")
    assert [int(time.replace(".", "")) for time in shown] == [row[0] for row in recorded]
