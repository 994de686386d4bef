"""The plugin's own LDAP lookup, with a real slapd: behaviour 4."""

import os
import subprocess

import pytest

from tests.lib.answers import login_answer
from tests.lib.certificates import Authority
from tests.lib.directory import PEOPLE, READER, SUFFIX, Directory
from tests.lib.dovecot_config import IS_24, MAIL_UID
from tests.lib.harness import MASTER_PASSWORD, MASTER_USER
from tests.lib.ldap_policy import (BIND, NEEDS_LDAP, assert_senseless, assert_unavailable, new_name,
                                   new_user, on, settings)
from tests.lib.mailuser import NOON, fill, stamp
from tests.lib.model import DISABLED, UNAVAILABLE
from tests.lib.serverlog import poll

pytestmark = NEEDS_LDAP

INBOX_ONLY = ['one', 'two', 'three']
MERGED = ['one', 'spam1', 'two', 'spam2', 'three']
SPAM_ONLY = ['spam1', 'spam2']
SCHEMES = ['ldapi', 'ldap', 'ldaps', 'starttls']


@pytest.fixture
def asking(get_server, directory):
    """A Dovecot that asks the directory over its socket."""
    return get_server(policy=on(directory))


@pytest.fixture
def account(asking, directory):
    """A filled user with an entry that says nothing."""
    user = new_user(asking, directory)
    fill(user)
    return user


def dele_first(user):
    """A session that DELEtes its first message; what INBOX then holds."""
    with user.pop() as client:
        client.dele(1)
        assert client.quit().startswith('+OK')
    return user.subjects()


# -- attributes and layers

def test_an_entry_without_attributes_changes_nothing(account):
    assert account.queue() == INBOX_ONLY
    assert dele_first(account) == ['two', 'three']


def test_an_account_without_entry_is_left_alone(asking):
    user = asking.add_user(new_name())
    fill(user)
    assert user.queue() == INBOX_ONLY


def test_each_attribute(account, directory):
    directory.set(account.dn, popPolicyAvailable=False)
    assert login_answer(account) == UNAVAILABLE
    directory.set(account.dn, popPolicyAvailable=True, popPolicyEnabled=False)
    assert login_answer(account) == DISABLED
    directory.set(account.dn, popPolicyEnabled=True, popPolicySince=stamp(NOON + 10))
    assert account.queue() == INBOX_ONLY[1:]
    directory.set(account.dn, popPolicySpam='Include')
    assert account.queue() == MERGED[2:]
    directory.set(account.dn, popPolicySince=None, popPolicySpam='only')
    assert account.queue() == SPAM_ONLY
    directory.set(account.dn, popPolicySpam=None, popPolicyDelete='keep')
    assert dele_first(account) == INBOX_ONLY
    assert account.queue() == INBOX_ONLY[1:]
    directory.set(account.dn, popPolicyDelete=None, popPolicyRetrieve='archive')
    with account.pop() as client:
        client.retr(1)
        client.quit()
    assert account.subjects('Archive') == ['two']
    directory.set(account.dn, popPolicyRetrieve=None)
    assert account.queue() == ['three']


def test_an_attribute_beats_userdb_and_configuration(get_server, directory):
    server = get_server(policy=on(directory, spam='include'))
    user = new_user(server, directory, popPolicySpam='exclude')
    fill(user)
    assert user.queue() == INBOX_ONLY
    user.policy(spam='only')
    assert user.queue() == INBOX_ONLY


def test_an_absent_attribute_leaves_the_layer_below(get_server, directory):
    server = get_server(policy=on(directory, spam='include'))
    user = new_user(server, directory, popPolicySince=stamp(NOON + 10))
    fill(user)
    assert user.queue() == MERGED[2:]
    user.policy(spam='only')
    assert user.queue() == SPAM_ONLY[1:]


def test_a_site_may_want_pop_off_unless_the_directory_says_otherwise(get_server, directory):
    server = get_server(policy=on(directory, enabled=False))
    assert login_answer(server.add_user(new_name())) == DISABLED
    user = new_user(server, directory)
    assert login_answer(user) == DISABLED
    directory.set(user.dn, popPolicyEnabled=True)
    assert login_answer(user).startswith('+OK')


