#!/bin/sh
# lint.sh MODULE...: look over the sources and the built modules. "make lint"
# calls it in the source folder. It says all it finds, then fails if any was
# wrong.

set -u

failed=

for module in "$@"; do
	[ -f "$module" ] || {
		echo "lint: no such module: $module"
		exit 1
	}
done

# found WHAT TEXT: a failure if TEXT is not empty
found() {
	[ -n "$2" ] || return 0
	printf '%s\n%s\n' "lint: $1:" "$2"
	failed=yes
}

# longer COLUMNS FILE...: lines that are longer, a tab being up to 8 columns;
# the first one holds the copyright
longer() {
	columns=$1
	shift
	for file in "$@"; do
		[ -f "$file" ] || continue
		expand "$file" | awk -v max="$columns" -v file="$file" \
			'NR > 1 && length($0) > max { print file ":" NR ": " length($0) }'
	done
}

# soft_spots MODULE: what Dovecot's own modules have and this one has not
soft_spots() {
	dynamic=$(readelf --dynamic --wide "$1")
	segments=$(readelf --segments --wide "$1")
	symbols=$(nm --dynamic --undefined-only "$1")
	echo "$segments" | grep -q 'GNU_RELRO' || echo 'no RELRO segment'
	echo "$dynamic" | grep -q 'BIND_NOW' || echo 'symbols are not bound at once'
	echo "$segments" | grep 'GNU_STACK' | grep -q ' RW ' ||
		echo 'an executable stack'
	echo "$segments" | grep -q ' RWE ' && echo 'a segment to write and execute'
	echo "$dynamic" | grep -q 'TEXTREL' && echo 'relocations in the code'
	echo "$symbols" | grep -q '__stack_chk_fail' || echo 'no stack protector'
}

# if_there PROGRAM ARGUMENT...
if_there() {
	if command -v "$1" >/dev/null; then
		"$@" || failed=yes
	else
		echo "lint: no $1 here, left out"
	fi
}

/usr/bin/python3 build-aux/check-structure.py || failed=yes
# (cppcheck does not know what array_foreach() sets; the compiler does)
if_there cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c99 \
	--suppress=normalCheckLevelMaxBranches --suppress=uninitvar \
	--enable=warning,performance,portability -DATTR_UNUSED= \
	-DDOVEADM_CMD_PARAMS_START= -DDOVEADM_CMD_PARAMS_END= \
	-DDOVEADM_CMD_MAIL_COMMON= '-DDOVEADM_CMD_PARAM(o,n,t,f)=' \
	'-DHASH_TABLE_TYPE(name)=void *' \
	-I src/lib -I src/common -I src/plugin -I src/ldap -I src/doveadm src
for script in .ci/run build-aux/bootstrap.sh build-aux/check-all.sh \
	build-aux/check-releases.sh build-aux/lint.sh build-aux/make-deb.sh \
	build-aux/run-test.sh.in debian/dovecot-pop-policy.postrm \
	debian/tests/quick-start tests/mutants/*.sh tests/packages/*.sh; do
	[ ! -f "$script" ] || if_there shellcheck --external-sources "$script"
done

if command -v php >/dev/null; then
	found 'no PHP' "$(find webmail tests/webmail -type f \( -name '*.php' -o \
		-name '*.inc' -o -name '*.dist' \) -exec php -l {} \; 2>&1 |
		grep -v '^No syntax errors')"
else
	echo 'lint: no php here, left out'
fi

over=$(longer 80 src/*/*.[ch] tests/unit/*.c tests/fuzz/*.[ch])
[ -z "$over" ] || printf 'lint: over 80 columns, better shorter:\n%s\n' "$over"
found 'over 100 columns' "$(longer 100 src/*/*.[ch] tests/unit/*.c \
	tests/fuzz/*.[ch])"

found 'version conditional outside the compat files' "$(
	grep -rnE '#[[:space:]]*(el)?if.*(DOVECOT|DNS_CLIENT)' \
		--include='*.[ch]' --exclude='pop-policy-compat-*.c' \
		src tests/unit tests/fuzz)"

version=$(sed -n 's/^AC_INIT.*, \[\(.*\)\])$/\1/p' configure.ac)
found "not of version $version" "$(
	grep --files-without-match --fixed-strings "${version:-none}" NEWS \
		debian/changelog packaging/alpine/APKBUILD packaging/rpm/*.spec)"

for module in "$@"; do
	found "exported symbol without pop_policy_ in $module" "$(
		nm --dynamic --defined-only --format=posix "$module" |
			awk '$1 !~ /^(doveadm_)?pop_policy_/ { print $1 }')"
	found "$module has an rpath" "$(
		readelf --dynamic "$module" | grep -E '\((RPATH|RUNPATH)\)')"
	found "$module is not hardened" "$(soft_spots "$module")"
done
# Of our modules only this one calls a function that has a checking variant.
case $* in
*/libpop_policy_ldap.so*)
	nm --dynamic --undefined-only "$@" | grep -q '__[a-z]*_chk@' ||
		found 'built without _FORTIFY_SOURCE' 'no checking function' ;;
esac

[ -z "$failed" ] || exit 1
echo 'lint: nothing wrong'
