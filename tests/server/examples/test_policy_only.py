"""Accounts in a passwd file, their policy in LDAP: examples/ldap-policy-only at work."""

import pytest

from tests.lib.answers import login_answer
from tests.lib.examples import example_directory, fill, keep_by_default, running
from tests.lib.model import DISABLED

ANN, BOB, EVE = (name + '@example.org' for name in ('ann', 'bob', 'eve'))


@pytest.fixture(scope='module')
def site():
    """The example with the accounts of examples/directory, of which eve is none."""
    with running('ldap-policy-only', example_directory()) as server:
        for name in ANN, BOB, EVE:
            fill(server.account(name))
        yield server


def test_the_directory_adds_the_policy(site):
    ann, bob, eve = map(site.account, (ANN, BOB, EVE))
    assert ann.queue() == ['old', 'new']
    assert login_answer(bob) == DISABLED
    assert eve.queue() == ['old', 'new']
    ann.attributes(popPolicySince='20260101000000Z', popPolicySpam='include')
    assert ann.queue() == ['new', 'spam']
    ann.attributes(popPolicySince=None, popPolicySpam=None)
    assert ann.queue() == ['old', 'new']


def test_only_pop_asks_the_directory(site):
    site.directory.forget()
    for name in ANN, BOB, EVE:
        assert site.account(name).subjects() == ['old', 'new']
        assert 'pop_policy' not in site.doveadm('user', name)
    assert site.directory.searches() == []
    site.account(ANN).queue()
    assert len(site.directory.searches()) == 1


def test_what_the_site_says_holds_without_an_attribute_and_without_an_entry():
    with running('ldap-policy-only', example_directory(), edit=keep_by_default) as server:
        for name in ANN, EVE:
            user = server.account(name)
            fill(user)
            with user.pop() as client:
                client.dele(1)
                client.quit()
            assert (user.queue(), user.subjects()) == (['new'], ['old', 'new'])


def test_a_directory_that_is_down_stops_pop_and_nothing_else():
    with running('ldap-policy-only', example_directory()) as server:
        ann = server.account(ANN)
        fill(ann)
        assert ann.queue() == ['old', 'new']
        server.directory.down()
        assert not login_answer(ann).startswith('+OK')
        assert ann.subjects() == ['old', 'new']
        server.log.allow_errors('ldap|Login auth request failed')
        server.directory.up()
        assert ann.queue() == ['old', 'new']
        assert server.log.settle() == []
