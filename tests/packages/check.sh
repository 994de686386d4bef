#!/bin/bash
# check.sh [NAME...]: test the Debian packages in chroots of their own, which
# build-aux/check-all.sh makes and keeps in POP_POLICY_CACHE. "make check-deb"
# calls this, as root. A name is bookworm, backports, trixie, sid or upgrade;
# without names: all. The table at the end says what came of them.

set -u -o pipefail

cd "$(dirname "$0")/../.." || exit 1
export POP_POLICY_CACHE=${POP_POLICY_CACHE:-/var/cache/dovecot-pop-policy}/deb
export CONFIGURE_FLAGS=
inside=tests/packages/inside.sh
steps=("$inside" build quick-start life)
rows=
failed=0

# check NAME SUITE SCRIPT ARGUMENT...: in a chroot of the suite
check() {
	local name=$1 suite=$2 start=$SECONDS result=ok
	shift 2
	rm -rf "$POP_POLICY_CACHE/$suite/usr/src/dovecot-pop-policy"
	build-aux/check-all.sh "$suite" -- "$@" || {
		result=FAILED
		failed=1
	}
	rows+=$(printf '\n%-12s %-6s %4d s' "$name" "$result" $((SECONDS - start)))
}

# hand_over SUITE OTHER: a chroot gets the packages that were built in another
hand_over() {
	local packages=/usr/src/packages
	rm -rf "$POP_POLICY_CACHE/$2$packages-$1"
	cp -r "$POP_POLICY_CACHE/$1$packages" "$POP_POLICY_CACHE/$2$packages-$1"
}

[ $# -gt 0 ] || set -- bookworm backports trixie sid upgrade
for name in "$@"; do
	case $name in
	bookworm | trixie | sid)
		check "$name" "$name" "${steps[@]}" ;;
	backports)
		check "$name" bookworm "$inside" backports "${steps[@]:1}" ;;
	upgrade)
		hand_over sid trixie && check "$name" trixie "$inside" upgrade ;;
	*)
		echo "check-deb: no such test: $name" >&2
		exit 1 ;;
	esac
done
printf '\n%-12s %s%s\n' packages result "$rows"
exit "$failed"
