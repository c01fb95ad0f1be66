# SPDX-License-Identifier: GPL-2.0-or-later
"""Run a command as a kernel without BPF would: bpf(2) answers ENOSYS.
With --no-links, as one before 5.9, where XDP was attached in another way: what came
with the new one, BPF_LINK_DETACH, answers EINVAL.

    python3 no_bpf.py [--no-links] COMMAND...
"""
import ctypes
import errno
import os
import struct
import sys

SYS_BPF = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
NUMBER, FIRST_ARGUMENT = 0, 16		# where in struct seccomp_data
LINK_DETACH = 34
ALLOW, FAIL_WITH = 0x7FFF0000, 0x00050000


def instruction(code, value, if_true=0, if_false=0):
    return struct.pack("HBBI", code, if_true, if_false, value)


no_links = sys.argv[1] == "--no-links"
command = sys.argv[2:] if no_links else sys.argv[1:]
instructions = [
    instruction(LOAD, NUMBER),
    instruction(JUMP_IF_EQUAL, SYS_BPF, 0, 3),
    instruction(LOAD, FIRST_ARGUMENT),
    instruction(JUMP_IF_EQUAL, LINK_DETACH, 0, 1),
    instruction(RETURN, FAIL_WITH | errno.EINVAL),
    instruction(RETURN, ALLOW),
] if no_links else [
    instruction(LOAD, NUMBER),
    instruction(JUMP_IF_EQUAL, SYS_BPF, 0, 1),
    instruction(RETURN, FAIL_WITH | errno.ENOSYS),
    instruction(RETURN, ALLOW),
]
filter_ = ctypes.create_string_buffer(b"".join(instructions))
program = ctypes.create_string_buffer(
    struct.pack("HxxxxxxP", len(instructions), ctypes.addressof(filter_)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0):
    sys.exit("no seccomp here: " + os.strerror(ctypes.get_errno()))
os.execvp(command[0], command)
