#!/bin/sh
# bootstrap.sh SET...: make a clone ready to build (set "build"), test ("test"),
# measure ("bench"), make Debian packages ("deb"), lint ("lint") or test in
# chroots ("chroot"): install the Debian packages of these sets that are missing,
# then run autoreconf and configure if there is no Makefile.
# GNUmakefile calls it. CONFIGURE_FLAGS: more arguments for configure.

# shellcheck disable=SC2046,SC2086 # package lists and flags are words

set -eu

build_packages='autoconf automake dovecot-core dovecot-dev gcc libc6-dev
	libldap-dev libtool make'
test_packages='ca-certificates curl dovecot-imapd dovecot-ldap dovecot-lmtpd
	dovecot-pop3d e2fsprogs fetchmail getmail6 iproute2 ldap-utils mount mpop
	mutt openssl python3 python3-pytest python3-pytest-xdist slapd valgrind'
bench_packages='strace valgrind'
deb_packages='build-essential debhelper'
lint_packages='binutils cppcheck python3 shellcheck'
chroot_packages='debian-archive-keyring git mmdebstrap mount'

lock=/run/dovecot-pop-policy-bootstrap.lock
policy=/usr/sbin/policy-rc.d
policy_mark='# dovecot-pop-policy: no service starts while packages are installed'

say() {
	echo "bootstrap: $*"
}

die() {
	say "$*" >&2
	exit 1
}

# Full text search: no package of Debian 12 has what is in those of later ones.
fts_package() {
	if grep -q '^VERSION_ID="12"' /etc/os-release; then
		echo dovecot-fts-xapian
	else
		echo dovecot-flatcurve
	fi
}

# missing PACKAGE...: those that are not installed
missing() {
	for package in "$@"; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" \
			2>/dev/null) || status=
		[ "$status" = installed ] || printf ' %s' "$package"
	done
}

# Debian starts a server as soon as its package is there: a Dovecot on ports
# 110 and 143 that nobody asked for. A policy-rc.d that exists already is the
# administrator's and stays, unless a killed run of ours left it behind.
forbid_services() {
	trap allow_services EXIT
	trap 'exit 1' HUP INT TERM
	if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
		printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" >"$policy"
		chmod 755 "$policy"
	fi
}

allow_services() {
	if grep -qxF "$policy_mark" "$policy" 2>/dev/null; then
		rm -f "$policy"
	fi
	trap - EXIT HUP INT TERM
}

# apt_get ARGUMENT...: silent unless it fails
apt_get() {
	output=$(DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes \
		-o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@" \
		2>&1 </dev/null 9>&-) || {
		printf '%s\n' "$output" >&2
		return 1
	}
}

# install_packages PACKAGE...: one clone at a time; the other one may well have
# installed them in the meantime.
install_packages() {
	exec 9>"$lock"
	flock 9
	set -- $(missing "$@")
	[ $# -gt 0 ] || return 0

	say "installing, without starting any service: $*"
	forbid_services
	apt_get update || say 'apt-get update failed, going on with the old lists'
	apt_get install --no-install-recommends "$@" ||
		die "apt-get could not install: $*"
	allow_services
	if [ -d /run/systemd/system ]; then
		say 'new services may start at the next boot, see "systemctl disable"'
	fi
	exec 9>&-
}

need_packages() {
	if ! command -v dpkg-query >/dev/null; then
		say "not a Debian system, this has to be there: $*"
		return
	fi
	set -- $(missing "$@")
	[ $# -gt 0 ] || return 0
	[ "$(id -u)" -eq 0 ] || die "packages are missing, as root run:
  apt-get install --no-install-recommends $*"
	install_packages "$@"
}

# The folder that holds dovecot-config, where distributions put it.
find_dovecot() {
	for dir in /usr/lib/dovecot /usr/lib64/dovecot /usr/local/lib/dovecot; do
		if [ -f "$dir/dovecot-config" ]; then
			echo "$dir"
			return
		fi
	done
}

cd "$(dirname "$0")/.."

packages=
for set in "$@"; do
	case $set in
	build) packages="$packages $build_packages" ;;
	test) packages="$packages $test_packages $(fts_package)" ;;
	bench) packages="$packages $bench_packages" ;;
	deb) packages="$packages $deb_packages" ;;
	lint) packages="$packages $lint_packages" ;;
	chroot) packages="$packages $chroot_packages" ;;
	*) die "no such set of packages: $set" ;;
	esac
done
need_packages $packages

if [ ! -f Makefile ]; then
	say 'autoreconf and configure'
	autoreconf --install --warnings=no-obsolete
	dovecot=$(find_dovecot)
	./configure --quiet ${dovecot:+--with-dovecot="$dovecot"} \
		${CONFIGURE_FLAGS:-}
fi
