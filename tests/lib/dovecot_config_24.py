"""How Dovecot 2.4 wants to be told things; see dovecot_config.py for what is in here."""

from tests.lib.config_text import PLACES, assignments, mailboxes, quoted, section, text

STORAGE = {
    'maildir': {'mail_driver': 'maildir', 'mail_path': '~/Maildir'},
    'sdbox': {'mail_driver': 'sdbox', 'mail_path': '~/sdbox'},
    'mdbox': {'mail_driver': 'mdbox', 'mail_path': '~/mdbox'},
    'mbox': {'mail_driver': 'mbox', 'mail_path': '~/mail', 'mail_inbox_path': '~/inbox'},
}

UIDL_FORMATS = {'uid uidvalidity': '%{uid | hex(8)}%{uidvalidity | hex(8)}',
                'uidvalidity.uid': '%{uidvalidity}.%{uid}', 'uid': '%{uid}', 'x uid': 'x%{uid}',
                'guid': '%{guid}', 'filename': '%{filename}', 'md5': '%{md5}'}

LOGOUT_FORMAT = ('top=%{top_count}/%{top_bytes} retr=%{retr_count}/%{retr_bytes} '
                 'del=%{deleted_count}/%{deleted_bytes} size=%{message_bytes} in=%{input} '
                 'out=%{output} u=%{uidl_change}')

FTS_BACKEND = 'flatcurve'
QUOTA_DRIVERS = ('count', 'maildir')
# An IMAP MOVE only subtracts: https://github.com/dovecot/core/pull/274
MAILDIR_QUOTA_FORGETS_MOVES = True

ENVIRONMENT = {}

USERDB = """userdb users{number} {{
  driver = passwd-file
  passwd_file_path = {root}/users/%{{user}}.{number}
}}
"""