def test_the_policy_is_that_of_the_user_whose_mail_it_is(account, directory):
    directory.set(account.dn, popPolicySpam='only')
    with account.connect() as client:
        answer = client.auth_plain(account.name, MASTER_PASSWORD, master=MASTER_USER)
        assert answer.startswith('+OK')
        assert client.subjects() == SPAM_ONLY
        client.quit()


def test_one_search_for_what_is_needed(account, directory):
    directory.forget()
    account.queue()
    line, = directory.searches()
    assert 'base="%s" scope=2 deref=0' % PEOPLE in line
    assert '(mail=%s)' % account.name in line
    attributes, = directory.operations('SRCH attr=')
    assert attributes.endswith('SRCH attr=popPolicyAvailable popPolicyEnabled popPolicySince '
                               'popPolicySpam popPolicyDelete popPolicyRetrieve')
    assert not directory.operations('BIND dn')


# -- values

@pytest.mark.parametrize('name,value', [
    ('popPolicySpam', 'some'), ('popPolicyDelete', 'none'), ('popPolicyRetrieve', 'yes'),
    ('popPolicySpam', 'x' * 1025), ('popPolicySpam', 'gr\u00fcn'), ('popPolicySpam', b'only\0')])
def test_bad_values(account, directory, name, value):
    directory.set(account.dn, **{name: value})
    line = assert_senseless(account, name)
    assert 'pop_policy_' not in line.partition('refused')[2]


def test_two_entries(account, directory):
    directory.add('cn=%s,%s' % (account.name, PEOPLE), cn=account.name, sn='x',
                  objectClass=['inetOrgPerson', 'popPolicyAccount'], mail=account.name)
    assert_senseless(account, 'Several LDAP entries', account.name)
    for number in range(3):
        directory.add('cn=%d %s,%s' % (number, account.name, PEOPLE), cn=account.name, sn='x',
                      objectClass=['inetOrgPerson', 'popPolicyAccount'], mail=account.name)
    assert_senseless(account, 'Several LDAP entries', account.name)


@pytest.fixture(scope='module')
def zimbra():
    """A slapd with Zimbra's attributes; their syntax is too wide, so that all can be tried."""
    boolean, text = '1.3.6.1.4.1.1466.115.121.1.7', '1.3.6.1.4.1.1466.115.121.1.15'
    types = [('zimbraPop3Enabled', boolean), ('zimbraPrefPop3Enabled', boolean),
             ('zimbraPrefPop3DownloadSince', '1.3.6.1.4.1.1466.115.121.1.24'),
             ('zimbraPrefPop3IncludeSpam', boolean), ('zimbraPrefPop3DeleteOption', text),
             ('popPolicySpam', text)]
    schema = 'dn: cn=zimbra,cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: zimbra\n'
    for number, (name, syntax) in enumerate(types):
        schema += "olcAttributeTypes: ( 2.25.1.%d NAME '%s' SYNTAX %s )\n" % (number, name, syntax)
    schema += "olcObjectClasses: ( 2.25.1.100 NAME 'zimbraAccount' SUP top AUXILIARY MAY ( %s ) )\n" \
        % ' $ '.join(name for name, _ in types)
    directory = Directory(schema=schema + '\n')
    yield directory
    directory.stop()


@pytest.fixture
def zimbra_account(zimbra, get_server):
    """A filled user of a Dovecot that asks for Zimbra's attributes."""
    server = get_server(policy=on(zimbra, ldap_schema='zimbra',
                                  ldap_filter='(&(objectClass=zimbraAccount)(mail=%{user}))'))
    user = server.add_user()
    user.dn = zimbra.add('cn=%s,%s' % (user.name, PEOPLE), cn=user.name, sn='x', mail=user.name,
                         objectClass=['inetOrgPerson', 'zimbraAccount'])
    fill(user)
    return user


