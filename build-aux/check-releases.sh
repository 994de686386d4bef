#!/bin/bash
# check-releases.sh DOVECOT_GIT TAG...: compile every source of ours, with
# warnings as errors, against the headers of each of these releases (or
# branches) of a git clone of Dovecot. Dovecot itself is not built: the headers
# that a release installs and its dovecot.m4 are taken from git, and its config.h
# is this machine's with the release's version in it. So this tells whether the sources
# fit a release, not whether the result works there.
#
# CC=clang, CC=musl-gcc (package musl-tools): with another compiler or C library.
# Beside what bootstrap.sh installs to build, nothing else is needed.

set -u -o pipefail

folder=
rows=

say() {
	echo "check-releases: $*"
}

die() {
	say "$*" >&2
	exit 1
}

# shellcheck disable=SC2317 # the trap calls it
clean_up() {
	[ -z "$folder" ] || rm -rf "$folder"
}

# prepare_sources: a copy of this tree, ready to be configured, without what
# was built in it
prepare_sources() {
	mkdir "$folder/tree" &&
		git -c safe.directory='*' ls-files -z --cached --others \
			--exclude-standard |
		tar --create --null --verbatim-files-from --files-from=- \
			--ignore-failed-read |
			tar --extract --directory="$folder/tree" &&
		(cd "$folder/tree" && autoreconf --install --warnings=no-obsolete) \
			>"$folder/log" 2>&1
}

# checkout TAG: the release's headers, what says which of them it installs, and
# its macros for the configure of plugins.
# (Not all of the tree: a partial clone need not have it.)
checkout() {
	rm -rf "$folder/dovecot" && mkdir "$folder/dovecot" &&
		git -c safe.directory='*' -C "$dovecot_git" archive "$1" -- \
			':(glob)src/**/*.h' ':(glob)src/**/Makefile.am' m4/dovecot.m4 |
		tar --extract --directory="$folder/dovecot"
}

# installed_headers MAKEFILE_AM: what automake would install from its folder.
# Without automake's conditionals make can read it: both branches count.
installed_headers() {
	{
		sed -E '/^(if|else|endif|include|-include)\>/d' "$1"
		# shellcheck disable=SC2016 # make expands it
		printf '\nprint-headers-of-release:\n\t@echo %s\n' \
			'$(pkginc_lib_HEADERS) $(pkginclude_HEADERS)'
	} | make --silent --no-print-directory --file=- \
		srcdir=. print-headers-of-release 2>/dev/null
}

