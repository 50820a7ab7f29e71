# SPDX-License-Identifier: Apache-2.0
"""The binary under test: recordings as objects, other commands as functions, sessions as SQL."""
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

from support.cgroup import cgroup2_root
from support.patience import patience

READY_SECONDS = 60
STOP_SECONDS = 60


def wait_until(condition, seconds, what):
    """The condition's first true value. Polls: what is waited for here has no other way to tell."""
    deadline = time.monotonic() + patience(seconds)
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        time.sleep(0.05)


class NotStarted(AssertionError):
    """The recorder gave up before it recorded anything; its words say why."""

    def error(self):
        found = re.search(r"^error: (.*)", str(self), re.M)
        return found[1] if found else ""


class Recording:
    """One `ig record` that has told that its programs are attached."""

    def __init__(self, arguments, session, cwd, wrapper=(), env=None, stdout=subprocess.PIPE):
        self.session = session
        self.stderr = []
        self._ready = threading.Event()
        self.process = subprocess.Popen([*wrapper, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=stdout,
                                        stderr=subprocess.PIPE, text=True, errors="replace", cwd=cwd, env=env,
                                        start_new_session=True)
        self.stdout = ""
        self._readers = [threading.Thread(target=self._read_stderr, daemon=True),
                         threading.Thread(target=self._read_stdout, daemon=True)]
        for reader in self._readers:
            reader.start()
        wait_until(lambda: self._ready.is_set() or self.process.poll() is not None, READY_SECONDS, "`recording:`")
        if not self._ready.is_set():
            self._readers[0].join(2)  # it has ended: its last words
        if not self._ready.is_set():
            raise NotStarted(f"the recording did not start:\n{self.words()}")

    def _read_stderr(self):
        for line in self.process.stderr:
            self.stderr.append(line)
            if line.startswith("recording:"):
                self._ready.set()

    def _read_stdout(self):
        if self.process.stdout:
            self.stdout = self.process.stdout.read()

    def words(self):
        return "".join(self.stderr)

    def wait(self, seconds=STOP_SECONDS, status=0):
        """Until it ends by itself: its command is over, or the duration."""
        returned = self.process.wait(patience(seconds))
        for reader in self._readers:
            reader.join(5)
        if status is not None:
            assert returned == status, f"ig record ended with {returned}:\n{self.words()}"
        return self

    def stop(self, signal_number=signal.SIGINT):
        """As Ctrl-C does."""
        self.process.send_signal(signal_number)
        return self.wait()

    def kill(self):
        """As the out-of-memory killer does."""
        self.process.kill()
        return self.wait(status=-signal.SIGKILL)

    def close(self):
        """Also ends a command that goes on after its recording: it is in the recorder's process group."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        remove_command_cgroup(self.process.pid)


class Live:
    """`ig run`, whose rows are read while it runs. Starts at once: wait for what it shows."""

    def __init__(self, arguments, folder, wrapper=()):
        self._rows = folder / "live.json"
        self._words = folder / "live.words"
        with self._rows.open("w") as rows, self._words.open("w") as words:
            self.process = subprocess.Popen([*wrapper, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=rows,
                                            stderr=words, start_new_session=True)

    def rows(self):
        """Of `-o json`; the last line may not be whole yet."""
        assert self.process.poll() is None, self._words.read_text()
        return self._whole_rows()

    def stop(self):
        """As Ctrl-C does. All the rows."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(patience(STOP_SECONDS)) == 0, self._words.read_text()
        return self._whole_rows()

    def _whole_rows(self):
        return [json.loads(line) for line in self._rows.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


class Ig:
    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = Path(folder)
        self._recordings = []

    def record(self, *options, command=(), session="session.db", **how):
        """Starts a recording; returns once it records. `how`: see Recording."""
        path = self.folder / session
        arguments = [self.binary, "record", "-o", path, *options]
        if command:
            arguments += ["--", *command]
        recording = Recording(arguments, path, self.folder, **how)
        self._recordings.append(recording)
        return recording

    def live(self, gadget, *options, **how):
        """Starts `ig run` with JSON. `how`: see Live."""
        live = Live([self.binary, "run", gadget, "-o", "json", *options], self.folder, **how)
        self._recordings.append(live)
        return live

    def record_command(self, *command, options=(), session="session.db", env=None, status=0, seconds=120):
        """Records a command from its start to its end."""
        return self.record(*options, command=command, session=session, env=env).wait(seconds, status)

    def on_path(self):
        """An environment in which `ig` is the binary under test, whatever its file is called."""
        folder = self.folder / "path"
        folder.mkdir(exist_ok=True)
        link = folder / "ig"
        if not link.exists():
            link.symlink_to(Path(self.binary).resolve())
        return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}

    def run(self, *arguments, status=0, seconds=60, env=None):
        """Another command of ig: its standard output. Its words on stderr are kept in `last_words`."""
        done = subprocess.run([self.binary, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=seconds, cwd=self.folder, env=env)
        self.last_words = done.stderr
        assert done.returncode == status, \
            f"ig {' '.join(map(str, arguments))} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def close(self):
        for recording in self._recordings:
            recording.close()


def remove_command_cgroup(pid):
    """A recording that was killed leaves its command's cgroup behind (ig-PID)."""
    root = cgroup2_root()
    for folder in root.rglob(f"ig-{pid}") if root else ():
        processes = folder / "cgroup.procs"
        for line in processes.read_text().split():
            os.kill(int(line), signal.SIGKILL)
        wait_until(lambda: not processes.read_text(), 10, "an empty cgroup")
        folder.rmdir()


def query(session, sql, *values):
    """Rows of a session file, as anybody with SQLite reads them."""
    with contextlib.closing(sqlite3.connect(f"file:{session}?mode=ro", uri=True)) as database:
        database.create_function("regexp", 2, lambda pattern, text: re.search(pattern, str(text)) is not None)
        return database.execute(sql, values).fetchall()


def query_one(session, sql, *values):
    rows = query(session, sql, *values)
    assert len(rows) == 1, f"one row was expected of {sql}, not {rows}"
    return rows[0][0]


def rows_table(session, gadget, data_source):
    """The table behind a gadget's view: with numbers instead of names, and the workload's id."""
    return query_one(session, "SELECT view FROM data_source WHERE gadget = ? AND name = ?", gadget, data_source) + "_rows"
