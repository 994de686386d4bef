"""schema/pop-policy.schema and .ldif: they say the same, and slapd takes them."""

import re
import subprocess
import uuid

import pytest

from tests.lib.directory import SCHEMA, SYSTEM_SCHEMAS, Directory

SCHEMA_TEXT = (SCHEMA / 'pop-policy.schema').read_text()
LDIF_TEXT = (SCHEMA / 'pop-policy.ldif').read_text()
ATTRIBUTES = ('popPolicyAvailable', 'popPolicyEnabled', 'popPolicySince', 'popPolicySpam',
              'popPolicyDelete', 'popPolicyRetrieve', 'popPolicyExtraMailboxes',
              'popPolicyKeepFor')
GOOD = {'popPolicyAvailable': ('TRUE', 'FALSE'), 'popPolicyEnabled': ('TRUE', 'FALSE'),
        'popPolicySince': ('20260101000000Z', '2026010100Z', '20260101010000+0100',
                           '20260101000000.5Z'),
        'popPolicySpam': ('exclude', 'Include', 'ONLY'), 'popPolicyDelete': ('keep', 'Trash'),
        'popPolicyRetrieve': ('none', 'archive'),
        'popPolicyExtraMailboxes': ('none', 'Lists, Work'), 'popPolicyKeepFor': ('90d', '12 Weeks')}
BAD = {'popPolicyAvailable': ('yes', '1', ''), 'popPolicyEnabled': ('no', 'TRUE '),
       'popPolicySince': ('2026-01-01', '20260101000000', '20260230000000Z', ''),
       'popPolicySpam': ('',), 'popPolicyDelete': ('',), 'popPolicyRetrieve': ('',),
       'popPolicyExtraMailboxes': ('',), 'popPolicyKeepFor': ('',)}


def squeezed(text):
    """The text with every run of white space as one blank."""
    return ' '.join(text.split())


def from_schema():
    """{(keyword, definition)} of the .schema file."""
    text = re.sub(r'(?m)^#.*\n', '', SCHEMA_TEXT)
    return {tuple(squeezed(item).split(' ', 1)) for item in re.split(r'\n(?=\S)', text.strip())}


def from_ldif():
    """The same of the .ldif file."""
    text = re.sub(r'(?m)^#.*\n', '', LDIF_TEXT).replace('\n ', '')
    lines = (line.split(': ', 1) for line in text.strip().splitlines())
    keywords = {'olcObjectIdentifier': 'objectidentifier', 'olcAttributeTypes': 'attributetype',
                'olcObjectClasses': 'objectclass'}
    return {(keywords[name], squeezed(value)) for name, value in lines if name in keywords}


def loaded(config):
    """What slapd made of the schema, in its configuration folder."""
    file, = (config / 'cn=config' / 'cn=schema').glob('cn={*}pop-policy.ldif')
    text = file.read_text().replace('\n ', '')
    return [line for line in text.splitlines() if line.startswith('olc')]


def test_schema_and_ldif_say_the_same():
    assert from_schema() == from_ldif()
    assert len(from_schema()) == 3 + len(ATTRIBUTES) + 1


def test_the_oids_are_those_of_the_uuid_that_is_named():
    for text in SCHEMA_TEXT, LDIF_TEXT:
        named = uuid.UUID(re.search(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', text)[0])
        assert re.search(r'popPolicy 2\.25\.(\d+)\n', text)[1] == str(named.int)


def test_slapd_takes_both_and_understands_the_same(tmp_path):
    includes = [SYSTEM_SCHEMAS / (name + '.schema') for name in ('core', 'cosine')]
    conf, config = tmp_path / 'slapd.conf', tmp_path / 'config'
    conf.write_text(''.join('include %s\n' % path
                            for path in [*includes, SCHEMA / 'pop-policy.schema']))
    config.mkdir()
    done = subprocess.run(['/usr/sbin/slaptest', '-f', conf, '-F', config], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    directory = Directory(schema='')
    try:
        directory.configure(LDIF_TEXT)  # as its first lines tell
        assert loaded(directory.root / 'config') == loaded(config)
        dn = directory.add_account(popPolicyEnabled=True)
        assert 'popPolicyEnabled: TRUE' in directory.search('(popPolicyEnabled=TRUE)')
        directory.delete(dn)
    finally:
        directory.stop()


@pytest.mark.parametrize('attribute', ATTRIBUTES)
def test_the_directory_takes_what_the_plugin_takes(directory, attribute):
    dn = directory.add_account()
    for value in GOOD[attribute]:
        directory.set(dn, **{attribute: value})
        assert '%s: %s\n' % (attribute, value) in directory.search('(%s=%s)' % (attribute, value))
    modify = 'dn: %s\nchangetype: modify\nreplace: %s\n' % (dn, attribute)
    for values in [GOOD[attribute][:2], *((bad,) for bad in BAD[attribute])]:
        lines = ''.join('%s: %s\n' % (attribute, value) for value in values)
        done = directory.change(modify + lines, check=False)
        assert re.search('Constraint violation|Invalid syntax', done.stderr), values
    assert '%s: %s\n' % (attribute, GOOD[attribute][-1]) in directory.search()


def test_times_can_be_compared_and_words_in_any_case(directory):
    dn = directory.add_account(popPolicySince='20260101010000+0100', popPolicySpam='Include')
    assert dn in directory.search('(popPolicySince=20260101000000Z)')
    assert dn in directory.search('(&(popPolicySince>=20251231000000Z)(popPolicySpam=INCLUDE))')
    assert dn not in directory.search('(popPolicySince>=20260102000000Z)')
