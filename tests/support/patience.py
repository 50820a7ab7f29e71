# SPDX-License-Identifier: Apache-2.0
"""How long a test waits: on an emulated machine (scripts/test-vm) IG_TEST_SLOWNESS times as long as elsewhere."""
import os

SLOWNESS = float(os.environ.get("IG_TEST_SLOWNESS") or 1)


def patience(seconds):
    return seconds * SLOWNESS
