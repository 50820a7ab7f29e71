# SPDX-License-Identifier: Apache-2.0
"""A process in a network namespace that does what a test tells it, one piece of Python at a time.

Names made by one piece are there for the next, so a connection made before a recording can be used during it.
"""
import json
import subprocess
import sys

LOOP = """
import json, socket, sys
sys.stdout.write("ready\\n"); sys.stdout.flush()
for line in sys.stdin:
    try:
        exec(json.loads(line), globals())
        answer = ""
    except Exception as error:
        answer = repr(error)
    sys.stdout.write(json.dumps(answer) + "\\n"); sys.stdout.flush()
"""


class Actor:
    def __init__(self, namespace):
        self.process = namespace.start(sys.executable, "-c", LOOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def begin(self, code):
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()

    def end(self):
        answer = json.loads(self.process.stdout.readline())
        assert answer == "", answer

    def do(self, code):
        self.begin(code)
        self.end()

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
