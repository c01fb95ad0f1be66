#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare what our reader makes of a configuration with what Fail2ban's makes.

    compare_fail2ban.py DUMP stock      every stock jail, as Debian ships them
    compare_fail2ban.py DUMP filters    every stock filter, in all modes and
                                        log types, and every stock action
    compare_fail2ban.py DUMP DIR        every jail of DIR

DUMP is the program of dump.c.  Fail2ban's files and code are read where
Debian's package installs them.
"""
import configparser
import glob
import itertools
import json
import logging
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, '/usr/lib/python3/dist-packages')
import warnings
warnings.simplefilter('ignore')
try:
    from fail2ban.client import jailreader
    from fail2ban.client.actionreader import ActionReader
    from fail2ban.client.configreader import ConfigReader
    from fail2ban.server.mytime import MyTime
    import fail2ban.tests
except ImportError as error:
    print('Fail2ban is not installed:', error)
    sys.exit(77)

STOCK = '/etc/fail2ban'
jailreader.version = '1.1.0'        # what we call ourselves in user agents
logging.disable(logging.CRITICAL)

passed = failed = 0


def check(what, ours, theirs):
    global passed, failed
    if ours == theirs:
        passed += 1
        return
    failed += 1
    print('FAILED: %s:\n  ours   %r\n  theirs %r' % (what, ours, theirs))


def fail2ban_jail(basedir, name, share):
    """The commands Fail2ban's client would send for a jail, by option."""
    jail = jailreader.JailReader(name, force_enable=True, basedir=basedir,
                                 share_config=share)
    jail.read()
    try:
        if not jail.getOptions():
            return None
    except (configparser.Error, ValueError):
        return None                 # here Fail2ban gives up all jails
    out = {'actions': {}, 'order': []}
    for command in jail.convert(allow_no_files=True):
        verb, rest = command[0], command[2:]
        if verb not in ('set', 'multi-set'):
            continue
        if rest[0] == 'addaction':
            out['actions'][rest[1]] = {}
            out['order'].append(rest[1])
        elif rest[0] == 'action':
            pairs = rest[2] if verb == 'multi-set' else [rest[2:4]]
            out['actions'][rest[1]].update({o: v for o, v in pairs})
        elif rest[0] == 'addjournalmatch':
            out.setdefault(rest[0], []).append(rest[1:])
        elif rest[0] in ('addfailregex', 'addignoreregex'):
            value = rest[1] if isinstance(rest[1], list) else [rest[1]]
            out.setdefault(rest[0], []).extend(value)
        elif rest[0] == 'addignoreip':
            out[rest[0]] = rest[1:]
        elif len(rest) > 1:
            out[rest[0]] = rest[1]
    return out


def texts(items):
    return [item['s'] for item in items]


def lines(value):
    return [part.strip() for part in re.split('\n+', value or '') if part.strip()]


def check_filter(name, ours, theirs):
    check(name + ' failregex', texts(ours['failregex']), theirs.get('addfailregex', []))
    check(name + ' ignoreregex', texts(ours['ignoreregex']),
          theirs.get('addignoreregex', []))
    check(name + ' prefregex', ours['prefregex']['s'] or '',
          (theirs.get('prefregex') or '').strip())
    check(name + ' datepattern', texts(ours['datepattern']),
          lines(theirs.get('datepattern')))
    check(name + ' maxlines', ours['maxlines'], theirs.get('maxlines', 1))
    check(name + ' usedns', ours['usedns'], theirs.get('usedns', 'warn'))
    check(name + ' journalmatch', [shlex.split(m) for m in texts(ours['journalmatch'])],
          theirs.get('addjournalmatch', []))
    for item in ours['failregex'] + ours['ignoreregex']:
        check_origin(name, item)


def check_origin(name, item):
    """The line we name must hold a part of the regex: it is where it came from."""
    if item['file'] is None:
        return
    with open(item['file'], encoding='utf-8') as file:
        line = file.read().split('\n')[item['line'] - 1]
    for _ in range(3):
        line = re.sub(r'%\([^)]*\)s|<[^<> ]*>|^[a-z]+ *=', '', line)
    words = re.findall(r'[A-Za-z]{3,}', line)
    if words and not any(word in item['s'] for word in words):
        check('%s origin %s:%d' % (name, item['file'], item['line']), line, item['s'])


def seconds(value):
    return float(MyTime.str2seconds(value)) if value is not None else None