def test_zimbra_attributes(zimbra_account, zimbra):
    user = zimbra_account
    zimbra.set(user.dn, zimbraPop3Enabled=False)
    assert login_answer(user) == UNAVAILABLE
    zimbra.set(user.dn, zimbraPop3Enabled=True, zimbraPrefPop3Enabled=False)
    assert login_answer(user) == DISABLED
    zimbra.set(user.dn, zimbraPrefPop3Enabled=True, zimbraPrefPop3IncludeSpam=True,
               zimbraPrefPop3DownloadSince=stamp(NOON + 10))
    assert user.queue() == MERGED[2:]
    zimbra.set(user.dn, zimbraPrefPop3IncludeSpam=False, zimbraPrefPop3DeleteOption='keep',
               zimbraPrefPop3DownloadSince=None, popPolicySpam='only')
    assert dele_first(user) == INBOX_ONLY
    assert user.queue() == INBOX_ONLY[1:]
    zimbra.set(user.dn, zimbraPrefPop3DeleteOption='trash')
    assert dele_first(user) == ['one', 'three']
    zimbra.set(user.dn, zimbraPrefPop3DeleteOption='archive')
    assert_senseless(user, 'zimbraPrefPop3DeleteOption', 'archive')


def test_several_values_of_a_zimbra_attribute(zimbra_account, zimbra):
    zimbra.set(zimbra_account.dn, zimbraPrefPop3IncludeSpam=[True, False])
    assert_senseless(zimbra_account, 'zimbraPrefPop3IncludeSpam', 'more than one')


# -- base, scope, filter

@pytest.mark.parametrize('base,scope,found', [
    (SUFFIX, 'subtree', True), (SUFFIX, 'onelevel', False), (SUFFIX, 'base', False),
    (PEOPLE, 'Onelevel', True), (PEOPLE, 'base', False), ('mail=%{user},' + PEOPLE, 'base', True),
    ('mail=%{user},' + PEOPLE, 'subtree', True), ('mail=%{user},' + PEOPLE, 'onelevel', False)])
def test_base_and_scope(server, directory, base, scope, found):
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    user.policy(**on(directory, ldap_base=base, ldap_scope=scope))
    assert user.queue() == (SPAM_ONLY if found else INBOX_ONLY)


def test_a_base_with_a_variable_is_enough(server, directory):
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    user.policy(**on(directory, ldap_base='mail=%{user},' + PEOPLE, ldap_scope='base',
                     ldap_filter='(objectClass=popPolicyAccount)'))
    assert user.queue() == SPAM_ONLY


def test_a_base_that_names_an_account_which_is_not_there(server, directory):
    user = server.add_user(new_name())
    fill(user)
    user.policy(**on(directory, ldap_base='mail=%{user},' + PEOPLE, ldap_scope='base'))
    assert user.queue() == INBOX_ONLY


@pytest.mark.parametrize('base', [
    'ou=nobody,' + SUFFIX, '', 'dc=elsewhere', 'mail=%{user},ou=peopel,' + SUFFIX,
    'mail=%{user},dc=elsewhere', 'mail=%{user}'])
def test_a_base_that_is_not_there(server, directory, base):
    user = new_user(server, directory, popPolicyEnabled=False)
    user.policy(**on(directory, ldap_base=base))
    assert_unavailable(user, 'No such object')


@pytest.mark.parametrize('base', [PEOPLE, 'mail=%{user},' + PEOPLE])
def test_an_account_that_may_not_be_seen_is_not_one_without_entry(server, own_directory, base):
    user = new_user(server, own_directory, popPolicyEnabled=False)
    user.policy(**on(own_directory, ldap_base=base))
    assert login_answer(user) == DISABLED
    own_directory.configure('dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n'
                            'replace: olcAccess\nolcAccess: to * by * none\n')
    assert_unavailable(user, 'No such object')


@pytest.mark.parametrize('base', ['what', 'ou=people,,' + SUFFIX])
def test_a_base_that_is_no_dn(server, directory, base):
    user = new_user(server, directory)
    user.policy(**on(directory, ldap_base=base))
    assert_unavailable(user, 'Invalid DN syntax')


@pytest.mark.parametrize('text', ['(mail=%{user})', '(|(uid=%{user})(mail=%{user}))',
                                  '(&(mail=%{user})(!(uid=nobody))(cn=*))', '(mail=\\61%{user})'])
def test_filters(server, directory, text):
    user = server.add_user('a' + new_name())
    directory.add_account(user.name, popPolicySpam='only')
    fill(user)
    user.policy(**on(directory, ldap_filter=text))
    assert user.queue() == (INBOX_ONLY if '61' in text else SPAM_ONLY)


