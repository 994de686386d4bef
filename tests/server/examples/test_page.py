"""doc/ldap.md, doc/sql.md, doc/scale.md and the files they speak of fit together."""

import re

from tests.lib.documents import LDAP_PAGE
from tests.lib.examples import EXAMPLES
from tests.lib.places import SOURCE

SUBJECTS = ('ldap', 'ldap-policy-only', 'app-passwords', 'hosting', 'recent-ldap',
            'recent-app-passwords')
ATTRIBUTES = dict(re.findall(r'^\| `(popPolicy\w+)` \| `(pop_policy_\w+)` \|', LDAP_PAGE, re.M))


def test_what_the_page_names_is_there():
    named = set(re.findall(r'(?:examples|schema)/[\w./-]*\w', LDAP_PAGE))
    assert named
    assert [name for name in named if not (SOURCE / name).exists()] == []
    changes = re.findall(r'`([\w-]+\.ldif)`',
                         LDAP_PAGE.partition('## Change')[2].partition('## Plans')[0])
    there = [path.name for path in (EXAMPLES / 'directory/change').iterdir()]
    assert sorted(changes) == sorted(there)


def test_what_is_there_is_named_on_the_page():
    folders = {path.name for path in EXAMPLES.iterdir()}
    assert folders == {*SUBJECTS, 'cluster', 'directory', 'expire', 'metrics', 'recent', 'sql'}
    for subject in SUBJECTS:
        assert 'examples/' + subject in LDAP_PAGE
        assert {path.name for path in (EXAMPLES / subject).iterdir()} == {'2.3', '2.4'}
    pages = LDAP_PAGE + (SOURCE / 'doc/scale.md').read_text()
    for path in (EXAMPLES / 'directory').glob('*.ldif'):
        assert 'examples/directory/' + path.name in pages


def test_what_the_page_on_sql_names_is_there_and_the_other_way_round():
    page = (SOURCE / 'doc/sql.md').read_text()
    named = set(re.findall(r'examples/[\w./-]*\w', page))
    assert [name for name in named if not (SOURCE / name).exists()] == []
    assert {path.name for path in (EXAMPLES / 'sql').iterdir()} == {
        name.split('/')[2] for name in named if name.count('/') == 2}


def test_the_page_has_the_attributes_of_the_schema():
    schema = (SOURCE / 'schema' / 'pop-policy.schema').read_text()
    assert list(ATTRIBUTES) == re.findall(r"^attributetype .* NAME '(\w+)'", schema, re.M)
    readme = (SOURCE / 'README.md').read_text()
    assert all('| `%s` |' % setting in readme for setting in ATTRIBUTES.values())


def test_every_example_fetches_every_attribute():
    for subject in SUBJECTS:
        for version, pattern in (('2.3', r'(popPolicy\w+)=(?:userdb_)?(pop_policy_\w+)'),
                                 ('2.4', r'(pop_policy_\w+) = %\{ldap_multi:(popPolicy\w+) \| default\}')):
            text = ''.join(path.read_text() for path in (EXAMPLES / subject / version).iterdir())
            pairs = re.findall(pattern, text)
            if version == '2.4':
                pairs = [(attribute, setting) for setting, attribute in pairs]
            assert dict(pairs) == ATTRIBUTES, (subject, version)
            assert len(pairs) % len(ATTRIBUTES) == 0
