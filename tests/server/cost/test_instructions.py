"""What a session costs, in instructions of the pop3 process: what is not shown is not paid for.

Instructions, counted by valgrind, are the same on a busy machine. `make bench` measures more.
"""

import pytest

from tests.lib import bulk, rebuild
from tests.lib.cost import login, session
from tests.lib.cost_site import FRESH, running
from tests.lib.model import KEYWORD

HIDDEN_LIMIT = 100
# messages of the mailboxes that are compared; `make bench` has larger ones
FEW, MANY = 500, 4000


@pytest.fixture(scope='module')
def site(tmp_path_factory):
    """With the plugin."""
    with running(tmp_path_factory.mktemp('sdbox') / 'plugin') as site:
        yield site


@pytest.fixture(scope='module')
def stock(tmp_path_factory):
    """Without any plugin."""
    with running(tmp_path_factory.mktemp('sdbox') / 'stock', plugin=None) as site:
        yield site


def test_old_mail_costs_nothing_from_now_on(site, stock):
    small = stock.instructions(stock.user(FRESH), FRESH)
    found = {count: site.instructions(site.user(count, since=bulk.CUTOFF_TEXT), FRESH)
             for count in (FEW, MANY)}
    assert found[MANY] / small <= 1.5, (found, small)
    assert (found[MANY] - found[FEW]) / (MANY - FEW) <= HIDDEN_LIMIT, found


def test_a_first_session_that_is_killed_has_not_looked_for_nothing(site):
    count = MANY
    user = site.user(count, since=bulk.CUTOFF_TEXT)
    path, = user.home.rglob('u.%d' % (count - 500))
    site.probe.kill_at_file(path, lambda: user.attempt().close())
    site.server.log.claim_error('killed with signal 9')
    opened, _ = site.probe.message_files(lambda: session(user))
    assert FRESH < opened <= count // 2 + FRESH
    opened, _ = site.probe.message_files(lambda: session(user))
    assert opened == 0


def test_dequeued_mail_costs_nothing_when_all_of_the_old_is(site, stock):
    small = stock.instructions(stock.user(FRESH), FRESH)
    found = {}
    for count in (FEW, MANY):
        user = site.user(count)
        user.doveadm('flags add', KEYWORD, 'mailbox', 'INBOX', '1:%d' % (count - FRESH))
        found[count] = site.instructions(user, FRESH)
    assert found[MANY] / small <= 3, (found, small)
    assert (found[MANY] - found[FEW]) / (MANY - FEW) <= HIDDEN_LIMIT, found


