dnl What the Dovecot headers have. They are asked, not the version: builds from
dnl git call themselves 0.0.0, and distributions patch.

dnl POP_POLICY_TRY_HEADERS(CACHE-ID, MESSAGE, INCLUDES, CODE)
dnl Whether something compiles with Dovecot's headers.
AC_DEFUN([POP_POLICY_TRY_HEADERS], [
  AC_CACHE_CHECK([$2], [pop_policy_cv_$1], [
    pop_policy_save_CPPFLAGS=$CPPFLAGS
    CPPFLAGS="$CPPFLAGS $LIBDOVECOT_INCLUDE $LIBDOVECOT_STORAGE_INCLUDE"
    CPPFLAGS="$CPPFLAGS -DHAVE_CONFIG_H"
    AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#include "lib.h"
$3
$4
]])], [pop_policy_cv_$1=yes], [pop_policy_cv_$1=no])
    CPPFLAGS=$pop_policy_save_CPPFLAGS
  ])
])

dnl POP_POLICY_DOVECOT_API
dnl Finds out which of our sources fit Dovecot, and refuses one that none fits.
AC_DEFUN([POP_POLICY_DOVECOT_API], [
  AC_REQUIRE([AC_PROG_CC])
  POP_POLICY_TRY_HEADERS([headers], [for usable Dovecot headers],
    [#include "settings-parser.h"],
    [const size_t size = sizeof(struct setting_parser_info);])
  AS_IF([test "$pop_policy_cv_headers" = no],
    [AC_MSG_ERROR([Dovecot's headers cannot be compiled, see config.log])])

  dnl (both lines have a settings.h)
  POP_POLICY_TRY_HEADERS([settings_24], [for the settings API of Dovecot 2.4],
    [#include "settings-parser.h"],
    [const size_t offset = offsetof(struct setting_parser_info, pool_offset1);])

  AS_IF([test "$pop_policy_cv_settings_24" = yes], [
    dnl since 2.4.1
    POP_POLICY_TRY_HEADERS([supported], [whether this Dovecot is supported],
      [#include "mail-storage-settings.h"],
      [const size_t offset =
         offsetof(struct mail_namespace_settings, parsed_mailboxes);])
  ], [
    dnl since 2.3.16
    POP_POLICY_TRY_HEADERS([supported], [whether this Dovecot is supported],
      [#include "array.h"],
      [const char *first(const ARRAY_TYPE(const_string) *words);
       const char *first(const ARRAY_TYPE(const_string) *words)
       {
#ifndef array_idx_elem
#  error no array_idx_elem()
#endif
         return array_idx_elem(words, 0);
       }])
  ])
  AS_IF([test "$pop_policy_cv_supported" = no], [AC_MSG_ERROR(m4_normalize([
    Dovecot $dovecot_version is not supported: it has to be 2.3.16 to 2.3.21.1,
    or 2.4.1 or later]))])

  POP_POLICY_TRY_HEADERS([mail_events_2318],
    [whether Dovecot creates the events of mails when they are needed],
    [#include "mail-storage-private.h"],
    [const size_t offset = offsetof(struct mail_private, _event);])

  POP_POLICY_TRY_HEADERS([dns_client_parameters],
    [whether Dovecot's DNS lookups take client parameters],
    [#include "dns-lookup.h"],
    [const size_t size = sizeof(struct dns_client_parameters);])

  AM_CONDITIONAL([DOVECOT_24], [test "$pop_policy_cv_settings_24" = yes])
  AM_CONDITIONAL([DOVECOT_2318], [test "$pop_policy_cv_mail_events_2318" = yes])
  POP_POLICY_CPPFLAGS=
  AS_IF([test "$pop_policy_cv_dns_client_parameters" = yes],
    [POP_POLICY_CPPFLAGS="-DPOP_POLICY_DNS_CLIENT_PARAMETERS"])
  AC_SUBST([POP_POLICY_CPPFLAGS])
])
