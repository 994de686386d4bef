"""How Dovecot 2.3 wants to be told things; see dovecot_config.py for what is in here."""

from tests.lib.config_text import PLACES, assignments, mailboxes, section, text

LOCATIONS = {
    'maildir': 'maildir:~/Maildir',
    'sdbox': 'sdbox:~/sdbox',
    'mdbox': 'mdbox:~/mdbox',
    'mbox': 'mbox:~/mail:INBOX=~/inbox',
}

UIDL_FORMATS = {'uid uidvalidity': '%08Xu%08Xv', 'uidvalidity.uid': '%v.%u', 'uid': '%u',
                'x uid': 'x%u', 'guid': '%g', 'filename': '%f', 'md5': '%m'}

LOGOUT_FORMAT = 'top=%t/%p retr=%r/%b del=%d/%m size=%s in=%i out=%o u=%u'

FTS_BACKEND = 'xapian'
QUOTA_DRIVERS = ('count', 'dict', 'maildir')
MAILDIR_QUOTA_FORGETS_MOVES = False

# Characters a passwd-file cannot hold in a field; Dovecot expands them from its environment.
SPECIAL = {' ': 'PP_SPACE', '\n': 'PP_NEWLINE', '\t': 'PP_TAB', '\r': 'PP_CR', '\1': 'PP_SOH'}

ENVIRONMENT = {name: char for char, name in SPECIAL.items()}

USERDB = """userdb {{
  driver = passwd-file
  args = username_format=%u {root}/users/%u.{number}
}}
"""

BASE = PLACES + r"""
import_environment = TZ {imported}
protocols = pop3 imap lmtp
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-256
auth_failure_delay = 0
auth_master_user_separator = *
auth_username_chars =
first_valid_uid = 1
mail_max_userip_connections = 1000
mail_home = {root}/mail/%n
mail_location = {location}
passdb {{
  driver = passwd-file
  master = yes
  args = username_format=%u {root}/masters
}}
passdb {{
  driver = passwd-file
  args = username_format=%u {root}/users/%u.pass
}}
{userdbs}
service pop3-login {{
  service_count = 0
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service imap-login {{
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


def other_plugins(others, namespaces):
    """Names and plugin { } settings of the plugins in harness.Spec.others."""
    names = {'mail_log': 'notify mail_log', 'compress': 'zlib', 'fts': 'fts fts_xapian'}
    settings = {}
    for plugin, values in others.items():
        if plugin == 'quota':
            for number, (name, root) in enumerate(values.items(), 1):
                settings.update(quota_root(number if number > 1 else '', name, root, namespaces))
        elif plugin == 'mail_log':
            settings.update({'mail_log_' + key: value for key, value in values.items()})
        elif plugin == 'lazy_expunge':
            settings['lazy_expunge'] = values['mailbox']
        elif plugin == 'compress' and values:
            settings['zlib_save'] = values['method']
        elif plugin == 'pop3_migration':
            settings['pop3_migration_mailbox'] = values['mailbox']
        elif plugin == 'acl':
            settings['acl'] = 'vfile'
        elif plugin == 'fts':
            settings.update(fts='xapian', fts_xapian='partial=3 full=20', fts_enforced='yes')
    return [names.get(plugin, plugin) for plugin in others], settings


def quota_root(number, name, root, namespaces):
    """The settings of one quota root."""
    driver = root.get('driver', 'count')
    args = '::file:%h/dovecot-quota' if driver == 'dict' else ''
    if 'namespace' in root:
        args = ':ns=' + namespaces.get(root['namespace'], {}).get('prefix', '')
    key = 'quota%s' % number
    settings = {key: '%s:%s%s' % (driver, name, args)}
    if driver == 'count':
        settings['quota_vsizes'] = 'yes'
    rules = ['%s=%s' % (what, root[what]) for what in ('storage', 'messages') if what in root]
    if rules:
        settings[key + '_rule'] = '*:' + ':'.join(rules)
    return settings


def namespace(name, values):
    """A namespace of harness.Spec.namespaces."""
    lines = ['prefix = ' + values['prefix'], 'separator = /',
             'location = %s:%s' % (values['storage'], values['path']),
             *assignments(values.get('settings', {}))]
    return section('namespace ' + name, lines + mailboxes(values.get('mailboxes', {})))


def policy(values):
    """The lines that set pop_policy_NAME."""
    return section('plugin', assignments({'pop_policy_' + name: value
                                          for name, value in values.items()}))


def render(server, spec):
    """The whole dovecot.conf."""
    userdbs = ''.join(USERDB.format(root=server.root, number=number)
                      for number in reversed(range(server.generations)))
    base = BASE.format(root=server.root, name=server.root.name, address=server.address,
                       imported=' '.join(ENVIRONMENT), location=LOCATIONS[spec.storage],
                       userdbs=userdbs, **server.ports)
    names, settings = other_plugins(spec.others, spec.namespaces)
    plugins = {'global': names, 'imap': [], 'pop3': []}
    for other in ('quota', 'acl'):
        if other in spec.others:
            plugins['imap'].append('imap_' + other)
    if spec.plugin:
        plugins[spec.plugin].append('pop_policy')
    lines = [*assignments(spec.top_level()), 'mail_plugins = ' + ' '.join(plugins['global'])]
    for protocol in ('imap', 'pop3'):
        if plugins[protocol]:
            lines += section('protocol ' + protocol, [
                'mail_plugins = $mail_plugins ' + ' '.join(plugins[protocol])])
    lines += policy(spec.policy) + section('plugin', assignments(settings))
    lines += section('namespace inbox', ['inbox = yes', 'separator = /',
                                         *mailboxes(spec.mailboxes)])
    for name, values in spec.namespaces.items():
        lines += namespace(name, values)
    service = {**spec.pop3_service, **(server.valgrind.service if server.valgrind else {})}
    lines += section('service pop3', assignments(service))
    lines += section('service imap', assignments(spec.imap_service()))
    return base + text(lines) + spec.extra + '\n'


def storage_fields(storage, inbox=None, index=None):
    """The userdb fields that give one user another storage format and other places."""
    location = LOCATIONS[storage]
    if inbox:
        location += ':INBOX=' + inbox
    if index:
        location += ':INDEX=' + index
    return {'mail': location}


def field_value(value):
    """A userdb field's value as a passwd-file holds it."""
    value = value.replace('%', '%%')
    for char, variable in SPECIAL.items():
        value = value.replace(char, '%%{env:%s}' % variable)
    return value


def unchecked(value):
    """A policy value that Dovecot does not know before a user logs in: none."""
    return value


def environment(values):
    """What makes Dovecot hand variables on to all of its processes."""
    return text(['import_environment = ' + ' '.join(
        ['TZ', *ENVIRONMENT, *('%s=%s' % item for item in values.items())])])


def proxy_passdb(host, port):
    """A passdb that hands the users whom no passdb before it has on to another server."""
    return text(section('passdb', ['driver = static', 'args = proxy=y host=%s port=%d '
                                   'nopassword=y' % (host, port)]))


def certificate(file, key):
    """The lines for another server certificate."""
    return text(['ssl_cert = <%s' % file, 'ssl_key = <%s' % key])


def userdb(path):
    """A userdb that is one passwd-file, which can be listed."""
    return text(section('userdb', ['driver = passwd-file', 'args = username_format=%u ' + path]))


def doveadm_http(port, key, commands):
    """doveadm's HTTP API with a key; commands: those that it allows, '': all."""
    return text([*assignments({'doveadm_api_key': key, 'doveadm_allowed_commands': commands}),
                 *section('service doveadm', section('inet_listener http', ['port = %d' % port]))])