BASE = r"""
dovecot_config_version = 2.4.1
dovecot_storage_version = 2.4.1
""" + PLACES + r"""
protocols {{
  pop3 = yes
  imap = yes
  lmtp = yes
}}
ssl = yes
ssl_server_cert_file = {root}/cert.pem
ssl_server_key_file = {root}/key.pem
auth_allow_cleartext = yes
auth_mechanisms = plain login cram-md5 scram-sha-256
auth_failure_delay = 0s
auth_master_user_separator = *
auth_username_chars =
first_valid_uid = 1
mail_max_userip_connections = 1000
mail_attachment_detection_options =
mail_home = {root}/mail/%{{user | username}}
passdb masters {{
  driver = passwd-file
  master = yes
  passwd_file_path = {root}/masters
}}
passdb users {{
  driver = passwd-file
  passwd_file_path = {root}/users/%{{user}}.pass
}}
{userdbs}
service pop3-login {{
  restart_request_count = unlimited
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service imap-login {{
  restart_request_count = unlimited
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""

SERVICE_SETTINGS = {'service_count': 'restart_request_count'}


def other_plugins(others):
    """Names and settings, as lines, of the plugins in harness.Spec.others."""
    names = {'mail_log': ('notify', 'mail_log'), 'compress': ('mail_compress',),
             'fts': ('fts', 'fts_flatcurve')}
    lines = []
    for plugin, values in others.items():
        if plugin == 'quota':
            lines += quota_roots(values, None)
        elif plugin == 'mail_log':
            lines += assignments({'mail_log_' + key: value for key, value in values.items()})
        elif plugin == 'lazy_expunge':
            # no: the default, but not since 2.4.3
            lines += assignments({'lazy_expunge_mailbox': values['mailbox'],
                                  'lazy_expunge_only_last_instance': 'no'})
        elif plugin == 'compress' and values:
            lines += assignments({'mail_compress_write_method': values['method']})
        elif plugin == 'pop3_migration':
            lines += assignments({'pop3_migration_mailbox': values['mailbox']})
        elif plugin == 'acl':
            lines += assignments({'acl_driver': 'vfile'})
        elif plugin == 'fts':
            lines += ['language_tokenizers = generic', 'language_filters = lowercase',
                      *section('language en', ['default = yes']),
                      *section('fts flatcurve', ['fts_driver = flatcurve'])]
    return [name for plugin in others for name in names.get(plugin, (plugin,))], lines


def quota_roots(roots, namespace_name):
    """The quota roots of a namespace, None: those of all."""
    keys = {'storage': 'quota_storage_size', 'messages': 'quota_message_count'}
    lines = []
    for name, root in roots.items():
        if root.get('namespace') == namespace_name:
            limits = {keys[what]: root[what] for what in keys if what in root}
            lines += section('quota ' + quoted(name), assignments(
                {'quota_driver': root.get('driver', 'count'), **limits}))
    return lines


def namespace(name, values, others):
    """A namespace of harness.Spec.namespaces."""
    lines = ['prefix = ' + values['prefix'], 'separator = /',
             'mail_driver = ' + values['storage'], 'mail_path = ' + values['path'],
             *assignments(values.get('settings', {})),
             *mailboxes(values.get('mailboxes', {})),
             *quota_roots(others.get('quota', {}), name)]
    return section('namespace ' + name, lines)


def mail_plugins(names):
    """Lines that add plugins to those of the settings around."""
    return section('mail_plugins', [name + ' = yes' for name in names])


def policy(values):
    """The lines that set pop_policy_NAME."""
    return assignments({'pop_policy_' + name: value for name, value in values.items()})


def render(server, spec):
    """The whole dovecot.conf."""
    userdbs = ''.join(USERDB.format(root=server.root, number=number)
                      for number in reversed(range(server.generations)))
    base = BASE.format(root=server.root, name=server.root.name, address=server.address,
                       userdbs=userdbs, **server.ports)
    names, lines = other_plugins(spec.others)
    plugins = {'global': names, 'pop3': [],
               'imap': ['imap_' + other for other in ('quota', 'acl') if other in spec.others]}
    if spec.plugin:
        plugins[spec.plugin].append('pop_policy')
    lines += assignments({**STORAGE[spec.storage], **spec.top_level()})
    lines += mail_plugins(plugins['global'])
    for protocol in ('imap', 'pop3'):
        lines += section('protocol ' + protocol, mail_plugins(plugins[protocol]))
    lines += policy(spec.policy)
    lines += section('namespace inbox', ['inbox = yes', 'separator = /',
                                         *mailboxes(spec.mailboxes),
                                         *quota_roots(spec.others.get('quota', {}), 'inbox')])
    for name, values in spec.namespaces.items():
        lines += namespace(name, values, spec.others)
    service = {**spec.pop3_service, **(server.valgrind.service if server.valgrind else {})}
    for name, values in ('pop3', service), ('imap', spec.imap_service()):
        lines += section('service ' + name, assignments({
            SERVICE_SETTINGS.get(key, key): value for key, value in values.items()}))
    return base.lstrip() + text(lines) + spec.extra + '\n'


def storage_fields(storage, inbox=None, index=None):
    """The userdb fields that give one user another storage format and other places."""
    fields = dict(STORAGE[storage])
    if inbox:
        fields['mail_inbox_path'] = inbox
    if index:
        fields['mail_index_path'] = index
    return fields


def field_value(value):
    """A userdb field's value as a passwd-file holds it."""
    if value == 'y':
        return "%{literal('y')}"  # Dovecot 2.4.1 reads a lone y as nothing
    return ''.join("%%{literal('\\x%02x')}" % ord(char) if char in ' \n\t\r\1' else char
                   for char in value.replace('%{', '%%{'))


def unchecked(value):
    """A policy value that Dovecot does not know before a user logs in."""
    return "%%{literal('%s')}" % value


def environment(values):
    """What makes Dovecot hand variables on to all of its processes."""
    return text(section('import_environment', assignments(values)))


def proxy_passdb(host, port):
    """A passdb that hands the users whom no passdb before it has on to another server."""
    fields = assignments({'proxy': 'y', 'host': host, 'port': port, 'nopassword': 'y'})
    return text(section('passdb others', ['driver = static', *section('fields', fields)]))


def certificate(file, key):
    """The lines for another server certificate."""
    return text(['ssl_server_cert_file = %s' % file, 'ssl_server_key_file = %s' % key])


def userdb(path):
    """A userdb that is one passwd-file, which can be listed."""
    return text(section('userdb all', ['driver = passwd-file', 'passwd_file_path = ' + path]))


def doveadm_http(port, key, commands):
    """doveadm's HTTP API with a key; commands: those that it allows, '': all."""
    allowed = section('doveadm_allowed_commands',
                      ['%s = yes' % quoted(command) for command in commands.split(',') if command])
    return text([*assignments({'doveadm_api_key': key}), *allowed,
                 *section('service doveadm', section('inet_listener http', ['port = %d' % port]))])
