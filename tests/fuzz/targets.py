"""What is fuzzed: tests/fuzz/fuzz-NAME.c with tests/fuzz/corpus/NAME."""

import dataclasses

LDAP = ['pop-policy-ldap-' + part for part in ('clock', 'connection', 'modify', 'search',
                                               'socket', 'tls')]


@dataclasses.dataclass
class Target:
    """One program.

    parsers: the sources that its corpus must reach nearly all lines of;
    sources: what it needs beside them and all of src/lib; defines: macros for all of these.
    """
    parsers: list
    sources: list = dataclasses.field(default_factory=list)
    defines: list = dataclasses.field(default_factory=list)
    needs_ldap: bool = False

    @property
    def own_sources(self):
        """What is compiled for this target alone."""
        return [path for path in dict.fromkeys(self.parsers + self.sources)
                if not path.startswith('src/lib/')]


TARGETS = {
    'date-record': Target(['src/lib/pop-policy-date-record.c']),
    'doveadm-arg': Target(['src/doveadm/pop-policy-doveadm-arg.c',
                           'src/doveadm/pop-policy-doveadm-names.c']),
    'header': Target(['src/lib/pop-policy-header-name.c',
                      'src/common/pop-policy-mailbox-header.c']),
    'ldap-config': Target(['src/lib/pop-policy-ldap-config.c',
                           'src/lib/pop-policy-ldap-attributes.c',
                           'src/lib/pop-policy-compat-text-{version}.c']),
    'ldap-search': Target(['src/ldap/pop-policy-ldap-search.c',
                           'src/ldap/pop-policy-ldap-modify.c'],
                          ['src/ldap/%s.c' % name for name in LDAP],
                          ['-DPOP_POLICY_SYSTEM_CA_FILE="/nonexistent"'], needs_ldap=True),
    'ldap-template': Target(['src/lib/pop-policy-ldap-template.c']),
    'log': Target(['src/lib/pop-policy-log.c', 'src/lib/pop-policy-report.c']),
    'maildir-record': Target(['src/common/pop-policy-maildir-record.c']),
    'maildir-uidlist': Target(['src/common/pop-policy-maildir-uidlist.c',
                               'src/common/pop-policy-maildir-lines.c',
                               'src/common/pop-policy-maildir-names.c'],
                              ['src/common/pop-policy-maildir-record.c'],
                              ['-DPOP_POLICY_MAILDIR_WINDOW_SIZE=96',
                               '-DPOP_POLICY_MAILDIR_PASS_SIZE=200']),
    'name-list': Target(['src/lib/pop-policy-name-list.c']),
    'stamp': Target(['src/lib/pop-policy-stamp.c']),
    'time': Target(['src/lib/pop-policy-time.c']),
    'userdb': Target(['src/lib/pop-policy-userdb.c']),
    'values': Target(['src/lib/pop-policy-values.c', 'src/lib/pop-policy-ldap-encode.c',
                      'src/lib/pop-policy.c']),
}
