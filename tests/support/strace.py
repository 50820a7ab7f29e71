# SPDX-License-Identifier: Apache-2.0
"""What strace saw: the calls of a command and all its descendants, as {(architecture, number): name}."""
import ctypes
import re

CALL = re.compile(r"^(\d+) +\[ *(\d+)\] +(\w+)\(")  # `strace -f -n`: "PID [ 257] openat(…"

_seccomp = ctypes.CDLL("libseccomp.so.2")
_seccomp.seccomp_syscall_resolve_num_arch.restype = ctypes.c_void_p
_free = ctypes.CDLL("libc.so.6").free
_free.argtypes = [ctypes.c_void_p]
TOKENS = {"x86_64": 0xC000003E, "i386": 0x40000003}


def name_of(arch, number):
    """As libseccomp spells it, or "" where it knows no such call."""
    pointer = _seccomp.seccomp_syscall_resolve_num_arch(TOKENS[arch], number)
    if not pointer:
        return ""
    name = ctypes.string_at(pointer).decode()
    _free(pointer)
    return name


def number_of(arch, name):
    return _seccomp.seccomp_syscall_resolve_name_arch(TOKENS[arch], name.encode())


def arch_of(number, name, before):
    """strace does not say in which table a call was looked up; number and name together do."""
    fitting = [arch for arch in TOKENS if name_of(arch, number) == name]
    return before if before in fitting or not fitting else fitting[0]


def parse(lines):
    arch, calls = {}, {}
    for line in lines:
        call = CALL.match(line)
        if call:
            pid, number, name = call[1], int(call[2]), call[3]
            arch[pid] = arch_of(number, name, arch.get(pid, "x86_64"))
            calls[arch[pid], number] = name
    return calls


def command(log, *traced):
    """The command that runs another one under strace."""
    return ["strace", "-f", "-n", "-o", log, *traced]


def calls_of(log):
    return parse(log.read_text(errors="replace").splitlines())
