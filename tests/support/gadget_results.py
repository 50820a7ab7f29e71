# SPDX-License-Identifier: Apache-2.0
"""What each gadget's test came to, as a line of JSON in the file that IG_GADGET_RESULTS names.

scripts/gadget-table makes docs/gadgets.md from these. A test of a gadget is one that `describe` was called for.
"""
import json
import os
import platform


def describe(request, **words):
    """gadget, rung, test; later also taken: whether the kernel takes this rung by itself."""
    request.node.user_properties += words.items()


def pytest_runtest_logreport(report):
    words = dict(report.user_properties)
    finished = report.when == "call" or (report.when == "setup" and not report.passed)
    file = os.environ.get("IG_GADGET_RESULTS")
    if not file or not finished or "gadget" not in words:
        return
    reason = report.longrepr[2].removeprefix("Skipped: ") if report.skipped else ""
    line = {"kernel": platform.release(), **words, "outcome": report.outcome, "reason": reason,
            "seconds": round(report.duration, 1)}
    with open(file, "a") as results:
        results.write(json.dumps(line) + "\n")