@pytest.mark.parametrize('text', ['(%{user})', '(mail==%{user}=)(', '(mail~%{user})', '()%{user}',
                                  '(&(mail=\\zz)(mail=%{user}))', '(!%{user})'])
def test_filters_that_are_none(server, directory, text):
    user = new_user(server, directory)
    user.policy(**on(directory, ldap_filter=text))
    assert_senseless(user, 'pop_policy_ldap_filter')


@pytest.mark.parametrize('key', ['ldap_filter', 'ldap_base'])
def test_unknown_variables(server, directory, key):
    user = new_user(server, directory)
    # Dovecot 2.3 itself refuses a user whose settings it cannot expand
    if IS_24:
        user.policy(**on(directory, **{key: '(x=%{nothing})'}))
        assert_senseless(user, 'pop_policy_' + key)


@pytest.mark.parametrize('key,value', [('ldap_filter', '(mail=%{userdb:nothing})'),
                                       ('ldap_base', 'mail=%{userdb:nothing},' + PEOPLE)])
def test_a_variable_that_is_empty(server, directory, key, value):
    """It would find nobody, and so switch the directory off for this account."""
    user = new_user(server, directory, popPolicyEnabled=False)
    user.policy(**on(directory, **{key: value}))
    assert_senseless(user, 'pop_policy_' + key)


# Names that mean something in a filter or a DN. Each must find its own entry, and nobody else's.
NAMES = ['jo*e', '*', 'a)(mail=*', 'a)(|(mail=*', 'b\\2a', 'c\\', 'd,e', 'f+g=h', '"i"', '#j', ';k',
         '<l>', 'm=n', 'gr\u00fcn', "o'p", '%u', '%{user}', 'q r']


def auth_answer(user):
    """The answer to AUTH PLAIN, which takes every name."""
    with user.connect() as client:
        return client.auth_plain(user.name, user.password)


@pytest.fixture(scope='module')
def bait(directory):
    """Entries which a name that gets out of its place would find."""
    for name in ('jo-any-e', 'a', 'b*', 'anything'):
        directory.add('cn=%s,%s' % (name.replace('*', '\\2a'), PEOPLE), cn=name, sn='x',
                      objectClass=['inetOrgPerson', 'popPolicyAccount'], mail=name,
                      popPolicyAvailable=False)


def assert_finds_its_own(directory, user, name, variable, in_base):
    """A lookup by that variable, which has that name as its value, finds the entry of that name."""
    base = 'cn=%s,%s' % (variable, PEOPLE) if in_base else PEOPLE
    text = '(&(cn=%s)(objectClass=*))' % variable
    user.set(name=name, **{'pop_policy_' + key: value for key, value
                           in on(directory, ldap_base=base, ldap_filter=text).items()})
    assert auth_answer(user).startswith('+OK')
    escaped = ''.join('\\%02x' % octet for octet in name.encode())
    dn = directory.add('cn=%s,%s' % (escaped, PEOPLE), cn=name, sn='x', popPolicyEnabled=False,
                       objectClass=['inetOrgPerson', 'popPolicyAccount'])
    assert auth_answer(user) == DISABLED
    directory.delete(dn)


@pytest.mark.usefixtures('bait')
@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize('in_base', [False, True], ids=['filter', 'base'])
def test_values_are_escaped(server, directory, name, in_base):
    assert_finds_its_own(directory, server.add_user(), name, '%{userdb:name}', in_base)


# a passwd-file cannot have users of the other names
@pytest.mark.usefixtures('bait')
@pytest.mark.parametrize('name', [name for name in NAMES if not set(name) & set('#\\\'"')])
def test_names_are_escaped(get_server, directory, name):
    server = get_server(settings={'auth_master_user_separator': ''})
    assert_finds_its_own(directory, server.add_user(name), name, '%{user}', False)


@pytest.mark.parametrize('old,new,name,value', [
    ('%Uu', '%{user | upper}', 'a*b', 'A*B'), ('%3u', '%{user | substr(0, 3)}', 'c*d(e', 'c*d'),
    ('%{if;%u;eq;x;y;%u}', "%{user | default('}')}", 'f)g', 'f)g')])
