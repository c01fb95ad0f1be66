# SPDX-License-Identifier: GPL-2.0-or-later
"""Run a command as a kernel without BPF would: bpf(2) answers ENOSYS.

    python3 no_bpf.py COMMAND...
"""
import ctypes
import errno
import os
import struct
import sys

SYS_BPF = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
LOAD_NUMBER, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, FAIL_WITH = 0x7FFF0000, 0x00050000


def instruction(code, value, if_true=0, if_false=0):
    return struct.pack("HBBI", code, if_true, if_false, value)


filter_ = ctypes.create_string_buffer(b"".join([
    instruction(LOAD_NUMBER, 0),		# seccomp_data.nr
    instruction(JUMP_IF_EQUAL, SYS_BPF, 0, 1),
    instruction(RETURN, FAIL_WITH | errno.ENOSYS),
    instruction(RETURN, ALLOW),
]))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(filter_)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0):
    sys.exit("no seccomp here: " + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[1], sys.argv[1:])
