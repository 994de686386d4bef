"""A session without a policy costs what it costs without the plugin: instructions, by callgrind.

Compared is a Dovecot that has another plugin loaded. The first plugin makes Dovecot read its
module directory, which alone is more than all that this one does in a short session.
"""

import re

import pytest

from harness import LIBEXEC, Server
from serverlog import poll

WRAPPER = """#!/bin/sh
test -e {folder}/count || exec {libexec}/pop3 "$@"
exec valgrind --tool=callgrind --vgdb=no --callgrind-out-file=/dev/null \
--log-file={folder}/%p.log {libexec}/pop3 "$@"
"""


def session(user):
    """What a POP client does that finds nothing new."""
    with user.pop() as client:
        client.stat()
        client.list()
        client.uidl()
        client.quit()


def instructions(folder, plugin, messages):
    """Instructions of the pop3 process for one session with warm caches."""
    folder.mkdir()
    wrapper = folder / 'pop3'
    wrapper.write_text(WRAPPER.format(folder=folder, libexec=LIBEXEC))
    wrapper.chmod(0o755)
    server = Server(plugin=plugin, storage='sdbox', others={'compress': {}},
                    pop3_service={'executable': wrapper, 'vsz_limit': '4 G'})
    try:
        user = server.add_user()
        for start in range(0, messages, 500):
            user.append('INBOX', *('m%d' % n for n in range(start, min(messages, start + 500))))
        session(user)
        session(user)
        (folder / 'count').touch()
        session(user)
        found = poll(lambda: [match for path in folder.glob('*.log')
                              if (match := re.search(r'Collected : (\d+)', path.read_text()))], 60)
    finally:
        bad = server.stop()
    assert bad == []
    return int(found[0][1])


@pytest.mark.parametrize('messages,limit', [(20, 1.04), (2000, 1.01)])
def test_no_policy_costs_next_to_nothing(tmp_path, messages, limit):
    stock = instructions(tmp_path / 'stock', None, messages)
    loaded = instructions(tmp_path / 'loaded', 'pop3', messages)
    assert loaded / stock < limit, (loaded, stock)
