# SPDX-License-Identifier: Apache-2.0
"""What each gadget's test came to, as a line of JSON in the file that IG_GADGET_RESULTS names.

scripts/gadget-table makes docs/gadgets.md from these. A gadget's test has the parameters gadget, rung and test. scripts/test-vm
leaves out what passed elsewhere (a file of results that IG_GADGETS_PASSED names), can do with one test of each rung
(IG_GADGETS_FIRST), and divides the gadgets among several machines (IG_GADGETS_SHARE).
"""
import json
import os
import platform
from pathlib import Path


def pytest_collection_modifyitems(config, items):
    tests = {item: key_of(item) for item in items if is_gadgets(item)}
    for item, key in tests.items():
        item.user_properties += zip(("gadget", "rung", "test"), key)
    passed = passed_elsewhere()
    tests_left = {item: key for item, key in tests.items() if key not in passed}
    if os.environ.get("IG_GADGETS_FIRST"):
        tests_left = first_of_each_rung(tests_left)
    mine = share_of(list(dict.fromkeys(gadget for gadget, _, _ in tests_left.values())))
    chosen = {item for item, key in tests_left.items() if key[0] in mine}
    left_out = [item for item in tests if item not in chosen]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def first_of_each_rung(tests):
    """The tests that are the first of their gadget's rung."""
    first = {}
    for item, (gadget, rung, _) in tests.items():
        first.setdefault((gadget, rung), item)
    return {item: tests[item] for item in first.values()}


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
