# SPDX-License-Identifier: Apache-2.0
"""What each gadget's test came to, as a line of JSON in the file that IG_GADGET_RESULTS names.

scripts/gadget-table makes docs/gadgets.md from these. A test of a gadget is one that `describe` was called for. scripts/test-vm
leaves out what passed elsewhere (a file of results that IG_GADGETS_PASSED names), and divides the gadgets among several
machines (IG_GADGETS_SHARE).
"""
import json
import os
import platform
from pathlib import Path


def describe(request, **words):
    """gadget, rung, test; later also taken: whether the kernel takes this rung by itself."""
    request.node.user_properties += words.items()


def pytest_collection_modifyitems(config, items):
    passed = passed_elsewhere()
    gadgets = list(dict.fromkeys(item.callspec.params["gadget"] for item in items if is_gadgets(item)))
    mine = share_of(gadgets)
    left_out = [item for item in items if is_gadgets(item) and (key_of(item) in passed or key_of(item)[0] not in mine)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def is_gadgets(item):
    return hasattr(item, "callspec") and {"gadget", "rung", "test"} <= item.callspec.params.keys()


def key_of(item):
    params = item.callspec.params
    return params["gadget"], params["rung"], params["test"]["name"]


def passed_elsewhere():
    file = os.environ.get("IG_GADGETS_PASSED")
    results = map(json.loads, Path(file).read_text().splitlines()) if file else ()
    return {(result["gadget"], result["rung"], result["test"]) for result in results if result["outcome"] == "passed"}


def share_of(gadgets):
    """Every n-th gadget from the i-th on, of IG_GADGETS_SHARE=i/n."""
    first, every = map(int, os.environ.get("IG_GADGETS_SHARE", "0/1").split("/"))
    return set(gadgets[first::every])


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