@pytest.mark.usefixtures('bait')
def test_what_a_modifier_makes_is_escaped(get_server, directory, old, new, name, value):
    server = get_server(settings={'auth_master_user_separator': ''})
    user = server.add_user(name)
    user.policy(**on(directory, ldap_filter='(cn=%s)' % (new if IS_24 else old)))
    assert auth_answer(user).startswith('+OK')
    escaped = ''.join('\\%02x' % ord(char) for char in value)
    dn = directory.add('cn=%s,%s' % (escaped, PEOPLE), cn=value, sn='x', popPolicyEnabled=False,
                       objectClass=['inetOrgPerson', 'popPolicyAccount'])
    assert auth_answer(user) == DISABLED
    directory.delete(dn)


# -- transports and authentication

@pytest.mark.parametrize('scheme', SCHEMES)
@pytest.mark.parametrize('auth', [{}, BIND], ids=['anonymous', 'bind'])
def test_transports(server, directory, scheme, auth):
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    user.policy(**on(directory, scheme, **auth))
    directory.forget()
    assert user.queue() == SPAM_ONLY
    assert len(directory.connections()) == 1
    assert bool(directory.operations('TLS established')) == (scheme in ('ldaps', 'starttls'))
    assert bool(directory.operations('BIND dn="%s" method=128' % READER)) == bool(auth)


@pytest.mark.parametrize('host', ['localhost', '[::ffff:127.0.0.1]'])
def test_other_ways_to_name_a_host(server, directory, host):
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    user.policy(**settings('ldap://%s:%d' % (host, directory.ports['ldap']), ldap_timeout='20s'))
    assert user.queue() == SPAM_ONLY


def test_a_socket_in_the_notation_of_the_rfc(server, directory):
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    # 2.3 expands variables in it
    uri = directory.uris['ldapi'].replace('%', '%' if IS_24 else '%%')
    user.policy(**on(directory, ldap_uris=uri))
    assert user.queue() == SPAM_ONLY


def test_sasl_external(server, own_directory):
    directory = own_directory
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    directory.configure("""dn: olcDatabase={1}mdb,cn=config
changetype: modify
replace: olcAccess
olcAccess: to * by dn.exact="gidNumber=%d+uidNumber=%d,cn=peercred,cn=external,cn=auth" read
""" % (MAIL_UID, MAIL_UID))
    user.policy(**on(directory))
    assert_unavailable(user, 'No such object')
    user.policy(**on(directory, ldap_sasl_mechanism='external'))
    assert user.queue() == SPAM_ONLY
    assert directory.operations('BIND dn="" method=163')


def test_sasl_external_where_the_server_has_none(server, directory):
    user = new_user(server, directory)
    user.policy(**on(directory, 'ldap', ldap_sasl_mechanism='EXTERNAL'))
    assert_unavailable(user, 'Bind failed')


def test_a_wrong_password(server, directory):
    user = new_user(server, directory)
    user.policy(**on(directory, **{**BIND, 'ldap_auth_dn_password': 'wrong-secret'}))
    line = assert_unavailable(user, 'Invalid credentials')
    assert 'wrong-secret' not in line


@pytest.mark.parametrize('password', ['with space', 'p%%q', 'a"b\\c', 'gr\u00fcn', '#x;y'])
def test_passwords_from_the_configuration(get_server, directory, password):
    dn = directory.add('cn=%s,ou=services,%s' % (os.urandom(4).hex(), SUFFIX),
                       objectClass=['organizationalRole', 'simpleSecurityObject'],
                       userPassword=password.replace('%%', '%') if not IS_24 else password)
    server = get_server(policy=on(directory, ldap_auth_dn=dn, ldap_auth_dn_password=password))
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    assert user.queue() == SPAM_ONLY


# -- certificates

@pytest.fixture
def certified(server, own_directory):
    """certified(scheme, **more): a user whose directory is asked with TLS, by ldap_policy.on()."""
    user = new_user(server, own_directory, popPolicySpam='only')
    fill(user)

    def make(scheme, **more):
        user.policy(**on(own_directory, scheme, **more))
        return user
    return make


