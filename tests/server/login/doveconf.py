"""doveconf on the configuration of a test server."""

import subprocess


def doveconf(server, *args, extra=''):
    """doveconf on the server's configuration and some more; the finished process."""
    path = server.root / 'doveconf.conf'
    path.write_text(server.configuration() + extra)
    return subprocess.run(server.command('doveconf', '-c', path, *args), capture_output=True,
                          text=True, timeout=60, env=server.environment)
