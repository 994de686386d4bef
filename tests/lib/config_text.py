"""Pieces of dovecot.conf whose syntax is the same in Dovecot 2.3 and 2.4."""

# What a server has of its own, to be formatted with its root, name and address.
PLACES = """
base_dir = {root}/run
state_dir = {root}/state
instance_name = {name}
log_path = {root}/log/error.log
info_log_path = {root}/log/info.log
debug_log_path = {root}/log/debug.log
listen = {address}
mail_plugin_dir = {root}/modules
"""


def quoted(value):
    """A setting's value as the configuration file takes it literally."""
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    return '"%s"' % str(value).replace('\\', '\\\\').replace('"', '\\"')


def assignments(values):
    """One `key = "value"` line per item."""
    return ['%s = %s' % (key, quoted(value)) for key, value in values.items()]


def section(name, lines):
    """The lines of a braced section, none when there is nothing to put into it."""
    return [name + ' {', *('  ' + line for line in lines), '}'] if lines else []


def mailboxes(values):
    """The mailbox sections of a namespace; see harness.Spec.mailboxes."""
    lines = []
    for name, value in values.items():
        settings = value if isinstance(value, dict) else {'special_use': value} if value else {}
        lines += ['mailbox %s {' % quoted(name),
                  *('  ' + line for line in assignments(settings)), '}']
    return lines


def text(lines):
    """The lines as a text."""
    return ''.join(line + '\n' for line in lines)
