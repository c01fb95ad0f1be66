/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unix_socket - a unix socket under a name of ours: what a crash left behind is
 * replaced, what somebody answers at is not, nor what is no socket.
 */
#pragma once

/*
 * A socket of @type (SOCK_STREAM, SOCK_DGRAM) bound to @path, which nobody but its
 * owner may use (mode 0600, from the first moment on); its descriptor (close on
 * exec, does not block) is the caller's, and so is the file.  -EADDRINUSE: somebody
 * answers there; -EEXIST: there is something else; -ENAMETOOLONG; or another -errno.
 * Logs nothing.  Changes the umask for a moment: for one thread.
 */
int unix_socket_bind(const char *path, int type);
