"""What the documents and the plugin's source say, for tests that compare them."""

import re

from tests.lib.places import SOURCE

README = (SOURCE / 'README.md').read_text()
LDAP_PAGE = (SOURCE / 'doc' / 'ldap.md').read_text()


def code_settings():
    """{setting: default} as the plugin's source has them."""
    source = (SOURCE / 'src/lib/pop-policy-settings.h').read_text()
    pattern = r'SETTING\((pop_policy_\w+), \w+,[\s\\]*"(.*?)"'
    found = dict(re.findall(pattern, source))
    assert len(found) == len(set(re.findall(r'SETTING\((pop_policy_\w+),', source)))
    return found


def block(name, page=README):
    """The code block that a page marks with this name."""
    return re.search(r'<!-- begin: %s -->\n```\n(.*?)```' % re.escape(name), page, re.S)[1]
