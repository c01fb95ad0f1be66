/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xml - the tags of an XML text and their attributes, one after the other.
 * FreeSWITCH's files are not XML before its preprocessor has been over them:
 * several roots, stray ampersands, comments within comments.  So this reads tags
 * and leaves all else alone: no tree, no entities but the five, nothing to blow
 * up.  Whether tags are balanced is the caller's business.
 */
#pragma once
#include "base/util.h"

#define XML_ATTRS	16u	/* of one tag; more are left out */

struct xml_attr {
	char *name, *value;
};

struct xml_tag {
	char *name;		/* as written */
	bool opens, closes;	/* <a>: opens; </a>: closes; <a/>: both */
	struct xml_attr attrs[XML_ATTRS];
	size_t n;
	int line;		/* of its "<" */
};

struct xml {
	char *at;		/* borrows a text, which is cut in place */
	int line;
};

void xml_init(struct xml *x, char *text);
/* The next tag; false after the last.  Its strings live as long as the text. */
bool xml_next(struct xml *x, struct xml_tag *tag);
/* The value of an attribute, "" if the tag has none. */
const char *xml_attr(const struct xml_tag *tag, const char *name);
