"""Accounts of the mail server and their entries in the directory."""

import re

from tests.lib.ldap_policy import new_name
from tests.lib.mailuser import fill


class Accounts:
    """Makes accounts for tests."""

    def __init__(self, server, directory):
        self.server, self.directory = server, directory

    def add(self, has_class=True, **attributes):
        """An account with mail as fill() gives it, as user.dn its entry."""
        user = self.server.add_user(new_name())
        user.directory = self.directory
        if has_class:
            user.dn = self.directory.add_account(user.name, **attributes)
        else:
            user.dn = self.directory.add('mail=%s,ou=people,dc=example,dc=org' % user.name,
                                         objectClass=['inetOrgPerson'], cn=user.name, sn=user.name,
                                         mail=user.name, userPassword='secret', **attributes)
        fill(user)
        return user


def stored(user):
    """{attribute: value} of the policy in the user's entry."""
    text = user.directory.search('-b', user.dn, '-s', 'base')
    return dict(re.findall(r'(?m)^(popPolicy\w+): (.*)$', text))
