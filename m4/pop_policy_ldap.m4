dnl POP_POLICY_LDAP
dnl libldap, for the module with the plugin's own LDAP lookup. It has to be
dnl there unless --without-ldap says otherwise: a plugin that silently cannot do
dnl what its settings say would be a surprise.
AC_DEFUN([POP_POLICY_LDAP], [
  AC_ARG_WITH([ldap],
    [AS_HELP_STRING([--without-ldap],
      [leave out the plugin's own LDAP lookup, which needs libldap])],
    [], [with_ldap=yes])
  AC_ARG_WITH([ldap-ca-file],
    [AS_HELP_STRING([--with-ldap-ca-file=FILE],
      [the system's trusted CA certificates, where they are not found])],
    [], [with_ldap_ca_file=])

  LDAP_LIBS=
  AS_IF([test "$with_ldap" != no], [
    with_ldap=yes
    pop_policy_save_LIBS=$LIBS
    AC_CHECK_HEADER([ldap.h], [],
      [AC_MSG_ERROR([ldap.h of libldap is missing, see --without-ldap])])
    dnl Since 2.5. Older ones take a certificate's common name even if it has
    dnl other names that do not fit.
    AC_CHECK_DECL([LDAP_OPT_X_TLS_REQUIRE_SAN], [], [AC_MSG_ERROR(m4_normalize([
        libldap is older than 2.5, which checks host names in certificates less
        strictly than the plugin promises: see --without-ldap]))],
      [[#include <ldap.h>]])
    AC_CHECK_HEADER([openldap.h], [],
      [AC_MSG_ERROR([openldap.h of libldap is missing, see --without-ldap])])
    AC_CHECK_LIB([ldap], [ldap_init_fd], [],
      [AC_MSG_ERROR([libldap is missing, see --without-ldap])], [-llber])
    LDAP_LIBS='-lldap -llber'
    LIBS=$pop_policy_save_LIBS
  ])
  AC_SUBST([LDAP_LIBS])

  AS_IF([test -z "$with_ldap_ca_file"], [
    with_ldap_ca_file=/etc/ssl/certs/ca-certificates.crt
    for pop_policy_file in /etc/ssl/certs/ca-certificates.crt \
      /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem \
      /etc/ssl/cert.pem; do
      AS_IF([test -f "$pop_policy_file"],
        [with_ldap_ca_file=$pop_policy_file; break])
    done
  ])
  AC_SUBST([LDAP_CA_FILE], [$with_ldap_ca_file])
  AS_IF([test "$with_ldap" = yes],
    [POP_POLICY_CPPFLAGS="$POP_POLICY_CPPFLAGS -DPOP_POLICY_LDAP"])
  AM_CONDITIONAL([LDAP], [test "$with_ldap" = yes])
])
