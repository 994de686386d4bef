"""Where the sources lie and what was built from them; the Makefile says it by variables."""

import os
import pathlib

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get('POP_POLICY_BUILDDIR') or SOURCE)


def built(variable, path):
    """The file that a variable of the environment names, else where the build puts it."""
    return pathlib.Path(os.environ.get(variable) or BUILD / path)


MODULE = built('POP_POLICY_MODULE', 'src/plugin/.libs/lib01_pop_policy_plugin.so')
LDAP_MODULE = built('POP_POLICY_LDAP_MODULE', 'src/ldap/.libs/libpop_policy_ldap.so')
SETTINGS_MODULE = built('POP_POLICY_SETTINGS_MODULE',
                        'src/settings/.libs/libpop_policy_settings.so')
DOVEADM_MODULE = built('POP_POLICY_DOVEADM_MODULE',
                       'src/doveadm/.libs/lib10_doveadm_pop_policy_plugin.so')
# Dovecot's own
DOVECOT = built('POP_POLICY_DOVECOT', '/usr/sbin/dovecot')
# with pop3 and dovecot-lda
LIBEXEC = built('POP_POLICY_DOVECOT_LIBEXECDIR', '/usr/lib/dovecot')
MODULE_DIR = built('POP_POLICY_DOVECOT_MODULEDIR', '/usr/lib/dovecot/modules')
# a command that Dovecot itself starts
DOVEADM = str(DOVECOT.parent.parent / 'bin' / 'doveadm')
# doveadm and doveconf are found in there, whatever else is installed
PATH = os.pathsep.join([str(DOVECOT.parent.parent / 'bin'), os.environ.get('PATH', os.defpath)])
