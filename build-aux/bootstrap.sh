#!/bin/sh
# bootstrap.sh SET...: make a clone ready to build (set "build"), test ("test",
# with a large mail program "client", with databases and another directory
# "databases", the webmail plugin "webmail"), make Debian packages ("deb"), fuzz
# ("fuzz"), lint ("lint") or test in chroots ("chroot"): install the Debian
# packages of these sets that are missing, then run autoreconf and configure if
# there is no Makefile.
# GNUmakefile calls it. CONFIGURE_FLAGS: more arguments for configure.

# shellcheck disable=SC2046,SC2086 # package lists and flags are words

set -eu

build_packages='autoconf automake dovecot-core dovecot-dev gcc libc6-dev
	libldap-dev libtool make'
test_packages='ca-certificates ccache curl dovecot-imapd dovecot-ldap
	dovecot-lmtpd dovecot-pop3d dovecot-sqlite e2fsprogs iproute2 ldap-utils
	mount openssl python3 python3-pytest python3-pytest-xdist slapd strace
	valgrind'
# Tests are skipped without them. A|B: the first one that apt can install; not
# every distribution has full text search for its own Dovecot.
optional_test_packages='fail2ban fetchmail getmail6 libfaketime mpop mutt
	python3-dkim
	dovecot-flatcurve|dovecot-fts-xapian'
optional_client_packages=thunderbird
database_packages='389-ds-base dovecot-mysql dovecot-pgsql mariadb-client-core
	mariadb-server-core postgresql samba-ad-dc samba-ad-provision'
webmail_packages='chromium-driver chromium-headless-shell dovecot-sqlite
	fonts-dejavu-core php-cli php-ldap php-sqlite3 python3-selenium
	roundcube-core roundcube-sqlite3'
# (there is more than one way to have npm)
command -v npm >/dev/null || webmail_packages="$webmail_packages npm"
deb_packages='build-essential debhelper'
fuzz_packages='clang libclang-rt-dev llvm'
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

# missing PACKAGE...: those that are not installed
missing() {
	for package in "$@"; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" \
			2>/dev/null) || status=
		[ "$status" = installed ] || printf ' %s' "$package"
	done
}

# missing_optional PACKAGE...: those that are not installed and that apt has
missing_optional() {
	for group in "$@"; do
		alternatives=$(echo "$group" | tr '|' ' ')
		[ "$(missing $alternatives | wc -w)" -eq \
			"$(echo "$alternatives" | wc -w)" ] || continue
		for package in $alternatives; do
			if apt-get --simulate --no-install-recommends install \
				"$package" >/dev/null 2>&1; then
				printf ' %s' "$package"
				break
			fi
		done
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

# install_packages: one clone at a time; the other one may well have installed
# them in the meantime.
install_packages() {
	exec 9>"$lock"
	flock 9
	set -- $(missing $packages) $(missing_optional $optional)
	[ $# -gt 0 ] || return 0

	forbid_services
	apt_get update || say 'apt-get update failed, going on with the old lists'
	# the lists may be the first ones
	set -- $(missing $packages) $(missing_optional $optional)
	say "installing, without starting any service: $*"
	apt_get install --no-install-recommends "$@" ||
		die "apt-get could not install: $*"
	allow_services
	if [ -d /run/systemd/system ]; then
		say 'new services may start at the next boot, see "systemctl disable"'
	fi
	exec 9>&-
}

need_packages() {
	set -- $(missing $packages) $(missing_optional $optional)
	[ $# -gt 0 ] || return 0
	if [ "$(id -u)" -eq 0 ]; then
		install_packages
	elif [ -n "$(missing $packages)" ]; then
		die "packages are missing, as root run:
  apt-get install --no-install-recommends $*"
	fi
}

# describe_needs SET...: for systems without apt, whose names we do not know
describe_needs() {
	say 'no apt here, so this has to be there:'
	for set in "$@"; do
		case $set in
		build) say '- the development files of Dovecot and of libldap,' \
			'autoconf, automake, libtool, make, a C compiler' ;;
		test) say '- Dovecot with POP3, IMAP, LMTP, LDAP and SQLite; slapd and the' \
			'LDAP clients; pytest and pytest-xdist for /usr/bin/python3;' \
			'strace, valgrind, curl, openssl, ip, mkfs.ext4, unshare'
			say '- (if they are there they are tested: fetchmail, getmail,' \
				'mpop, mutt, fail2ban, full text search for Dovecot)' ;;
		client) say '- (and Thunderbird, from 153 on)' ;;
		databases) say '- Dovecot with MySQL and PostgreSQL; the servers' \
			'mariadbd, postgres, ns-slapd (389 Directory Server) and' \
			"samba's domain controller" ;;
		webmail) say '- Roundcube 1.6 with SQLite, PHP with LDAP, Chromium with' \
			'its driver, Selenium for /usr/bin/python3, SQLite for Dovecot,' \
			'npm once' ;;
		fuzz) say '- clang with libFuzzer and its sanitizers, llvm' ;;
		lint) say '- binutils, cppcheck, shellcheck, python3' ;;
		chroot) die 'chroots can be made on Debian only' ;;
		esac
	done
}

cd "$(dirname "$0")/.."

packages=
optional=
for set in "$@"; do
	case $set in
	build) packages="$packages $build_packages" ;;
	test)
		packages="$packages $test_packages"
		optional="$optional $optional_test_packages"
		;;
	databases) packages="$packages $database_packages" ;;
	webmail) packages="$packages $webmail_packages" ;;
	client) optional="$optional $optional_client_packages" ;;
	deb) packages="$packages $deb_packages" ;;
	fuzz) packages="$packages $fuzz_packages" ;;
	lint) packages="$packages $lint_packages" ;;
	chroot) packages="$packages $chroot_packages" ;;
	*) die "no such set of packages: $set" ;;
	esac
done
if command -v apt-get >/dev/null; then
	need_packages
else
	describe_needs "$@"
fi

if [ ! -f Makefile ]; then
	say 'autoreconf and configure'
	autoreconf --install --warnings=no-obsolete
	./configure --quiet ${CONFIGURE_FLAGS:-}
fi
