// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/zone.h"

#include "stamp/civil.h"

#include <errno.h>
#include <time.h>

#define HOUR_S	3600
#define MIN_S	60

/* ---- names ---- */

/* Military letters and abbreviations, by minutes east of UTC. */
static const struct {
	int16_t minutes;
	const char *names;	/* between blanks */
} zones[] = {
	{ -720, " Y " },
	{ -660, " NUT SST X " },
	{ -600, " CKT HAST HST TAHT TKT W " },
	{ -570, " MART MIT " },
	{ -540, " AKST GAMT GIT HADT HNY V " },
	{ -480, " AKDT CIST HAY HNP PST PT U " },
	{ -420, " HAP HNR MST PDT T " },
	{ -360, " CST EAST GALT HAR HNC MDT S " },
	{ -300, " CDT COT EASST ECT EST ET HAC HNE PET R " },
	{ -270, " HLV VET " },
	{ -240, " AST BOT CLT COST EDT FKT GYT HAE HNA PYT Q " },
	{ -210, " HNT NST NT " },
	{ -180, " ADT ART BRT CLST FKST GFT HAA P PMST PYST SRT UYT WGT " },
	{ -150, " HAT NDT " },
	{ -120, " BRST FNT O PMDT UYST WGST " },
	{ -60, " AZOT CVT EGT N " },
	{ 0, " EGST GMT UTC WET WT Z " },
	{ 60, " A CET DFT WAT WEDT WEST " },
	{ 120, " B CAT CEDT CEST EET SAST WAST " },
	{ 180, " C EAT EEDT EEST IDT MSK " },
	{ 210, " IRST " },
	{ 240, " AMT AZT D GET GST KUYT MSD MUT RET SAMT SCT " },
	{ 270, " AFT IRDT " },
	{ 300, " AMST AQTT AZST E HMT MAWT MVT PKT TFT TJT TMT UZT YEKT " },
	{ 330, " SLT " },
	{ 345, " NPT " },
	{ 360, " ALMT BIOT BTT F IOT KGT NOVT OMST YEKST " },
	{ 390, " CCT MMT " },
	{ 420, " CXT DAVT G HOVT ICT KRAT NOVST OMSST THA WIB " },
	{ 480, " ACT AWST BDT BNT CAST H HKT IRKT KRAST MYT PHT SGT ULAT WITA WST " },
	{ 540, " AWDT I IRKST JST KST PWT TLT WDT WIT YAKT " },
	{ 570, " ACST " },
	{ 600, " AEST K PGT VLAT YAKST YAPT " },
	{ 630, " ACDT LHST " },
	{ 660, " AEDT L LHDT MAGT NCT PONT SBT VLAST VUT " },
	{ 690, " NFT " },
	{ 720, " ANAST ANAT FJT GILT M MAGST MHT NZST PETST PETT TVT WFT " },
	{ 780, " FJST NZDT " },
};

#define NAME_MAX_LEN	5

static int find_name(const char *name, size_t len, int32_t *minutes)
{
	char word[NAME_MAX_LEN + 3] = " ";

	memcpy(word + 1, name, len);
	word[len + 1] = ' ';
	for (size_t i = 0; i < ARRAY_SIZE(zones); i++) {
		if (!strstr(zones[i].names, word))
			continue;
		*minutes = zones[i].minutes;
		return 0;
	}
	return -ENOENT;
}

/* Length of the name that @text begins with: one letter, or three to five. */
static size_t name_len(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && n < NAME_MAX_LEN && text[n] >= 'A' && text[n] <= 'Z')
		n++;
	return n == 2 ? 1 : n;
}

static bool two_digits(const char *p, int *value)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return false;
	*value = (p[0] - '0') * 10 + p[1] - '0';
	return true;
}

/* "+hh", "+hhmm" or "+hh:mm", hours below 20. */
static int parse_offset(const char *p, size_t len, int32_t *minutes)
{
	int hours, mins = 0;

	if (len < 3 || (*p != '+' && *p != '-') || !two_digits(p + 1, &hours) ||
	    hours >= 20)
		return -EINVAL;
	if (len == 6 && p[3] == ':' && two_digits(p + 4, &mins))
		;
	else if (len == 5 && two_digits(p + 3, &mins))
		;
	else if (len != 3)
		return -EINVAL;
	*minutes = (hours * 60 + mins) * (*p == '-' ? -1 : 1);
	return 0;
}

int zone_parse(const char *text, size_t len, int32_t *offset_s)
{
	size_t name = name_len(text, len);
	int32_t base = 0, minutes = 0;
	int ret;

	if (name < len) {
		ret = parse_offset(text + name, len - name, &minutes);
		if (ret)
			return ret;
	}
	if (name) {
		ret = find_name(text, name, &base);
		if (ret)
			return ret;
	}
	*offset_s = (base + minutes) * MIN_S;
	return 0;
}

/* ---- the local zone ---- */

static int32_t offset_at(int64_t utc_s)
{
	time_t t = (time_t)utc_s;
	struct tm tm;

	return localtime_r(&t, &tm) ? (int32_t)tm.tm_gmtoff : 0;
}

int64_t zone_local_from_utc(int64_t utc_s)
{
	return utc_s + offset_at(utc_s);
}

/*
 * Zones change their offset at most once within two days; so the offsets of a
 * day before and a day after are the only ones that can apply.
 */
static int64_t resolve(int64_t civil_s, int64_t now_s)
{
	int32_t before = offset_at(civil_s - DAY_S);
	int32_t after = offset_at(civil_s + DAY_S);
	int64_t first = civil_s - before, second = civil_s - after;
	bool first_ok, second_ok;

	if (before == after)
		return first;
	first_ok = offset_at(first) == before;
	second_ok = offset_at(second) == after;
	if (first_ok && second_ok)
		return second <= now_s ? second : first;
	return second_ok ? second : first;
}

int64_t zone_local_to_utc(struct zone_local *z, int64_t civil_s, int64_t now_s)
{
	int64_t hour = civil_s / HOUR_S - (civil_s % HOUR_S < 0);
	int64_t start;

	if (z->cached && z->hour == hour)
		return civil_s - z->offset_s;
	start = resolve(hour * HOUR_S, INT64_MAX);
	/* An hour is remembered when nothing changes in it, nor is it repeated. */
	if (start == resolve(hour * HOUR_S, INT64_MIN) &&
	    resolve(hour * HOUR_S + HOUR_S - 1, INT64_MAX) == start + HOUR_S - 1 &&
	    resolve(hour * HOUR_S + HOUR_S - 1, INT64_MIN) == start + HOUR_S - 1) {
		*z = (struct zone_local){ true, hour, (int32_t)(hour * HOUR_S - start) };
		return civil_s - z->offset_s;
	}
	return resolve(civil_s, now_s);
}
