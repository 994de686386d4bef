"""Text of a private Dovecot's configuration: one function per Dovecot version."""

MAIL_UID = 5000

STORAGES = ('maildir', 'sdbox', 'mdbox', 'mbox')

MAILBOXES = {'Junk': r'\Junk', 'Archive': r'\Archive', 'Trash': r'\Trash'}

LOCATIONS_23 = {
    'maildir': 'maildir:~/Maildir',
    'sdbox': 'sdbox:~/sdbox',
    'mdbox': 'mdbox:~/mdbox',
    'mbox': 'mbox:~/mail:INBOX=~/inbox',
}

# A passwd-file is looked at once a second at most, a missing one always: a change of a user's
# fields goes into the next file of this chain, the first one found counts.
GENERATIONS = 4

USERDB_23 = """userdb {{
  driver = passwd-file
  args = username_format=%u {root}/users/%u.{number}
}}
"""

BASE_23 = r"""
base_dir = {root}/run
state_dir = {root}/state
instance_name = {name}
log_path = {root}/log/error.log
info_log_path = {root}/log/info.log
debug_log_path = {root}/log/debug.log
import_environment = TZ {imported}
listen = 127.0.0.1
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
mail_plugin_dir = {root}/modules
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


def quoted(value):
    """A setting's value as the configuration file takes it literally."""
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    return '"%s"' % str(value).replace('\\', '\\\\').replace('"', '\\"')


def block(name, lines):
    """A braced section, or nothing when there are no lines."""
    return '%s {\n  %s\n}\n' % (name, '\n  '.join(lines)) if lines else ''


def assignments(values):
    """One `key = "value"` line per item."""
    return ['%s = %s' % (key, quoted(value)) for key, value in values.items()]


def mailbox_lines(mailboxes):
    """The mailbox sections of the inbox namespace; see Spec.mailboxes."""
    lines = []
    for name, value in mailboxes.items():
        settings = value if isinstance(value, dict) else {'special_use': value} if value else {}
        lines.append('mailbox %s {' % quoted(name))
        lines += ['  ' + line for line in assignments(settings)]
        lines.append('}')
    return lines


def render_23(server, spec):
    """The whole dovecot.conf for Dovecot 2.3."""
    userdbs = ''.join(USERDB_23.format(root=server.root, number=number)
                      for number in reversed(range(GENERATIONS)))
    text = BASE_23.format(root=server.root, name=server.root.name, imported=server.imported,
                          location=LOCATIONS_23[spec.storage], userdbs=userdbs, **server.ports)
    plugins = {'global': spec.mail_plugins, **spec.protocol_plugins}
    if spec.plugin:
        plugins[spec.plugin] = (plugins.get(spec.plugin, '') + ' pop_policy').strip()
    text += '\n'.join(assignments(spec.settings)) + '\n'
    text += 'mail_plugins = %s\n' % plugins.pop('global')
    for protocol, names in plugins.items():
        text += block('protocol ' + protocol, ['mail_plugins = $mail_plugins ' + names])
    policy = {'pop_policy_' + name: value for name, value in spec.policy.items()}
    text += block('plugin', assignments({**policy, **spec.plugin_settings}))
    text += block('namespace inbox', ['inbox = yes', 'separator = /',
                                      *mailbox_lines(spec.mailboxes)])
    service = dict(spec.pop3_service)
    if spec.valgrind:
        service.update(executable=server.valgrind.wrapper, vsz_limit='4 G')
    text += block('service pop3', assignments(service))
    return text + spec.extra + '\n'


def storage_fields_23(storage):
    """The userdb fields that give one user a storage format of its own."""
    return {'mail': LOCATIONS_23[storage]}
