#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""empty_map.py PIN...: delete every entry of pinned BPF maps, with bpftool."""
import json
import os
import subprocess
import sys

os.environ["PATH"] += ":/usr/sbin"
for pin in sys.argv[1:]:
    dump = subprocess.run(["bpftool", "-j", "map", "dump", "pinned", pin],
                          check=True, capture_output=True).stdout
    for entry in json.loads(dump):
        key = [str(int(byte, 16)) for byte in entry["key"]]
        subprocess.run(["bpftool", "map", "delete", "pinned", pin, "key", *key],
                       check=True)