@pytest.mark.parametrize('storage', ['maildir', 'sdbox'])
def test_checking_the_marks_costs_what_was_marked(tmp_path, storage):
    """QUIT reads every mark back from disk: that must not depend on the rest of the mailbox."""
    found = {}
    with running(tmp_path / 'plugin', storage=storage) as site:
        for count in (FEW, MANY):
            user = site.user(count, since=bulk.CUTOFF_TEXT, delete='keep')
            delete(user, FRESH // 4)  # the second QUIT finds a keyword that the mailbox knows,
            bulk.settle((user, 'INBOX'))  # and an index whose log need not be read
            deleting = site.probe.instructions(lambda: delete(user, FRESH // 4))
            looking = site.instructions(user, FRESH - 2 * (FRESH // 4), at_rest=False)
            found[count] = deleting - looking
    # (Dovecot itself reads the whole uidlist of a Maildir that has changed)
    assert (found[MANY] - found[FEW]) / (MANY - FEW) <= 500, found


@pytest.fixture(scope='module')
def small_maildir(tmp_path_factory):
    """What a session costs that finds nothing new in a Maildir of so many as are shown."""
    with running(tmp_path_factory.mktemp('maildir') / 'stock', storage='maildir',
                 plugin=None) as stock:
        return stock.instructions(stock.user(FRESH), FRESH)


@pytest.fixture(params=[FEW, MANY])
def maildir(request, tmp_path):
    """A site of Maildirs, and how many mails they have."""
    with running(tmp_path / 'plugin', storage='maildir') as site:
        yield site, request.param


def test_old_mail_of_a_maildir_costs_nothing(maildir, small_maildir):
    site, count = maildir
    found = site.instructions(site.user(count, since=bulk.CUTOFF_TEXT), FRESH)
    assert found / small_maildir <= 1.2, (found, small_maildir)


def test_old_mail_of_two_maildirs_costs_nothing(maildir, small_maildir):
    site, count = maildir
    user = site.user(count, {'Junk': count // 20}, since=bulk.CUTOFF_TEXT, spam='include')
    found = site.instructions(user, 2 * FRESH)
    assert found / small_maildir <= 1.4, (found, small_maildir)


def test_dequeued_mail_of_a_maildir_costs_next_to_nothing(maildir, small_maildir):
    site, count = maildir
    user = site.user(count)
    user.doveadm('flags add', KEYWORD, 'mailbox', 'INBOX', '1:%d' % (count - FRESH))
    found = site.instructions(user, FRESH)
    assert found / small_maildir <= 1.3, (found, small_maildir)


def test_old_mails_of_a_maildir_that_are_far_apart_cost_little(tmp_path, small_maildir):
    """Most of dovecot-uidlist is between them, and not read.

    What is left is Dovecot's own search, which counts through the numbers of hidden mails.
    """
    with running(tmp_path / 'plugin', storage='maildir') as site:
        user = site.user(MANY)
        user.doveadm('flags add', KEYWORD, 'mailbox', 'INBOX',
                     '2:%d,%d:%d' % (MANY // 2, MANY // 2 + 2, MANY - FRESH + 2))
        found = site.instructions(user, FRESH)
    assert found / small_maildir <= 1.5, (found, small_maildir)


@pytest.mark.skipif(not rebuild.possible(), reason='needs what the plugin was built from')
def test_maildirs_cost_more_where_dovecot_has_to_be_asked(tmp_path, small_maildir):
    """What the tests above would find if nothing was looked up mail by mail."""
    module = rebuild.other_plugin(tmp_path, 'forwarding')
    with running(tmp_path / 'plugin', storage='maildir', others={'forwarding': {}},
                 modules=(module,)) as site:
        found = site.instructions(site.user(MANY, since=bulk.CUTOFF_TEXT), FRESH)
    assert found / small_maildir >= 1.4, (found, small_maildir)


def delete(user, count):
    """A session that DELEtes so many messages."""
    with login(user) as client:
        client.dele(*range(1, count + 1))
        assert client.quit().startswith('+OK')


def test_spam_merged_costs_what_one_mailbox_does(site, stock):
    merged = site.instructions(site.user(2000, {'Junk': 200}, spam='include'), 2200)
    plain = stock.instructions(stock.user(2200), 2200)
    assert merged / plain <= 1.06, (merged, plain)


@pytest.mark.parametrize('header', ['', 'X-Mailbox'])
def test_messages_of_many_mailboxes_cost_what_those_of_one_do(site, stock, header):
    """What it costs to open the mailboxes is in both sessions."""
    merged, plain = [], []
    for each in (20, 120):
        folders = {'Folder%d' % number: each for number in range(10)}
        user = site.user(each, folders, extra_mailboxes='Folder*', mailbox_header=header)
        merged.append(site.instructions(user, 11 * each))
        plain.append(stock.instructions(stock.user(11 * each), 11 * each))
    found = (merged[1] - merged[0]) / (plain[1] - plain[0])
    assert found <= 1.06, (merged, plain)


# Compared is a Dovecot that has another plugin loaded. The first plugin makes Dovecot read its
# module directory, which alone is more than all that this one does in a short session.
@pytest.mark.parametrize('messages,limit', [(20, 1.04), (2000, 1.01)])
def test_no_policy_costs_next_to_nothing(tmp_path, messages, limit):
    found = {}
    for plugin in (None, 'pop3'):
        with running(tmp_path / str(plugin), plugin=plugin, others={'compress': {}}) as site:
            user = site.user(messages)
            found[plugin] = site.instructions(user, messages, times=6)
    assert found['pop3'] / found[None] < limit, found
