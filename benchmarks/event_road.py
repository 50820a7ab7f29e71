#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the program event_road and prints its figures as a Markdown table."""

import argparse
import json
import subprocess

from measure import BUILD, table


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="it is short anyway")
    parser.parse_args()
    words = [BUILD / "benchmarks/benchmark_event_road", "--benchmark_format=json"]
    output = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
    figures = json.loads(output)["benchmarks"][0]
    rows = [
        ["events a second of processor time, decoded, told apart and stored", f"{figures['events/cpu_s']:,.0f}"],
        ["share of a bare prepared INSERT of the same rows", f"{figures['share_of_bare']:.0%}"],
        ["share of INSERTs of the same events with their texts", f"{figures['share_of_flat']:.0%}"],
        ["bytes of file an event (`trace_open`)", f"{figures['bytes/event']:.1f}"],
        ["allocations of ours an event, once all is warm", f"{figures['allocations/event']:.4f}"],
        ["with SQLite's, when a page is full", f"{figures['with_sqlite']:.4f}"],
    ]
    print("### From the ring to the file\n")
    print(table(["what", "figure"], rows))


if __name__ == "__main__":
    main()
