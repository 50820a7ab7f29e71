# SPDX-License-Identifier: Apache-2.0
"""`ig probe` says what a recording would find out: the rung of each gadget, or what it needs."""
import json
import os
import platform
import re
import shutil
import tarfile
from pathlib import Path

import pytest

from support.gadgets import compile_object
from support.ig import query
from support.need import need

KERNEL_TYPES = Path("/sys/kernel/btf/vmlinux")
SOURCE = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def root():
    need(os.geteuid() == 0, "BPF needs root")


@pytest.fixture
def types(tmp_path):
    """The kernel's types as a file of ours, as for a kernel that has none itself."""
    need(KERNEL_TYPES.exists(), "this kernel does not describe its types")
    return Path(shutil.copy(KERNEL_TYPES, tmp_path / "kernel.btf"))


def probe(ig, *options):
    return json.loads(ig.run("probe", "-o", "json", *options))


def test_every_gadget_has_a_rung_or_a_reason(ig):
    told = probe(ig)
    names = {path.parent.name for path in SOURCE.glob("gadgets/*/gadget.yaml")}
    assert {gadget["gadget"] for gadget in told["gadgets"]} == names
    assert all(gadget["runs"] or gadget["reason"] for gadget in told["gadgets"])


def test_a_recording_takes_the_rung_that_was_told(ig):
    told = {gadget["gadget"]: gadget["variant"] for gadget in probe(ig)["gadgets"] if gadget["runs"]}
    chosen = [name for name in ("advise_seccomp", "trace_exec", "trace_open", "trace_signal", "top_tcp") if name in told]
    recording = ig.record_command("true", options=["--backend", "bpf", "--gadgets", ",".join(chosen)])
    taken = dict(query(recording.session, "SELECT gadget, variant FROM gadget_run"))
    assert {name: taken[name] for name in chosen} == {name: told[name] for name in chosen}


def test_the_text_tells_the_machine_its_features_and_the_gadgets(ig):
    text = ig.run("probe")
    assert platform.release() in text
    assert "Kernel features" in text and "Gadgets" in text
    lockdown = Path("/sys/kernel/security/lockdown")
    confidential = lockdown.exists() and "[confidentiality]" in lockdown.read_text()
    assert text.startswith("This kernel is locked down") == confidential


def test_options_of_the_kernel(ig):
    need(Path("/proc/config.gz").exists() or Path(f"/boot/config-{platform.release()}").exists(), "this kernel hides its options")
    text = ig.run("probe", "config")
    assert re.search(r"^CONFIG_BPF_SYSCALL +y ", text, re.MULTILINE)
    assert json.loads(ig.run("probe", "config", "-o", "json"))["options"]["CONFIG_BPF_SYSCALL"] == "y"


def test_types_from_a_file(ig, types):
    told = probe(ig, "--btf", types)
    assert told["btf"] == str(types)
    assert [gadget["runs"] for gadget in told["gadgets"] if gadget["gadget"] == "trace_exec"] == [True]
    recording = ig.record_command("true", options=["--backend", "bpf", "--gadgets", "trace_exec", "--btf", types])
    assert ("true",) in query(recording.session, "SELECT comm FROM trace_exec")


def test_the_types_that_are_given_are_those_that_programs_are_fitted_to(ig, tmp_path):
    """Types of something else describe no kernel: a program that needs one of its structs does not load."""
    compile_object(SOURCE / "tests/live/objects/calls.bpf.c", tmp_path / "calls.bpf.o")
    told = {gadget["gadget"]: gadget["runs"] for gadget in probe(ig, "--btf", tmp_path / "calls.bpf.o")["gadgets"]}
    assert told["trace_open"] is False


def test_types_from_a_folder_shaped_like_btfhub(ig, types, tmp_path):
    words = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    identity, version = (words[key].strip('"') for key in ("ID", "VERSION_ID"))
    folder = tmp_path / "archive" / identity / version / platform.machine()
    folder.mkdir(parents=True)
    packed = folder / f"{platform.release()}.btf.tar.xz"
    with tarfile.open(packed, "w:xz", preset=0) as archive:
        archive.add(types, f"{platform.release()}.btf")
    told = probe(ig, "--btf", tmp_path / "archive")
    assert told["btf"] == str(packed)
    recording = ig.record_command("true", options=["--backend", "bpf", "--gadgets", "trace_exec", "--btf", tmp_path / "archive"])
    assert ("true",) in query(recording.session, "SELECT comm FROM trace_exec")


def test_types_that_are_not_there(ig, tmp_path):
    for command in (["record", "-o", "x.db", "--", "true"], ["probe"]):
        ig.run(*command[:1], "--btf", tmp_path / "nowhere", *command[1:], status=1)
        assert ig.last_words.startswith("error: ") and str(tmp_path / "nowhere") in ig.last_words
    assert not (ig.folder / "x.db").exists()
