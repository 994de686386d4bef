"""What the documents and the plugin's source say, for tests that compare them."""

import re

from tests.lib.places import SOURCE

README = (SOURCE / 'README.md').read_text()
LDAP_PAGE = (SOURCE / 'doc' / 'ldap.md').read_text()


def code_settings():
    """{setting: default} as the plugin's source has them."""
    defaults = (SOURCE / 'src/pop-policy-settings.c').read_text()
    keys = (SOURCE / 'src/pop-policy-settings.h').read_text()
    found = dict(re.findall(r'\.(pop_policy_\w+) =\s*"(.*?)"', defaults))
    assert list(found) == re.findall(r'DEF\w*\((pop_policy_\w+)\)', keys)
    return found


def block(name, page=README):
    """The code block that a page marks with this name."""
    return re.search(r'<!-- begin: %s -->\n```\n(.*?)```' % re.escape(name), page, re.S)[1]
