#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What it costs to read a big session: every report, every advice, of a simulated one.

Prints Markdown tables. The bare limit is the least that anybody can do who reads all of a file: one
pass of SQLite over each of its tables, measured in turns with the others. Times differ from machine to
machine, and from minute to minute; ratios to the bare limit do less.
"""

import argparse
import sqlite3
import tempfile
from pathlib import Path

from measure import BUILD, IG, median, run, table

KINDS = "block-io cpu tcp dns exec files syscalls capabilities network top".split()
ADVISORS = "seccomp-profile network-policy capabilities".split()


def bare_limit(session):
    """The SQL that reads every cell once."""
    database = sqlite3.connect(f"file:{session}?immutable=1", uri=True)
    lines = []
    for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
        columns = [(row[1], row[2]) for row in database.execute(f'PRAGMA table_info("{name}")')]
        of = lambda column, kind: f'length("{column}")' if kind == "TEXT" else f'"{column}"'
        sums = ", ".join(f"total({of(*column)})" for column in columns)
        lines.append(f'SELECT count(*), {sums} FROM "{name}";')
    return "\n".join(lines)


def simulate(folder, events, workloads):
    session = Path(folder) / f"{events}-{workloads}.db"
    cost = run([BUILD / "benchmarks/benchmark_simulate_session", session, events, workloads])
    return session, cost


def questions(session, folder):
    yield "report", ["report", session]
    for kind in KINDS:
        yield f"report {kind}", ["report", kind, session]
    yield "report --format html", ["report", session, "--format", "html", "-o", f"{folder}/page.html"]
    for advisor in ADVISORS:
        yield f"advise {advisor}", ["advise", advisor, session, "--output-dir", f"{folder}/advice"]
    yield "traceloop", ["traceloop", session]
    yield "traceloop --summary", ["traceloop", session, "--summary"]
    yield "session info", ["session", "info", session]
    yield "session check", ["session", "check", session]
    yield "diff", ["diff", session, session]


def measure_all(session, folder, rounds):
    commands = [("bare limit: one pass over all tables", None), *questions(session, folder)]
    sql = bare_limit(session)
    costs = {name: [] for name, _ in commands}
    for _ in range(rounds):
        for name, words in commands:
            if words is None:
                costs[name].append(run(["sqlite3", "-readonly", session], stdin=sql))
            else:
                costs[name].append(run([IG, *words]))
    return {name: median(list_) for name, list_ in costs.items()}


def each_question(session, folder, events, rounds):
    costs = measure_all(session, folder, rounds)
    bare = next(iter(costs.values()))
    rows = [
        [
            f"`ig {name}`" if cost is not bare else name,
            f"{cost.wall:.2f}",
            f"{cost.cpu:.2f}",
            f"{cost.peak:.0f}",
            f"{events / cost.wall / 1e6:.1f} M",
            f"{cost.cpu / bare.cpu:.2f}",
        ]
        for name, cost in costs.items()
    ]
    return table(["command", "seconds", "CPU s", "peak MB", "events/s", "of the bare limit"], rows)


def growth(folder, sizes, rounds):
    rows = []
    for events, workloads in sizes:
        session, made = simulate(folder, events, workloads)
        sql = bare_limit(session)
        commands = [
            ["report", session],
            ["report", session, "--format", "html", "-o", f"{folder}/page.html"],
            *(["advise", advisor, session, "--output-dir", f"{folder}/growth"] for advisor in ADVISORS),
        ]
        bare = median([run(["sqlite3", "-readonly", session], stdin=sql) for _ in range(rounds)])
        costs = [median([run([IG, *words]) for _ in range(rounds)]) for words in commands]
        size = session.stat().st_size
        rows.append(
            [f"{events:,}", f"{workloads:,}", f"{size / 1e6:,.1f}", f"{made.cpu:.2f}", f"{bare.cpu:.2f}"]
            + [f"{cost.cpu:.2f} ({cost.peak:.0f})" for cost in costs]
        )
        session.unlink()
    names = ["report", "page", *ADVISORS]
    columns = ["events", "workloads", "file MB", "made", "bare", *(f"{name} (MB)" for name in names)]
    return "Seconds of processor time, and the memory resident at most.\n\n" + table(columns, rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--workloads", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--short", action="store_true", help="a hundredth of it, once")
    parser.add_argument("--no-growth", action="store_true")
    parser.add_argument("--folder", help="where the sessions are made [a temporary one]")
    chosen = parser.parse_args()
    part = 100 if chosen.short else 1
    events, rounds = chosen.events // part, 1 if chosen.short else chosen.rounds
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        session, _ = simulate(folder, events, chosen.workloads)
        size = session.stat().st_size
        print(f"### Reading {events:,} events of {chosen.workloads} workloads\n")
        print(f"The file has {size / 1e6:.0f} MB, {size / events:.0f} bytes an event.\n")
        print(each_question(session, folder, events, rounds), flush=True)
        session.unlink()
        if chosen.no_growth:
            return
        print("### Growth with the events, then with the workloads\n")
        sizes = [(10**power // part, 100) for power in (4, 5, 6, 7)]
        sizes += [(1_000_000 // part, count) for count in (10, 100, 1_000, 10_000 if part == 1 else 1_000)]
        print(growth(folder, sizes, rounds))


if __name__ == "__main__":
    main()
