# SPDX-License-Identifier: Apache-2.0
"""Whatever is done to a recorder, nothing of it stays in the kernel."""
import os

import pytest

from support.ig import wait_until
from support.kernel_objects import in_kernel, objects_of
from support.need import need, need_program


@pytest.fixture
def root():
    need(os.geteuid() == 0, "BPF needs root")


@pytest.fixture
def held():
    """{(kind, id)} of what recorders of this test had in the kernel: it is gone when the test is over."""
    objects = set()
    yield objects
    if objects:
        need_program("bpftool", "bpftool")
        wait_until(lambda: not objects & in_kernel().keys(), 30, f"the end of {len(objects)} programs, maps and links")


@pytest.fixture
def ig(held, ig):
    """As elsewhere, but that what its recorders hold in the kernel is remembered."""
    start = ig.record

    def record(*options, **how):
        recording = start(*options, **how)
        held.update(objects_of(recording.process.pid))
        return recording

    ig.record = record
    yield ig
    ig.close()