# install_headers: all in one folder, as an installed Dovecot has them
install_headers() {
	local makefile from header
	mkdir "$folder/dovecot/include"
	while IFS= read -r makefile; do
		from=${makefile%/*}
		for header in $(installed_headers "$makefile"); do
			# what is not there is generated when Dovecot is built
			[ ! -f "$from/$header" ] ||
				cp "$from/$header" "$folder/dovecot/include/"
		done
	done < <(grep -rlE --include=Makefile.am 'pkginc(_lib|lude)_HEADERS' \
		"$folder/dovecot/src")
	[ -f "$folder/dovecot/include/lib.h" ]
}

# fake_dovecot TAG: what configure finds of a release
fake_dovecot() {
	local include=$folder/dovecot/include numbers
	IFS=. read -r -a numbers <<<"${1//[^0-9.]/}..."
	sed -e "s/^\(#define [A-Z_]*VERSION\) \".*\"/\1 \"$1\"/" \
		-e "s/^\(#define DOVECOT_ABI_VERSION\) .*/\1 \"$1.ABIv0\"/" \
		-e "s/^\(#define DOVECOT_VERSION_MAJOR\) .*/\1 ${numbers[0]:-0}/" \
		-e "s/^\(#define DOVECOT_VERSION_MINOR\) .*/\1 ${numbers[1]:-0}/" \
		-e "s/^\(#define DOVECOT_VERSION_MICRO\) .*/\1 ${numbers[2]:-0}/" \
		"$installed/config.h" >"$include/config.h" &&
		cat >"$folder/dovecot/dovecot-config" <<-END
			DOVECOT_INSTALLED=yes
			DOVECOT_CFLAGS="-std=gnu99 -g -O2"
			LIBDOVECOT="-L$folder/dovecot -ldovecot"
			LIBDOVECOT_INCLUDE="-I$include"
			dovecot_pkgincludedir=$include
			dovecot_pkglibdir=$folder/dovecot
			dovecot_pkglibexecdir=$folder/dovecot
			dovecot_docdir=$folder/dovecot
			dovecot_moduledir=$folder/dovecot/modules
			dovecot_statedir=$folder/dovecot
		END
}

# What the sources include beside Dovecot is the same for every C library, but
# musl's compiler does not look where it lies.
other_headers() {
	local name
	mkdir "$folder/others" || return
	for name in ldap.h ldap_cdefs.h ldap_features.h ldap_schema.h \
		ldap_utf8.h lber.h lber_types.h openldap.h valgrind; do
		[ ! -e "/usr/include/$name" ] ||
			ln -s "/usr/include/$name" "$folder/others/"
	done
}

# libldap and libdovecot are not linked with, whatever the C library.
configure_release() {
	cp "$folder/dovecot/m4/dovecot.m4" ../tree/m4/ &&
		(cd ../tree && autoreconf --warnings=no-obsolete) || return
	ac_cv_lib_ldap_ldap_init_fd=yes ../tree/configure --quiet \
		--with-dovecot="$folder/dovecot" --enable-werror \
		CPPFLAGS="${CPPFLAGS:-} -idirafter $folder/others"
}

# All modules, which leave what Dovecot has undefined, and the objects of the
# programs, which would need it.
compile_release() {
	local file programs=()
	for file in ../tree/tests/unit/test-*.c; do
		file=${file##*/}
		programs+=("${file%.c}.o")
	done
	make --jobs=2 -C src LDAP_LIBS= &&
		make --jobs=2 -C tests/unit "${programs[@]}" &&
		make --jobs=2 bench/floor20.la bench/ldap_lookup-ldap-lookup.o
}

# check_release TAG: one row of the table
check_release() {
	local start=$SECONDS result=ok log=$folder/log
	{
		checkout "$1" && install_headers && fake_dovecot "$1" &&
			rm -rf "$folder/build" && mkdir "$folder/build"
	} >"$log" 2>&1 || result='FAILED: no headers'
	cd "$folder/build" || die "cannot enter $folder/build"
	if [ "$result" = ok ] && ! configure_release >"$log" 2>&1; then
		result=$(sed -n 's/^configure: error: /refused: /p' "$log")
	elif [ "$result" = ok ]; then
		compile_release >"$log" 2>&1 || result=FAILED
	fi
	cd "$OLDPWD" || exit 1
	[ "$result" = ok ] || grep -E '(error|Error|fatal)[: ]' "$log" | head -n 20
	say "$1: ${result:-FAILED: configure} ($((SECONDS - start)) s)"
	rows+=$(printf '\n%-12s %s' "$1" "${result:-FAILED: configure}")
	[ "$result" = ok ]
}

[ $# -ge 2 ] || die 'arguments: DOVECOT_GIT TAG...'
dovecot_git=$(cd "$1" && pwd) || exit 1
shift
cd "$(dirname "$0")/.." || exit 1
env --unset=CC build-aux/bootstrap.sh build >&2 || exit 1
installed=$(sed -n 's/^dovecot_includedir = //p' Makefile)
[ -f "$installed/config.h" ] || die "no config.h of Dovecot in ${installed:-Makefile}"
trap clean_up EXIT
trap 'exit 130' HUP INT TERM
folder=$(mktemp --directory) || exit 1
unset MAKEFLAGS MAKELEVEL MFLAGS
prepare_sources || {
	cat "$folder/log"
	die 'autoreconf failed'
}
other_headers || exit 1

failed=0
for tag in "$@"; do
	check_release "$tag" || failed=1
done
printf '\n%-12s with %s%s\n' release "${CC:-cc}" "$rows"
exit "$failed"
