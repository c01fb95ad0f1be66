// SPDX-License-Identifier: GPL-2.0-or-later
/* FreeSWITCH, Kamailio, OpenSIPS and plain lists, as they are laid out. */
#include "scene.h"

#define FS_MAIN \
	"<?xml version=\"1.0\"?>\n<document type=\"freeswitch/xml\">\n" \
	"  <X-PRE-PROCESS cmd=\"include\" data=\"vars.xml\"/>\n" \
	"  <section name=\"configuration\" description=\"Various Configuration\">\n" \
	"    <X-PRE-PROCESS cmd=\"include\" data=\"autoload_configs/*.xml\"/>\n" \
	"  </section>\n</document>\n"
#define FS_SOFIA \
	"<configuration name=\"sofia.conf\" description=\"sofia Endpoint\">\n" \
	"  <profiles>\n    <X-PRE-PROCESS cmd=\"include\" data=\"../sip_profiles/*.xml\"/>\n" \
	"  </profiles>\n</configuration>\n"

static const struct scene scenes[] = {
	{ "FreeSWITCH: gateways through profiles, variables and includes", TRUST_FREESWITCH,
	  "", {
	  { "freeswitch.xml", FS_MAIN },
	  { "vars.xml",
	    "<include>\n  <X-PRE-PROCESS cmd=\"set\" data=\"default_provider=example.com\"/>\n"
	    "  <X-PRE-PROCESS cmd=\"set\" data=\"proxy=sbc.$${default_provider}\"/>\n"
	    "  <X-PRE-PROCESS cmd=\"stun-set\" data=\"external_sip_ip=stun:stun.example.com\"/>\n"
	    "</include>\n" },
	  { "autoload_configs/sofia.conf.xml", FS_SOFIA },
	  { "sip_profiles/external.xml",
	    "<profile name=\"external\">\n  <gateways>\n"
	    "    <X-PRE-PROCESS cmd=\"include\" data=\"external/*.xml\"/>\n  </gateways>\n"
	    "  <settings>\n    <param name=\"context\" value=\"public\"/>\n  </settings>\n"
	    "</profile>\n" },
	  { "sip_profiles/external/example.xml",
	    "<include>\n  <gateway name=\"$${default_provider}\">\n"
	    "  <!--/// account username *required* ///-->\n"
	    "  <!--<param name=\"username\" value=\"cluecon\"/>-->\n"
	    "  <param name=\"username\" value=\"joeuser\"/>\n"
	    "  <!--<param name=\"proxy\" value=\"asterlink.example\"/>-->\n"
	    "  <param name=\"register\" value=\"false\"/>\n  </gateway>\n</include>\n" },
	  { "sip_profiles/external/carrier.xml",
	    "<include>\n<gateway name=\"carrier\">\n"
	    "<param name=\"realm\" value=\"asterisk\"/>\n"
	    "<param name=\"proxy\" value=\"198.51.100.5:5080\"/>\n"
	    "<param name=\"register-proxy\" value=\"sip:$${proxy};transport=tls\"/>\n"
	    "<param name=\"outbound-proxy\" value=\"[2001:db8::5]:5060\"/>\n"
	    "<param name='from-domain' value='ours.example'/>\n</gateway>\n"
	    "<gateway name=\"realm-only\"><param name=\"realm\" value=\"r.example\"/></gateway>\n"
	    "<gateway name=\"var\"><param name=\"proxy\" value=\"$${unknown}\"/></gateway>\n"
	    "</include>\n" } },
	  "gateway proxy [carrier] 198.51.100.5\n"
	  "gateway register-proxy [carrier] sbc.example.com (srv)\n"
	  "gateway outbound-proxy [carrier] 2001:db8::5\n"
	  "gateway realm [realm-only] r.example (srv)\n"
	  "gateway [example.com] example.com (srv)\n",
	  "sip_profiles/external/carrier.xml:10: gateway proxy: a variable in \"$${unknown}\" "
	  "is not known: it is not covered\n" },
	{ "FreeSWITCH: access lists that a profile applies", TRUST_FREESWITCH, "", {
	  { "freeswitch.xml", FS_MAIN }, { "vars.xml", "<include/>" },
	  { "autoload_configs/acl.conf.xml",
	    "<configuration name=\"acl.conf\" description=\"Network Lists\">\n"
	    "  <network-lists>\n    <list name=\"lan\" default=\"allow\">\n"
	    "      <node type=\"deny\" cidr=\"192.168.42.0/24\"/>\n"
	    "      <node type=\"allow\" cidr=\"198.51.100.90/32\"/>\n    </list>\n"
	    "    <list name=\"domains\" default=\"deny\">\n"
	    "      <node type=\"allow\" domain=\"$${domain}\"/>\n"
	    "      <node type=\"allow\" cidr=\"203.0.113.0/27\"/>\n"
	    "      <node type=\"allow\" host=\"203.0.113.128\" mask=\"255.255.255.240\"/>\n"
	    "      <node type=\"allow\" cidr=\"10.0.0.0/8\"/>\n"
	    "      <node type=\"allow\" cidr=\"0.0.0.0/0\"/>\n"
	    "      <node type=\"allow\" cidr=\"198.51.100.0/25\"/>\n"
	    "      <node type=\"deny\" cidr=\"198.51.100.3/32\"/>\n    </list>\n"
	    "    <list name=\"unused\" default=\"deny\">\n"
	    "      <node type=\"allow\" cidr=\"198.51.100.200/32\"/>\n    </list>\n"
	    "  </network-lists>\n</configuration>\n" },
	  { "autoload_configs/sofia.conf.xml", FS_SOFIA },
	  { "sip_profiles/internal.xml",
	    "<profile name=\"internal\">\n<settings>\n"
	    "<param name=\"apply-inbound-acl\" value=\"domains\"/>\n"
	    "<param name=\"apply-inbound-acl\" value=\"203.0.113.77/32\"/>\n"
	    "<param name=\"apply-register-acl\" value=\"unused\"/>\n"
	    "</settings>\n</profile>\n" } },
	  "acl node [domains] 203.0.113.0/27\nacl node [domains] 203.0.113.128/28\n"
	  "apply-inbound-acl [] 203.0.113.77\n",
	  "autoload_configs/acl.conf.xml:13: acl node: \"198.51.100.0/25\" is not trusted, as a "
	  "part of it is denied\n" },
	{ "FreeSWITCH: what is no XML", TRUST_FREESWITCH, "", {
	  { "freeswitch.xml",
	    "<!-- a <!-- nested --> comment -->\n<gateway name=\"a&amp;b\"\n><param\nname=\"proxy\""
	    "\nvalue=\"198.51.100.1\"<param name=\"realm\" value=\"x\"/></gateway>\n"
	    "a & b <gateway name=\"198.51.100.2\" / ><gateway name='198.51.100.3'/>"
	    "<gateway name=\"198.51.100.4\"><X-PRE-PROCESS cmd=\"include\" data=\"d/*.xml\"/>\n"
	    "<X-PRE-PROCESS cmd=\"exec\" data=\"wget -O - http://x\"/><gateway name=\"198.51" } },
	  "gateway proxy [a&b] 198.51.100.1\ngateway [198.51.100.2] 198.51.100.2\n"
	  "gateway [198.51.100.3] 198.51.100.3\ngateway [198.51.100.4] 198.51.100.4\n",
	  "freeswitch.xml:7: a program's output is included, which is not run: whom it names "
	  "is not trusted\n"
	  "freeswitch.xml:7: gateway: \"198.51\" is no address, network or host name\n" },
	{ "Kamailio: the stock configuration with its switches", TRUST_KAMAILIO, "kamailio.cfg", {
	  { "kamailio.cfg",
	    "#!KAMAILIO\n#\n#!define WITH_DISPATCHER\n##!define WITH_DB\n"
	    "#!ifdef WITH_DB\n#!ifndef DBURL\n"
	    "#!define DBURL \"mysql://kamailio:kamailiorw@localhost/kamailio\"\n#!endif\n"
	    "#!endif\n#!define LISTS \"/nowhere\"\nimport_file \"kamailio-local.cfg\"\n"
	    "loadmodule \"permissions.so\"\n#!ifdef WITH_DISPATCHER\n"
	    "loadmodule \"/usr/lib/modules/dispatcher.so\"\n#!endif\n#!ifdef WITH_DB\n"
	    "modparam(\"dispatcher|permissions\", \"db_url\", DBURL)\n#!else\n"
	    "/* modparam(\"permissions\", \"address_file\", \"/old.list\")\n*/\n"
	    "modparam(\"permissions\", \"address_file\",\n\t\"address.list\") # not text://x\n"
	    "#!endif\nrequest_route {\n\tif (!ds_select_dst(\"1\", \"4\")) { exit; }\n}\n" },
	  { "kamailio-local.cfg", "// nothing\n" },
	  { "dispatcher.list",
	    "# setid destination flags priority attrs\n1 sip:10.0.0.5:5060 0 0\n"
	    "1 sip:gw1.carrier.example;transport=tcp 8 50 duid=x;maxload=100\n"
	    "2 sips:203.0.113.8:5061\nsip:broken\n\n" },
	  { "address.list",
	    "#(int)group (str)address (int)mask (int)port (str)tag\n"
	    "1 198.51.100.0 28 0 carrier\n1 198.51.100.64/29\n2 203.0.113.9 32 5060 pbx;\n"
	    "2 2001:db8:7:: 48\n1 0.0.0.0 0 0 all\n1 host.example\n" } },
	  "dispatcher [1] 10.0.0.5\ndispatcher [1] gw1.carrier.example (srv)\n"
	  "dispatcher [2] 203.0.113.8\n"
	  "permissions address [1] 198.51.100.0/28\npermissions address [1] 198.51.100.64/29\n"
	  "permissions address [2] 203.0.113.9\npermissions address [2] 2001:db8:7::/48\n"
	  "permissions address [1] host.example (srv)\n",
	  "dispatcher.list:5: the line with \"sip:broken\" is not understood\n"
	  "address.list:6: permissions address: \"0.0.0.0/0\" is too wide to be trusted\n" },
	{ "Kamailio: lists in a database are missed, and that is said", TRUST_KAMAILIO,
	  "kamailio.cfg", {
	  { "kamailio.cfg",
	    "#!define DBURL \"mysql://kamailio:secret@localhost/kamailio\"\n"
	    "#!ifdef NOT\n#!else\nloadmodule \"/usr/lib/modules/dispatcher\"\n"
	    "modparam(\"dispatcher\", \"db_url\", DBURL)\n#!endif\n" } }, "",
	  "kamailio.cfg:5: whom module dispatcher knows is in a database (mysql), which is not "
	  "read: they are not covered\n" },
	{ "db_text: tables by their columns", TRUST_DBTEXT, "", {
	  { "address",
	    "id(int,auto) grp(int) ip_addr(string) mask(int) port(int) tag(string,null)\n"
	    "1:1:198.51.100.16:28:0:carrier\n2:1:2001\\:db8\\:8\\:\\::48:0:\n"
	    "3:2:gw.example:32:5060:x\n" },
	  { "dispatcher",
	    "id(int,auto) setid(int) destination(string) flags(int) priority(int) attrs(string) "
	    "description(string)\n1:3:sip\\:203.0.113.30\\:5062:0:0::media\n" },
	  { "trusted",
	    "id(int,auto) src_ip(string) proto(string) from_pattern(string,null)\n"
	    "1:198.51.100.77:any:^sip\\:.*$\n2:any:any:\n" },
	  { "uacreg",
	    "id(int,auto) l_uuid(string) l_username(string) auth_proxy(string)\n"
	    "1:trunk1:me:sip\\:proxy.example\n" } },
	  "permissions address [1] 198.51.100.16/28\npermissions address [1] 2001:db8:8::/48\n"
	  "permissions address [2] gw.example (srv)\n"
	  "permissions trusted [] 198.51.100.77\n"
	  "dispatcher [3] 203.0.113.30\nuac registration [trunk1] proxy.example (srv)\n",
	  NULL },
	{ "OpenSIPS: db_text for all", TRUST_OPENSIPS, "opensips.cfg", {
	  { "opensips.cfg",
	    "####### Global Parameters #########\nlog_level=3\n"
	    "mpath=\"/usr/lib/x86_64-linux-gnu/opensips/modules/\"\n"
	    "loadmodule \"db_text.so\"\nloadmodule \"drouting.so\"\n"
	    "modparam(\"drouting\", \"db_url\", \"text://tables\")\n" },
	  { "tables/dr_gateways",
	    "id(int,auto) gwid(string) type(int) address(string) strip(int)\n"
	    "1:gw-1:1:198.51.100.44\\:5060:0\n" } },
	  "drouting gateway [gw-1] 198.51.100.44\n", NULL },
	{ "our own list", TRUST_LIST, "trusted", {
	  { "trusted", "198.51.100.1\t# the office\n\n# nothing\nsip.example.net\n"
	    "2001:db8:1::/64\n0.0.0.0/0\n192.168.0.0/16\n" } },
	  "list [the office] 198.51.100.1\nlist [] sip.example.net (srv)\nlist [] 2001:db8:1::/64\n"
	  "list [] 192.168.0.0/16\n",
	  "trusted:6: list: \"0.0.0.0/0\" is too wide to be trusted\n" },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		scene_play(&scenes[i]);
	return t_done();
}
