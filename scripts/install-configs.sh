#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# install-configs.sh FROM TO ORIGINALS
#
# Copy the configuration tree FROM to TO without touching what the operator
# changed.  ORIGINALS keeps the files as they were shipped last time, which is
# how a changed one is known: unchanged files are brought up to date, a changed
# one stays, and its new version is put beside it as FILE.new.
set -eu
from=$1 to=$2 originals=$3

install_one() {
	file=$1
	if [ ! -e "$to/$file" ] || cmp -s "$to/$file" "$originals/$file"; then
		install -D -m 644 "$from/$file" "$to/$file"
	elif ! cmp -s "$to/$file" "$from/$file"; then
		install -D -m 644 "$from/$file" "$to/$file.new"
		echo "kept your $to/$file; the new version is $file.new" >&2
	fi
	install -D -m 644 "$from/$file" "$originals/$file"
}

install -d "$to"
(cd "$from" && find . -type f) | sort | while read -r path; do
	install_one "${path#./}"
done
