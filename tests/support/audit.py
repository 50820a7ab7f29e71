# SPDX-License-Identifier: Apache-2.0
"""What the kernel's seccomp filters reported: the AUDIT_SECCOMP records of the initial network namespace.

An oracle that is independent of the recorder: a filter whose action is log, kill or (with the log flag) errno reports each
decision here, in the order of the calls and without slowing the program down as strace does.
"""
import os
import re
import socket
import threading
from dataclasses import dataclass
from pathlib import Path

NETLINK_AUDIT = 9
AUDIT_SECCOMP = 1326


@dataclass(frozen=True)
class Denial:
    pid: int
    comm: str
    arch: int
    syscall: int
    action: int  # SECCOMP_RET_*: 0x7ffc0000 log, 0x80000000 kill process, 0x50000 | errno
    login: int = 0  # audit's user id, which children inherit

    @classmethod
    def parse(cls, text):
        field = dict(re.findall(r'(\w+)=("[^"]*"|\S+)', text))
        return cls(int(field["pid"]), field["comm"].strip('"'), int(field["arch"], 16), int(field["syscall"]),
                   int(field["code"], 16), int(field["auid"]))


def login_as_oneself():
    """Gives this process and all that it starts a login id of its own, which tells them from others in the records.

    The id; None where the kernel gives none, so that all are taken."""
    login = Path("/proc/self/loginuid")
    try:
        login.write_text(str(os.getpid()))
        return int(login.read_text())
    except OSError:
        return None


class SeccompAudit:
    """with SeccompAudit() as audit: ...; audit.denials. Holds what was reported since it was entered, of that login id or all."""

    def __init__(self, login=None):
        self.denials = []
        self._login = login
        self._stopped = threading.Event()
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_AUDIT)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.bind((0, 1))
        self._socket.settimeout(0.1)
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self.lines = []  # all that was reported, as auditd writes it to its file

    def _keep(self, packet):
        if int.from_bytes(packet[4:6], "little") == AUDIT_SECCOMP:
            self.lines.append("type=SECCOMP msg=" + packet[16:].rstrip(b"\0\n").decode(errors="replace"))
        return packet

    def _drain(self):
        """Until it is stopped and the kernel has been silent for a moment."""
        while True:
            try:
                packet = self._keep(self._socket.recv(16384))
            except TimeoutError:
                if self._stopped.is_set():
                    return
                continue
            if int.from_bytes(packet[4:6], "little") == AUDIT_SECCOMP:
                denial = Denial.parse(packet[16:].decode(errors="replace"))
                if self._login in (None, denial.login):
                    self.denials.append(denial)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        self._thread.join(5)
        self._socket.close()
