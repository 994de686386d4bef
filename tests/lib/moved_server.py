"""A Dovecot that sees another machine than we do: other files, another name."""

from tests.lib.harness import Server


class MovedServer(Server):
    """A server in mount and UTS namespaces; first: what the shell does there before it starts."""

    first = ''

    def __init__(self, first, **spec):
        self.first = first
        super().__init__(**spec)

    def command(self, *args):
        return ['unshare', '--mount', '--propagation', 'unchanged', '--uts',
                'sh', '-c', self.first + ' && exec "$@"', 'sh', *super().command(*args)]


def with_hosts(path, hosts, **spec):
    """A server whose /etc/hosts is the file at path: {name: addresses}."""
    lines = ['127.0.0.1 localhost']
    lines += ['%s %s' % (address, name) for name in hosts for address in hosts[name]]
    path.write_text('\n'.join(lines) + '\n')
    return MovedServer('mount --bind %s /etc/hosts' % path, **spec)