@pytest.mark.parametrize('scheme', ['ldaps', 'starttls'])
def test_certificates(certified, own_directory, tmp_path, scheme):
    directory = own_directory
    assert certified(scheme).queue() == SPAM_ONLY

    # of another host, expired, of another authority
    directory.certify(('DNS:other.example.org',))
    directory.restart()
    assert_unavailable(certified(scheme), 'TLS failed')
    directory.certify(expired=True)
    directory.restart()
    assert_unavailable(certified(scheme), 'TLS failed')
    directory.certify(authority=Authority(tmp_path))
    directory.restart()
    assert_unavailable(certified(scheme, **BIND), 'TLS failed')
    assert not directory.operations('BIND dn="cn=dovecot')

    # the system does not know our authority
    directory.certify()
    directory.restart()
    assert certified(scheme).queue() == SPAM_ONLY
    assert_unavailable(certified(scheme, ldap_tls_ca_file=''), 'TLS')


def test_a_host_name_is_checked_as_well(certified, own_directory):
    directory = own_directory
    uri = 'ldaps://127.0.0.2:%d' % directory.ports['ldaps']
    # nobody listens there: a proxy of our own
    relay = subprocess.Popen(['/usr/bin/python3', '-c', RELAY, str(directory.ports['ldaps'])],
                             stdout=subprocess.PIPE, text=True)
    try:
        port = int(relay.stdout.readline())
        user = certified('ldaps', ldap_uris=uri.rpartition(':')[0] + ':%d' % port)
        assert_unavailable(user, 'TLS failed')
        directory.certify(('IP:127.0.0.2',))
        directory.restart()
        assert user.queue() == SPAM_ONLY
    finally:
        relay.kill()
        relay.wait()


RELAY = """
import socket, sys, threading
listener = socket.create_server(('127.0.0.2', 0))
print(listener.getsockname()[1], flush=True)
def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass
while True:
    client, _ = listener.accept()
    server = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
    threading.Thread(target=pump, args=(client, server), daemon=True).start()
    threading.Thread(target=pump, args=(server, client), daemon=True).start()
"""


@pytest.mark.parametrize('make,told', [
    (lambda path: None, 'No such file'),
    (lambda path: path.touch(), 'empty'),
    (lambda path: path.mkdir(), 'Not a file'),
    (lambda path: (path.write_text('x'), path.chmod(0o600)), 'Permission denied'),
    (lambda path: path.write_text('no certificate'), 'TLS')],
    ids=['missing', 'empty', 'folder', 'unreadable', 'garbage'])
def test_ca_files(certified, own_directory, make, told):
    path = own_directory.root / 'other-ca.pem'
    make(path)
    assert_unavailable(certified('ldaps', ldap_tls_ca_file=path), told)


# -- other services

@pytest.mark.parametrize('plugin', ['pop3', 'global'])
def test_only_pop3_asks(get_server, directory, plugin):
    server = get_server(plugin=plugin, policy=on(directory))
    user = new_user(server, directory, popPolicySpam='only')
    directory.forget()
    fill(user)
    user.deliver('delivered')
    user.lda('by lda')
    user.doveadm('mailbox status', 'messages', 'INBOX')
    assert len(user.subjects()) == 5
    assert directory.connections() == []
    assert user.queue() == SPAM_ONLY
    assert len(directory.connections()) == 1


def test_imap_and_delivery_go_on_without_the_directory(get_server):
    user = get_server(plugin='global', policy=settings('ldap://127.0.0.1:1')).add_user()
    fill(user)
    user.deliver('delivered')
    assert len(user.subjects()) == 4
    assert_unavailable(user, 'Connection refused')


def test_no_credential_in_any_log(get_server, directory):
    debug = {'log_debug': 'category=storage or category=auth'} if IS_24 else {'mail_debug': True, 'auth_debug': True}
    server = get_server(policy=on(directory, **BIND), settings=debug)
    user = new_user(server, directory, popPolicySpam='some')
    assert_senseless(user, 'popPolicySpam')
    directory.set(user.dn, popPolicySpam='only')
    fill(user)
    assert user.queue() == SPAM_ONLY
    assert poll(lambda: server.log.debug.lines('LDAP lookup'), 5)
    secret = BIND['ldap_auth_dn_password'].encode()
    for path in (server.root / 'log').iterdir():
        assert secret not in path.read_bytes()
