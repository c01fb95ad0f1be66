/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * readers - one for each language that names trunks.  Each adds what it finds at
 * @path to @r and never fails but there: a file that is missing from the
 * beginning is nothing, all else is reported.
 */
#pragma once
#include "reading.h"

typedef void trust_reader_fn(struct trust_reading *r, const char *path);

/* Asterisk's directory: all of the following that are there. */
trust_reader_fn trust_read_asterisk;
trust_reader_fn trust_read_pjsip;	/* pjsip.conf, pjsip_wizard.conf */
trust_reader_fn trust_read_chan_sip;	/* sip.conf, iax.conf */
/* FreeSWITCH's directory of configuration. */
trust_reader_fn trust_read_freeswitch;
/* kamailio.cfg, opensips.cfg: the lists that its modules are told to read. */
trust_reader_fn trust_read_kamailio;
trust_reader_fn trust_read_dispatcher;	/* dispatcher.list */
trust_reader_fn trust_read_address;	/* address.list of permissions */
/* A directory of db_text tables. */
trust_reader_fn trust_read_dbtext;
/* The tables of one module alone; NULL: of all. */
void trust_read_tables(struct trust_reading *r, const char *dir, const char *module);
/* One address, network or name in each line: the operator's own. */
trust_reader_fn trust_read_list;
