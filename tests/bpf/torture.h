/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * torture - messages with what RFC 4475 says that parsers stumble over: valid
 * ones that look odd, and invalid ones that a server must answer.  In words of
 * our own; what they have in common with the RFC's is what is odd about them.
 */
#pragma once
#include "xdpban/sip_abi.h"

struct torture {
	const char *what, *text;
	enum sip_class class;
};

static const struct torture torture[] = {
	{ "blanks and folded lines (3.1.1.1)",
	  "INVITE sip:bob@chair.example.com;unknownparam SIP/2.0\r\n"
	  "TO :\r\n sip:bob@chair.example.com ;   tag    = 31415n\r\n"
	  "from   : \"B Builder \\\\\\\"\"       <sip:builder@example.com>\r\n  ;\r\n"
	  "  tag = 77xyz7\r\nMaX-fOrWaRdS: 0068\r\nCall-ID: odd.1@192.0.2.1\r\n"
	  "Content-Length   : 0\r\ncseq: 0009\r\n  INVITE\r\n"
	  "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=27182x\r\ns :\r\n"
	  "NewHeader:   some new value\r\n that goes on here\r\n\r\n",
	  SIP_INVITE },
	{ "all characters that a token may have (3.1.1.2)",
	  "!any-Method9876543210_*+`.%really'~ sip:2_odd.URI~(that-is!fine)"
	  "&with+all$/of?,/;;*:&them+in=1,it!*and$mo~re_too.(so-it-is)"
	  "@example.com SIP/2.0\r\nCSeq: 1 !any-Method9876543210_*+`.%really'~\r\n"
	  "\r\n", SIP_OTHER },
	{ "escapes in the URI (3.1.1.3)",
	  "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n",
	  SIP_INVITE },
	{ "escaped zeros (3.1.1.4)",
	  "REGISTER sip:example.com SIP/2.0\r\nTo: sip:null-%00-null@example.com\r\n"
	  "CSeq: 14 REGISTER\r\n\r\n", SIP_REGISTER },
	{ "a percent sign in the method (3.1.1.5)",
	  "RE%47IST%45R sip:registrar.example.com SIP/2.0\r\nCSeq: 29 RE%47IST%45R\r\n\r\n",
	  SIP_OTHER },
	{ "no blank between name and address (3.1.1.6)",
	  "OPTIONS sip:user@example.com SIP/2.0\r\nFrom: caller<sip:caller@example.com>;tag=3\r\n"
	  "CSeq: 60 OPTIONS\r\n\r\n", SIP_OPTIONS },
	{ "headers as long as a page (3.1.1.7)",
	  "INVITE sip:user@example.com SIP/2.0\r\nTo: \"A name that is "
	  "veryveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryvery"
	  "veryveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryvery"
	  " long\"<sip:user@example.com:6000;unknownparam1=verylonglonglonglonglong"
	  "longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglongvalue>\r\n"
	  "CSeq: 3882340 INVITE\r\n\r\n", SIP_INVITE },
	{ "bytes behind the message (3.1.1.8)",
	  "REGISTER sip:example.com SIP/2.0\r\nContent-Length: 0\r\nCSeq: 8 REGISTER\r\n\r\n"
	  "INVITE sip:joe@example.com SIP/2.0\r\nCSeq: 8 INVITE\r\n\r\n", SIP_REGISTER },
	{ "a semicolon in the user part (3.1.1.9)",
	  "OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0\r\nCSeq: 8 OPTIONS\r\n\r\n",
	  SIP_OPTIONS },
	{ "transports that nobody knows (3.1.1.10)",
	  "OPTIONS sip:user@example.com SIP/2.0\r\nVia: SIP/2.0/UNKNOWN t5.example.com\r\n"
	  "CSeq: 60 OPTIONS\r\n\r\n", SIP_OPTIONS },
	{ "a body in several parts (3.1.1.11)",
	  "MESSAGE sip:dave@example.org SIP/2.0\r\nContent-Type: multipart/mixed;"
	  "boundary=b0undary\r\nCSeq: 1 MESSAGE\r\n\r\n--b0undary\r\n\r\nHi\r\n", SIP_INVITE },
	{ "an unusual reason (3.1.1.12)",
	  "SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe \xd1\x81\xd1\x82\xd0\xbe\r\n"
	  "CSeq: 35 INVITE\r\n\r\n", SIP_RESPONSE },
	{ "no reason at all (3.1.1.13)", "SIP/2.0 100 \r\nCSeq: 2 INVITE\r\n\r\n", SIP_RESPONSE },
	{ "separators that are not whole (3.1.2.1)",
	  "INVITE sip:user@example.com SIP/2.0\r\nContact: <sip:t@u.example.com>;;,;,,\r\n"
	  "Via: SIP/2.0/UDP 192.0.2.15;;,;,,\r\nCSeq: 193942 INVITE\r\n\r\n", SIP_INVITE },
	{ "a length that is too large (3.1.2.2)",
	  "INVITE sip:user@example.com SIP/2.0\r\nContent-Length: 9999\r\nCSeq: 8 INVITE\r\n\r\n",
	  SIP_INVITE },
	{ "a length below zero (3.1.2.3)",
	  "INVITE sip:user@example.com SIP/2.0\r\nContent-Length: -999\r\nCSeq: 8 INVITE\r\n\r\n",
	  SIP_INVITE },
	{ "numbers that are too large (3.1.2.4)",
	  "REGISTER sip:example.com SIP/2.0\r\nCSeq: 36893488147419103232 REGISTER\r\n\r\n",
	  SIP_REGISTER },
	{ "numbers that are too large, in a response (3.1.2.5)",
	  "SIP/2.0 503 Service Unavailable\r\nCSeq: 9292394834772304023312 OPTIONS\r\n"
	  "Retry-After: 949302838503028349304023988\r\n\r\n", SIP_RESPONSE },
	{ "a quote that does not end (3.1.2.6)",
	  "INVITE sip:user@example.com SIP/2.0\r\nTo: \"Mr. J. User <sip:j.user@example.com>\r\n"
	  "CSeq: 0 INVITE\r\n\r\n", SIP_INVITE },
	{ "angle brackets around the URI (3.1.2.7)",
	  "INVITE <sip:user@example.com> SIP/2.0\r\nCSeq: 0 INVITE\r\n\r\n", SIP_INVITE },
	{ "blanks in the URI (3.1.2.8)",
	  "INVITE sip:user@example.com; lr SIP/2.0\r\nCSeq: 0 INVITE\r\n\r\n", SIP_INVITE },
	{ "more than one blank in the first line (3.1.2.9)",
	  "INVITE  sip:user@example.com  SIP/2.0\r\nCSeq: 0 INVITE\r\n\r\n", SIP_INVITE },
	{ "blanks behind the first line (3.1.2.10)",
	  "OPTIONS sip:remote-target@example.com SIP/2.0  \r\nCSeq: 1 OPTIONS\r\n\r\n",
	  SIP_OPTIONS },
	{ "headers in the URI (3.1.2.11)",
	  "INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0\r\n"
	  "CSeq: 1 INVITE\r\n\r\n", SIP_INVITE },
	{ "a date in another zone (3.1.2.12)",
	  "INVITE sip:user@example.com SIP/2.0\r\nDate: Fri, 01 Jan 2010 16:00:00 EST\r\n"
	  "CSeq: 1 INVITE\r\n\r\n", SIP_INVITE },
	{ "an address without its brackets (3.1.2.13)",
	  "REGISTER sip:example.com SIP/2.0\r\nContact: sip:user@example.com?Route=%3Csip\r\n"
	  "CSeq: 1 REGISTER\r\n\r\n", SIP_REGISTER },
	{ "blanks inside an address (3.1.2.14)",
	  "OPTIONS sip:user@example.org SIP/2.0\r\nTo: sip:carol@example.org\r\n"
	  "From: <sip:caller @ example.com>\r\nCSeq: 1 OPTIONS\r\n\r\n", SIP_OPTIONS },
	{ "bytes that are no token in a name (3.1.2.15)",
	  "OPTIONS sip:carol@example.org SIP/2.0\r\nFrom:   Builder, Bob <sip:a@b>;tag=4\r\n"
	  "CSeq: 1 OPTIONS\r\n\r\n", SIP_OPTIONS },
	{ "an unknown version (3.1.2.16)",
	  "OPTIONS sip:carol@example.org SIP/7.0\r\nCSeq: 1 OPTIONS\r\n\r\n", SIP_OPTIONS },
	{ "two methods that differ (3.1.2.17)",
	  "OPTIONS sip:user@example.com SIP/2.0\r\nCSeq: 8 INVITE\r\n\r\n", SIP_OPTIONS },
	{ "two unknown methods that differ (3.1.2.18)",
	  "NEWMETHOD sip:user@example.com SIP/2.0\r\nCSeq: 8 INVITE\r\n\r\n", SIP_OTHER },
	{ "a status that is too large (3.1.2.19)",
	  "SIP/2.0 4294967301 too large for a number\r\nCSeq: 1 INVITE\r\n\r\n",
	  SIP_RESPONSE },
	{ "no branch (3.2.1)",
	  "OPTIONS sip:user@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\r\n"
	  "CSeq: 8 OPTIONS\r\n\r\n", SIP_OPTIONS },
	{ "headers that are missing (3.3.1)",
	  "INVITE sip:user@example.com SIP/2.0\r\nCSeq: 193942 INVITE\r\n\r\n", SIP_INVITE },
	{ "a scheme that nobody knows (3.3.2)",
	  "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0\r\n"
	  "CSeq: 8 OPTIONS\r\n\r\n", SIP_OPTIONS },
	{ "a known scheme that is not SIP's (3.3.3)",
	  "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0\r\nCSeq: 8 OPTIONS\r\n\r\n",
	  SIP_OPTIONS },
	{ "headers twice (3.3.8)",
	  "INVITE sip:user@example.com SIP/2.0\r\nCSeq: 5 INVITE\r\nCall-ID: 1\r\nCall-ID: 2\r\n"
	  "CSeq: 59 INVITE\r\n\r\n", SIP_INVITE },
	{ "an answer of many (3.3.10)",
	  "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.198;branch=1\r\n"
	  "Via: SIP/2.0/UDP 192.0.2.110;branch=2\r\nCSeq: 9292394 INVITE\r\n\r\n",
	  SIP_RESPONSE },
	{ "Max-Forwards of zero (3.3.11)",
	  "OPTIONS sip:user@example.com SIP/2.0\r\nMax-Forwards: 0\r\nCSeq: 1 OPTIONS\r\n\r\n",
	  SIP_OPTIONS },
	{ "an asterisk for an address (3.3.13)",
	  "REGISTER sip:example.com SIP/2.0\r\nContact: *\r\nExpires: 0\r\nCSeq: 1 REGISTER\r\n\r\n",
	  SIP_REGISTER },
	{ "as it was before this version (3.4.1)",
	  "INVITE sip:UserB@example.com SIP/2.0\r\nVia: SIP/2.0/UDP iftgw.example.com\r\n"
	  "CSeq: 1 INVITE\r\n\r\n", SIP_INVITE },
};