def check_options(name, ours, theirs):
    for option in ('findtime', 'bantime'):
        if option in theirs:
            check('%s %s' % (name, option), float(ours[option]), seconds(theirs[option]))
    for option in ('maxretry', 'maxmatches'):
        if option in theirs:
            check('%s %s' % (name, option), ours[option], theirs[option])
    check(name + ' ignoreip', texts(ours['ignoreip']), theirs.get('addignoreip', []))
    check(name + ' ignorecommand', ours['ignorecommand'] or '',
          theirs.get('ignorecommand', ''))


def check_actions(name, ours, theirs):
    check(name + ' action names', [a['name'] for a in ours],
          [os.path.splitext(n)[0] if n.endswith('.py') else n for n in theirs['order']]
          if theirs['order'] else ['xdpban'])
    for action in ours:
        if action['native'] or action['file'].endswith('.py'):
            continue
        expected = theirs['actions'][action['name']]
        for option in ActionReader._configOpts:
            value = expected.get(option)
            ours_value = action['options'].get(option)
            if isinstance(value, bool):
                ours_value = str(ours_value).lower() in ('1', 'on', 'true', 'yes')
            check('%s %s %s' % (name, action['name'], option), ours_value, value)
        # Fail2ban hands the other parameters over with tags in them.
        for option, value in expected.items():
            if option not in ActionReader._configOpts and '<' not in value:
                check('%s %s %s' % (name, action['name'], option),
                      action['options'].get(option), value)


def compare(dump, basedir):
    run = subprocess.run([dump, basedir], capture_output=True, text=True, check=True)
    share = {}
    for ours in json.loads(run.stdout):
        name = ours['name']
        theirs = fail2ban_jail(basedir, name, share)
        check(name + ' can be read', not ours['broken'], theirs is not None)
        if theirs is None or ours['broken']:
            continue
        check_filter(name, ours['filter'], theirs)
        check_options(name, ours, theirs)
        check_actions(name, ours['actions'], theirs)


def filter_options(name):
    """All option sets worth trying: modes, log types, and what samples use."""
    with open('%s/filter.d/%s.conf' % (STOCK, name), encoding='utf-8') as file:
        text = file.read()
    modes = set(re.findall(r'^_?mdre-([a-z]+)', text, re.M)) | {'normal'}
    sets = [dict(mode=mode, **({'logtype': kind} if kind else {}))
            for mode, kind in itertools.product(sorted(modes),
                                                (None, 'file', 'short', 'journal'))]
    sets.append({})
    sample = os.path.join(os.path.dirname(fail2ban.tests.__file__), 'files/logs', name)
    if os.path.exists(sample):
        with open(sample, encoding='utf-8') as file:
            for found in re.findall(r'^#+ ?filterOptions: *(.*)$', file.read(), re.M):
                more = json.loads(found)
                sets += more if isinstance(more, list) else [more]
    return [{k: v for k, v in s.items() if not k.startswith('test.')} for s in sets]


def write_jails(path):
    number = 0
    with open(path, 'w', encoding='utf-8') as file:
        for conf in sorted(glob.glob(STOCK + '/filter.d/*.conf')):
            name = os.path.basename(conf)[:-5]
            for options in filter_options(name):
                number += 1
                params = ', '.join('%s="%s"' % (k, str(v).replace('%', '%%'))
                                   for k, v in options.items())
                file.write('[%s-%d]\nfilter = %s[%s]\n' % (name, number, name, params))
        for conf in sorted(glob.glob(STOCK + '/action.d/*.conf')):
            name = os.path.basename(conf)[:-5]
            number += 1
            file.write('[a%d]\nfilter = sshd\nbantime = 3600\n'
                       'action = %s[port="ssh,80", dest=root, chain="<known/chain>"]\n'
                       % (number, name))


def main():
    dump, what = sys.argv[1:3]
    if what == 'stock':
        compare(dump, STOCK)
    elif what == 'filters':
        with tempfile.TemporaryDirectory() as top:
            shutil.copytree(STOCK + '/filter.d', top + '/filter.d')
            shutil.copytree(STOCK + '/action.d', top + '/action.d')
            write_jails(top + '/jail.conf')
            compare(dump, top)
    else:
        compare(dump, what)
    print('%d passed, %d failed' % (passed, failed))
    return failed != 0


sys.exit(main())
