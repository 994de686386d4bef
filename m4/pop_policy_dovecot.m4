dnl POP_POLICY_DOVECOT_API
dnl Finds out which settings API the Dovecot headers have. The structure is
dnl asked, not the version: builds from git call themselves 0.0.0, and both
dnl lines have a settings.h.
AC_DEFUN([POP_POLICY_DOVECOT_API], [
  AC_REQUIRE([AC_PROG_CC])
  pop_policy_save_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="$CPPFLAGS $LIBDOVECOT_INCLUDE -DHAVE_CONFIG_H"

  AC_CACHE_CHECK([for usable Dovecot headers], [pop_policy_cv_headers], [
    AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#include "lib.h"
#include "settings-parser.h"
const size_t size = sizeof(struct setting_parser_info);
]])], [pop_policy_cv_headers=yes], [pop_policy_cv_headers=no])
  ])
  AS_IF([test "$pop_policy_cv_headers" = no],
    [AC_MSG_ERROR([Dovecot's headers cannot be compiled, see config.log])])

  AC_CACHE_CHECK([which settings API Dovecot has], [pop_policy_cv_settings_api], [
    AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#include "lib.h"
#include "settings-parser.h"
const size_t offset = offsetof(struct setting_parser_info, pool_offset1);
]])], [pop_policy_cv_settings_api=2.4], [pop_policy_cv_settings_api=2.3])
  ])

  AC_CACHE_CHECK([whether Dovecot's DNS lookups take client parameters],
    [pop_policy_cv_dns_client_parameters], [
    AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#include "lib.h"
#include "dns-lookup.h"
const size_t size = sizeof(struct dns_client_parameters);
]])], [pop_policy_cv_dns_client_parameters=yes],
      [pop_policy_cv_dns_client_parameters=no])
  ])
  CPPFLAGS=$pop_policy_save_CPPFLAGS

  pop_policy_settings_api=$pop_policy_cv_settings_api
  AM_CONDITIONAL([DOVECOT_24], [test "$pop_policy_settings_api" = 2.4])
  POP_POLICY_CPPFLAGS=
  AS_IF([test "$pop_policy_cv_dns_client_parameters" = yes],
    [POP_POLICY_CPPFLAGS="-DPOP_POLICY_DNS_CLIENT_PARAMETERS"])
  AC_SUBST([POP_POLICY_CPPFLAGS])
])
