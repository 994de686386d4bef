dnl Dovecot's m4 leaves its warning flags in CFLAGS up to 2.4.1 and in AM_CFLAGS
dnl after that, so AM_CFLAGS is only ever added to.

dnl POP_POLICY_WARNINGS
dnl More warnings than Dovecot asks for, and --enable-werror.
AC_DEFUN([POP_POLICY_WARNINGS], [
  AC_REQUIRE([gl_UNKNOWN_WARNINGS_ARE_ERRORS])
  m4_foreach_w([pop_policy_flag],
    [-Wshadow -Wwrite-strings -Wvla -Wimplicit-fallthrough -Werror=switch],
    [gl_COMPILER_OPTION_IF(pop_policy_flag,
      [AM_CFLAGS="$AM_CFLAGS pop_policy_flag"])
    ])

  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [make compiler warnings errors])],
    [], [enable_werror=no])
  AS_IF([test "$enable_werror" = yes], [AM_CFLAGS="$AM_CFLAGS -Werror"])
  AC_SUBST([AM_CFLAGS])
  AC_SUBST([AM_LDFLAGS])
])

dnl POP_POLICY_SANITIZERS
dnl For tests: a stock Dovecot process cannot load a module that was built this
dnl way, unless the sanitizer's library is loaded first. Not named --enable-asan,
dnl which Dovecot's m4 has since 2.4.3.
AC_DEFUN([POP_POLICY_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers],
      [build with AddressSanitizer and UBSan (for tests only)])],
    [], [enable_sanitizers=no])
  AS_IF([test "$enable_sanitizers" = yes], [
    pop_policy_flags="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
    AM_CFLAGS="$AM_CFLAGS $pop_policy_flags -fno-omit-frame-pointer"
    AM_LDFLAGS="$AM_LDFLAGS $pop_policy_flags"
    dnl The checking string functions hide calls from AddressSanitizer.
    CFLAGS="$CFLAGS -U_FORTIFY_SOURCE"
    dnl Valgrind and AddressSanitizer exclude each other.
    VALGRIND=reject
  ])
  AM_CONDITIONAL([SANITIZERS], [test "$enable_sanitizers" = yes])
])
