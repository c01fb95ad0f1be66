// SPDX-License-Identifier: GPL-2.0-or-later
#include "internal.h"
const struct source_kind source_journal_kind;
