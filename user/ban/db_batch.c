// SPDX-License-Identifier: GPL-2.0-or-later
#include "db_batch.h"

#include <stdlib.h>

/*
 * A change: its length (four bytes), the statement (one), the values.  A value:
 * its type (one byte), then a number of seven bits to a byte, which is the
 * integer (zigzag) or the length, then the bytes.
 */
struct db_chunk {
	struct db_chunk *next;
	size_t len, size;
	uint8_t bytes[];
};

enum { CHUNK = (256 << 10) - 64, OP_HEAD = 5 };

void db_batch_fini(struct db_batch *b)
{
	struct db_chunk *c, *next;

	for (c = b->first; c; c = next) {
		next = c->next;
		free(c);
	}
	str_fini(&b->op);
	*b = (struct db_batch){ 0 };
}

/* ---- writing -------------------------------------------------------------- */

void db_batch_begin(struct db_batch *b, enum db_op op)
{
	str_reset(&b->op);
	str_add(&b->op, "\0\0\0", 4);
	str_putc(&b->op, (char)op);
}

/* A value's type, and the number that follows it. */
static void put_head(struct db_batch *b, int type, uint64_t v)
{
	char bytes[11] = { (char)type };
	size_t n = 1;

	for (; v >= 0x80; v >>= 7)
		bytes[n++] = (char)(v | 0x80);
	bytes[n++] = (char)v;
	str_add(&b->op, bytes, n);
}

void db_batch_int(struct db_batch *b, int64_t v)
{
	put_head(b, DB_INT, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

static void put_bytes(struct db_batch *b, int type, const void *bytes, size_t len)
{
	put_head(b, type, len);
	str_add(&b->op, bytes, len);
}

void db_batch_text(struct db_batch *b, const char *text)
{
	if (text)
		put_bytes(b, DB_TEXT, text, strlen(text));
	else
		str_putc(&b->op, DB_NULL);
}

void db_batch_blob(struct db_batch *b, const void *bytes, size_t len)
{
	put_bytes(b, DB_BLOB, bytes, len);
}

void db_batch_addr(struct db_batch *b, const struct ipaddr *who)
{
	uint8_t bytes[17] = { who->prefix };
	size_t len = who->family == 4 ? 4 : 16;

	memcpy(bytes + 1, who->bytes, len);
	put_bytes(b, DB_ADDR, bytes, 1 + len);
}

static struct db_chunk *chunk_with(struct db_batch *b, size_t room)
{
	size_t size = room > CHUNK ? room : CHUNK;
	struct db_chunk *c = b->last;

	if (c && c->size - c->len >= room)
		return c;
	c = malloc(sizeof(*c) + size);
	if (!c)
		return NULL;
	*c = (struct db_chunk){ .size = size };
	*(b->last ? &b->last->next : &b->first) = c;
	b->last = c;
	b->bytes += sizeof(*c) + size;
	return c;
}

void db_batch_end(struct db_batch *b)
{
	struct db_chunk *c = b->op.failed ? NULL : chunk_with(b, b->op.len);
	uint32_t len = (uint32_t)b->op.len;

	if (!c) {
		b->failed = true;
		return;
	}
	memcpy(b->op.s, &len, 4);
	memcpy(c->bytes + c->len, b->op.s, len);
	c->len += len;
	b->ops++;
}

void db_batch_append(struct db_batch *to, struct db_batch *from)
{
	*(to->last ? &to->last->next : &to->first) = from->first;
	if (from->last)
		to->last = from->last;
	to->bytes += from->bytes;
	to->ops += from->ops;
	to->failed |= from->failed;
	from->first = from->last = NULL;
	db_batch_fini(from);
}

/* ---- reading --------------------------------------------------------------- */

void db_batch_open(const uint8_t *op, struct db_cursor *c, enum db_op *what)
{
	uint32_t len;

	memcpy(&len, op, 4);
	*what = op[4];
	c->op = op;
	c->at = op + OP_HEAD;
	c->end = op + len;
}

bool db_batch_next(const struct db_batch *b, struct db_cursor *c, enum db_op *op)
{
	if (!c->chunk) {
		c->chunk = b->first;
		c->end = c->chunk ? c->chunk->bytes : NULL;
	}
	/* At the end it stays there, and says so again. */
	while (c->chunk && c->end == c->chunk->bytes + c->chunk->len) {
		if (!c->chunk->next)
			return false;
		c->chunk = c->chunk->next;
		c->end = c->chunk->bytes;
	}
	if (!c->chunk)
		return false;
	db_batch_open(c->end, c, op);
	return true;
}

static uint64_t get_number(struct db_cursor *c)
{
	uint64_t v = 0;
	uint8_t byte;

	for (unsigned int shift = 0;; shift += 7) {
		byte = *c->at++;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
}

bool db_batch_value(struct db_cursor *c, struct db_value *v)
{
	uint64_t number;

	if (c->at == c->end)
		return false;
	*v = (struct db_value){ .type = *c->at++ };
	if (v->type == DB_NULL)
		return true;
	number = get_number(c);
	if (v->type == DB_INT) {
		v->i = (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
		return true;
	}
	v->s = (const char *)c->at;
	v->len = number;
	c->at += number;
	return true;
}

struct ipaddr db_value_addr(const struct db_value *v)
{
	struct ipaddr a = { .family = v->len == 5 ? 4 : 6, .prefix = (uint8_t)v->s[0] };

	memcpy(a.bytes, v->s + 1, v->len - 1);
	return a;
}
