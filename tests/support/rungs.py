# SPDX-License-Identifier: Apache-2.0
"""The rungs of a gadget's ladder, and which of them this kernel has.

A rung is asked for by trying it, as a recording does. Only some refusals mean that the kernel has not got what the rung hooks
into; any other (a program that the verifier does not like) is a defect of the gadget.
"""
import re

import pytest

from support.ig import NotStarted, query_one

# The last is a tracepoint that has fewer arguments here.
LACKS = re.compile("this kernel has no|No such (process|file)|Operation not permitted|not supported|invalid bpf_context access")


def start_on(rung, forced, gadget, ig, *options, **how):
    """Starts a recording on this rung: forced to it, or because the kernel takes it. Skips the test where there is none."""
    if forced:
        options = ["--param", f"{gadget}.variant={rung}", *options]
    try:
        return ig.record("--backend", "bpf", "--gadgets", gadget, *options, **how)
    except NotStarted as refusal:
        if LACKS.search(str(refusal)):
            pytest.skip(f"no rung: {refusal.error()}")
        raise


class TakenRungs:
    """By gadget, the rung that the kernel takes when nobody asks for one; None where it has none."""

    def __init__(self):
        self.known = {}

    def of(self, gadget, ig, *options):
        if gadget not in self.known:
            self.known[gadget] = self._ask(gadget, ig, options)
        return self.known[gadget]

    @staticmethod
    def _ask(gadget, ig, options):
        try:
            trial = ig.record("--backend", "bpf", "--gadgets", gadget, *options, command=["true"], session="trial.db").wait()
        except NotStarted:
            return None
        return query_one(trial.session, "SELECT variant FROM gadget_run WHERE gadget = ?", gadget)
