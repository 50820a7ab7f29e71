# SPDX-License-Identifier: Apache-2.0
"""docs/tutorial.md, followed to the letter: every command is run, and prints what the page says."""
import os
import re
import subprocess
from pathlib import Path

import pytest

from support.need import need

PAGE = Path(__file__).resolve().parents[2] / "docs/tutorial.md"
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(block):
    """[(command, lines that it prints)] of what a console shows."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def pattern(lines):
    """"..." is any lines, "…" any text; blanks may be more."""
    text = ""
    for line in lines:
        if line == "...":
            text += r"(?:.*\n)*?"
        else:
            parts = [r"\s+".join(re.escape(word) for word in part.split(" ")) for part in line.split("…")]
            text += ".*".join(parts) + r"[ ]*\n"
    return re.compile(text)


@pytest.fixture
def shell(ig, tmp_path):
    environment = ig.on_path()

    def run(command):
        done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        return done.stdout

    return run


def test_the_tutorial_prints_what_it_says(shell, tmp_path):
    need(os.geteuid() == 0, "BPF needs root")
    blocks = BLOCK.findall(PAGE.read_text())
    ran = 0
    for language, name, text in blocks:
        if language == "python":
            (tmp_path / name).write_text(text)
            continue
        for command, expected in commands(text):
            printed = shell(command)
            if printed and not printed.endswith("\n"):
                printed += "\n"
            assert pattern(expected).fullmatch(printed), f"$ {command}\n{printed}\n--- expected:\n" + "\n".join(expected)
            ran += 1
    assert ran >= 10
