dnl POP_POLICY_FIND_DOVECOT
dnl Before DC_DOVECOT, which alone looks below the prefix only: without
dnl --with-dovecot its folder is where distributions put it.
AC_DEFUN([POP_POLICY_FIND_DOVECOT], [
  AS_IF([test -z "${with_dovecot+set}"], [
    for pop_policy_dir in "$prefix/lib/dovecot" /usr/lib/dovecot \
      /usr/lib64/dovecot /usr/local/lib/dovecot /dovecot/lib/dovecot; do
      AS_IF([test -f "$pop_policy_dir/dovecot-config"],
        [with_dovecot=$pop_policy_dir; break])
    done
  ])
])

dnl POP_POLICY_DOVECOT_FOLDERS
dnl After DC_DOVECOT: where Dovecot has its headers and programs, also if its
dnl folders are not used to install into (--without-dovecot-install-dirs).
AC_DEFUN([POP_POLICY_DOVECOT_FOLDERS], [
  pop_policy_config=$dovecotdir/dovecot-config
  eval "dovecot_includedir=`sed -n 's/^dovecot_pkgincludedir=//p' \
    "$pop_policy_config"`"
  eval "dovecot_libexecdir=`sed -n 's/^dovecot_pkglibexecdir=//p' \
    "$pop_policy_config"`"
  AC_SUBST([dovecot_includedir])
  AC_SUBST([dovecot_libexecdir])
  dovecot_version=`sed -n 's/^#define DOVECOT_VERSION "\(.*\)"$/\1/p' \
    "$dovecot_includedir/config.h" 2>/dev/null`

  dnl for the tests
  pop_policy_prefix=`cd "$dovecotdir/../.." && pwd`
  AC_PATH_PROG([DOVECOT], [dovecot], [/usr/sbin/dovecot],
    [$pop_policy_prefix/sbin$PATH_SEPARATOR/usr/sbin])
])

dnl POP_POLICY_DOVECOT_STAMP
dnl The stamp holds a checksum of what was built against. Makefile empties it when
dnl Dovecot has changed since, and is then configured anew. Objects are older
dnl than that, but so may be the headers: packages keep their dates.
AC_DEFUN([POP_POLICY_DOVECOT_STAMP], [
  pop_policy_checksum=`$SHELL "$srcdir/build-aux/dovecot-checksum.sh" \
    "$dovecotdir" "$dovecot_includedir"`
  AS_IF([test -f dovecot.stamp &&
         test "$pop_policy_checksum" != "`cat dovecot.stamp`"], [
    AC_MSG_NOTICE([Dovecot has changed: all will be compiled again])
    find src tests bench -name '*.o' -exec rm -f {} + \
      -o -name '*.lo' -exec rm -f {} + 2>/dev/null
  ])
  echo "$pop_policy_checksum" >dovecot.stamp
  AC_SUBST([CONFIG_STATUS_DEPENDENCIES], ['$(top_builddir)/dovecot.stamp'])
])
