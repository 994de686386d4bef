"""The same commands over doveadm's HTTP API."""

import pytest

from tests.lib import doveadm, settings_module
from tests.lib.doveadm import DoveadmServer
from tests.lib.mailuser import fill

ALLOWED = 'pop-policy get,pop-policy status'


class Limited(DoveadmServer):
    """A server whose API allows two commands."""
    allowed = ALLOWED


def started(kind):
    """A server with two users, one of whom is broken."""
    server = kind()
    if not settings_module.show.doveadm:
        server.stop()
        pytest.skip('no mount namespace: doveadm cannot see the module')
    ann, _ = server.add_users({'ann': {}, 'bob': {'pop_policy_spam': 'maybe'}})
    fill(ann)
    return server


@pytest.fixture(scope='module')
def api():
    """A server that allows all commands."""
    server = started(DoveadmServer)
    yield server
    server.stop()


@pytest.fixture(scope='module')
def limited():
    """A server that allows two."""
    server = started(Limited)
    yield server
    server.stop()


def rows(answer):
    """The rows of an answer that is no error."""
    status, (kind, result, tag) = answer
    assert (status, kind, tag) == (200, 'doveadmResponse', 'tag'), answer
    return result


def test_get(api):
    result = rows(api.http('popPolicyGet', user='ann', setting=['spam', 'login']))
    assert result == [
        {'setting': 'pop_policy_spam', 'value': 'exclude', 'source': 'default', 'error': ''},
        {'setting': 'login', 'value': 'allowed', 'source': '', 'error': ''}]


def test_an_invalid_policy_is_an_answer(api):
    result = rows(api.http('popPolicyGet', user='bob', setting=['spam']))
    assert result[0]['value'] == 'maybe' and 'maybe' in result[0]['error']


def test_the_queue(api):
    assert [row['mailbox'] for row in rows(api.http('popPolicyList', user='ann', all=True))] == [
        'INBOX'] * 3 + ['Junk'] * 2
    assert int(rows(api.http('popPolicyStatus', user='ann'))[0]['messages']) == 3
    assert int(rows(api.http('popPolicyDequeue', user='ann', query=['subject', 'one']))[0][
        'dequeued']) == 1
    assert int(rows(api.http('popPolicyStatus', user='ann'))[0]['dequeued']) == 1
    assert int(rows(api.http('popPolicyRequeue', user='ann', query=['all']))[0]['requeued']) == 1


def test_errors(api):
    status, answer = api.http('popPolicyGet', user='nobody')
    assert (status, answer[0], answer[1]['exitCode']) == (200, 'error', 67)
    status, answer = api.http('popPolicyGet', user='ann', setting=['nonsense'])
    assert (status, answer[0], answer[1]['exitCode']) == (200, 'error', 64)
    api.log.claim_error("User doesn't exist")
    api.log.claim_error('nonsense: No setting of a policy')
    # the server goes on
    assert rows(api.http('popPolicyGet', user='ann'))


def test_a_wrong_key(api):
    assert api.http('popPolicyGet', key='wrong', user='ann')[0] == 401


def test_allowed_commands(limited):
    assert rows(limited.http('popPolicyGet', user='ann'))
    assert rows(limited.http('popPolicyStatus', user='ann'))
    for command in ('popPolicyList', 'popPolicyDequeue', 'popPolicyRequeue'):
        status, answer = limited.http(command, user='ann', query=['all'])
        assert status in (200, 403) and (answer is None or answer[0] == 'error'), answer
    assert int(rows(limited.http('popPolicyStatus', user='ann'))[0]['dequeued']) == 0
    limited.log.allow_errors('not allowed|unAuthorized|Unauthorized')


def test_what_doveadm_prints_is_the_same(api):
    printed = doveadm.run(api, 'get', '-u', 'ann', check=0).rows
    assert rows(api.http('popPolicyGet', user='ann')) == printed
