#!/bin/bash
# check-all.sh [ENVIRONMENT...] [-- COMMAND...]: all tests, with the Dovecots of
# several Debians. An environment is "native", this machine as it is, or a Debian
# suite ("trixie", "bookworm-backports", "sid"), which gets a chroot. Without
# arguments: those in CHECK_ALL, or else all of these. "make check-all" calls
# this, as root.
#
# For each of them: make check, make demo, make distcheck, make check-databases
# and make check-webmail; for one named as "sid:main" the first three, and for
# "sid:release" only make check with the tests that depend on the release of
# Dovecot, each with one storage format in place of all, and without valgrind. The
# table at the end says what came of it; what could not be tested has failed.
#
# A chroot is made once and then kept in POP_POLICY_CACHE, with the packages
# that the tree itself installs there, brought up to date once a day. The tree
# as it is here at the start, commit or not, is copied into it, built and tested
# from scratch. A COMMAND runs in that copy instead of the tests, and finds what
# the one before it has built:
#
#     build-aux/check-all.sh trixie -- make check-server PYTEST_ARGS='-k uidl'

set -u -o pipefail

tree=/usr/src/dovecot-pop-policy # in a chroot
webmail_cache=/var/cache/dovecot-pop-policy/webmail # in a chroot
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
newest_key=/usr/share/keyrings/debian-archive-trixie-automatic.gpg

say() {
	echo "check-all: $*"
}

die() {
	say "$*" >&2
	exit 1
}

# limited TIME COMMAND...: nothing may hang for ever. All limits in here are far
# beyond what a machine takes that is busy with other things.
limited() {
	timeout --kill-after=30s "$@"
}

# mirror LABEL: where this machine gets Debian's packages from
mirror() {
	# shellcheck disable=SC2016 # apt expands it
	apt-get indextargets --format '$(REPO_URI)' \
		'Identifier: Packages' 'Origin: Debian' "Label: $1" | sed -n 1p
}

# The sources.list of the suite
sources() {
	local main security base=${suite%-backports}
	main=$(mirror Debian)
	security=$(mirror Debian-Security)
	echo "deb $main $base main"
	if [ "$base" != sid ]; then
		echo "deb $main $base-updates main"
		[ -z "$security" ] || echo "deb $security $base-security main"
	fi
	[ "$suite" = "$base" ] || echo "deb $main $suite main"
}

# Dovecot from the backports, as apt-get -t would take it, all else not.
prefer_backports() {
	[ "$suite" != "${suite%-backports}" ] || return 0
	printf '%s\n' 'Package: dovecot-*' "Pin: release n=$suite" \
		'Pin-Priority: 990' >"$root.new/etc/apt/preferences.d/dovecot"
}

# All signatures are verified. The keys of Debian 13, which sign sid too, came
# to Debian 12 in an update, itself signed with keys of Debian 12.
need_keys() {
	[ -f "$newest_key" ] ||
		limited 30m apt-get --quiet --yes install debian-archive-keyring
}

# A mirror may be a snapshot, in which the lists of sid are soon out of date.
make_chroot() {
	say "making $root"
	rm -rf --one-file-system "$root.new"
	[ -n "$(mirror Debian)" ] || limited 30m apt-get --quiet update
	[ -n "$(mirror Debian)" ] || die "apt knows of no Debian mirror here"
	need_keys &&
		sources | limited 1h mmdebstrap --mode=root --variant=apt \
			--include=ca-certificates,make --keyring="$keyring" \
			--aptopt='Acquire::Check-Valid-Until "false"' \
			--aptopt='Acquire::Languages "none"' \
			--aptopt='APT::Install-Recommends "false"' \
			--dpkgopt=force-unsafe-io "${suite%-backports}" "$root.new" - &&
		prefer_backports &&
		printf '#!/bin/sh\nexit 101\n' >"$root.new/usr/sbin/policy-rc.d" &&
		chmod 755 "$root.new/usr/sbin/policy-rc.d" &&
		touch "$root.updated" &&
		mv "$root.new" "$root"
}

# in_chroot FOLDER TIME COMMAND...: as clean as a login
in_chroot() {
	# shellcheck disable=SC2016 # the inner shell expands it
	chroot "$root" /usr/bin/env --ignore-environment \
		PATH=/usr/lib/ccache:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		CCACHE_DIR=/var/cache/dovecot-pop-policy/ccache \
		CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=/tmp \
		HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		CONFIGURE_FLAGS="${CONFIGURE_FLAGS:-}" \
		${http_proxy:+http_proxy="$http_proxy"} \
		${https_proxy:+https_proxy="$https_proxy"} \
		sh -c 'cd "$0" && exec timeout --kill-after=30s "$@"' "$@"
}

# The mounts are seen in here only, and gone when the last process is. Tests write
# many small files, so these are in memory. What npm has fetched for the webmail
# page is for all of them.
mount_chroot() {
	mount -t proc proc "$root/proc" &&
		mount -t tmpfs -o mode=1777 tmpfs "$root/tmp" &&
		mount --rbind /dev "$root/dev" &&
		mkdir -p "$cache/webmail" "$root$webmail_cache" &&
		mount --bind "$cache/webmail" "$root$webmail_cache" &&
		cp --dereference /etc/resolv.conf /etc/hosts "$root/etc"
}

# dpkg: a run that was killed may have left packages without configuration.
update_chroot() {
	in_chroot / 30m dpkg --configure -a || return
	[ -z "$(find "$root.updated" -mtime -1)" ] || return 0
	say 'updating packages'
	if in_chroot / 30m apt-get --quiet update &&
		in_chroot / 1h apt-get --quiet --yes full-upgrade; then
		touch "$root.updated"
	else
		say 'no update, going on with the packages that are there'
	fi
}

# All that git knows, or would if told, and that is there
list_files() {
	local file
	git -c safe.directory='*' ls-files -z --cached --others --exclude-standard |
		while IFS= read -r -d '' file; do
			[ ! -e "$file" ] || printf '%s\0' "$file"
		done
}

save_tree() {
	list_files | tar --create --null --verbatim-files-from --files-from=- \
		--file="$POP_POLICY_TREE"
}

copy_tree() {
	mkdir -p "$root$tree" &&
		tar --extract --no-same-owner --directory="$root$tree" \
			--file="$POP_POLICY_TREE"
}

# here TIME COMMAND...: in the tree of this environment
here() {
	if [ "$suite" = native ]; then
		limited "$@"
	else
		in_chroot "$tree" "$@"
	fi
}

# failed WHAT: the table will tell
failed() {
	say "failed: $*"
	return 1
}

# step TIME COMMAND...: here, and what comes after it runs all the same
step() {
	here "$@" || {
		failed "${*:2}"
		result=1
	}
}

run_tests() {
	local result=0
	step 1h make --jobs="$(nproc)" all
	if [ "$part" = release ]; then
		step 2h make check CHECK_VALGRIND=no \
			PYTEST_ARGS='-m release --storage-in-turn'
	else
		step 4h make check
	fi
	[ "$result" -eq 0 ] || here 10m cat tests/unit/test-suite.log
	say "Dovecot $(here 10m dovecot --version)"
	if [ "$part" != release ]; then
		step 1h make demo
		step 1h make --jobs="$(nproc)" distcheck CHECK_SERVER=no \
			CHECK_VALGRIND=no
	fi
	if [ "$part" = "$suite" ]; then
		step 1h make check-databases
		step 1h make check-webmail
	fi
	return "$result"
}

# inside ENVIRONMENT [COMMAND...]: what runs in namespaces of its own
inside() {
	local suite=${1%%:*} part=${1#*:} root
	root=$cache/$suite
	shift
	exec 9>"$root.lock"
	flock --nonblock 9 || {
		say "waiting, another run is using $suite"
		flock --timeout 14400 9 || die "$root.lock has been held for 4 hours"
	}
	if [ "$suite" != native ]; then
		[ -d "$root" ] || make_chroot || failed 'making a chroot' || return
		[ $# -gt 0 ] || rm -rf --one-file-system "$root$tree"
		mount_chroot && update_chroot && copy_tree ||
			failed 'preparing the chroot' || return
	fi
	if [ $# -gt 0 ]; then
		here 4h "$@"
	else
		run_tests
	fi
}

# Namespaces leave nothing behind, no mount and no process, however this ends.
logs=
child=
clean_up() {
	if [ -n "$child" ]; then
		kill -KILL "$child"
		wait "$child" 2>/dev/null
	fi
	[ -z "$logs" ] || rm -rf "$logs"
}

# run_environment NAME [COMMAND...]: shows the log as it grows. In the
# background signals reach this script at once, but SIGINT would be ignored.
run_environment() {
	local log=$logs/$1 printer status=0
	: >"$log"
	setpriv --pdeathsig KILL \
		unshare --mount --pid --fork --kill-child --mount-proc \
		env --default-signal=INT,QUIT build-aux/check-all.sh --inside "$@" \
		>"$log" 2>&1 </dev/null &
	child=$!
	tail --quiet --follow --lines=+1 --pid="$child" "$log" |
		sed --unbuffered "s/^/$1: /" &
	printer=$!
	wait "$child" || status=$?
	child=
	wait "$printer"
	return "$status"
}

# verdict LOG STATUS: a run that collected no test proves nothing
verdict() {
	local steps unit server
	steps=$(sed -n 's/^check-all: failed: //p' "$1" | paste --serial --delimiters=,)
	unit=$(sed -n 's/^# PASS: *//p' "$1" | head -n 1)
	server=$(sed -nE 's/^=+ (.*(passed|failed|error).*) =+$/\1/p' "$1" |
		paste --serial --delimiters=+)
	case $2:${unit:-0}:$server in
	0:0:* | 0:*:) echo 'FAILED, nothing was tested' ;;
	0:*) echo "ok, unit tests: $unit passed, server tests: $server" ;;
	*) echo "FAILED${steps:+: $steps}${server:+, server tests: $server}" ;;
	esac
}

# failures NAME LOG: the server tests that failed, as pytest names them
failures() {
	sed -nE "s/^(FAILED|ERROR) (tests.*)/$1: \2/p" "$2"
}

# stale VERSION: has the README another one?
stale() {
	[ -n "$1" ] && ! grep --quiet --fixed-strings "$1" README.md
}

# check NAME...: all of them, even after a failure, and then the table
check() {
	local name status result version failed=0 rows=
	for name in "$@"; do
		status=0
		run_environment "$name" || status=$?
		result=$(verdict "$logs/$name" "$status")
		[ "${result%%,*}" = ok ] || failed=1
		version=$(sed -n 's/^check-all: Dovecot \([^ -]*\).*/\1/p' "$logs/$name")
		! stale "$version" || result+=' (README.md: another Dovecot)'
		rows+=$(printf '\n%-26s %-10s %s' "$name" "$version" "$result")
		failures "$name" "$logs/$name" >>"$logs/failures"
	done
	printf '\n%-26s %-10s %s%s\n' environment Dovecot result "$rows"
	cat "$logs/failures"
	return "$failed"
}

main() {
	local names=() name
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		names+=("$1")
		shift
	done
	if [ ${#names[@]} -eq 0 ]; then
		read -r -a names <<<"${CHECK_ALL:-native trixie bookworm-backports sid}"
	fi
	[ "$(id -u)" -eq 0 ] || die 'only root can make chroots'
	trap clean_up EXIT
	trap 'exit 130' HUP INT TERM
	build-aux/bootstrap.sh build chroot && mkdir -p "$cache" || exit 1
	logs=$(mktemp --directory) || exit 1
	export POP_POLICY_TREE=$logs/tree.tar # for --inside
	save_tree || exit 1
	if [ "${1:-}" != -- ]; then
		check "${names[@]}"
		return
	fi
	shift
	for name in "${names[@]}"; do
		run_environment "$name" "$@" || return
	done
}

cd "$(dirname "$0")/.." || exit 1
. build-aux/ccache.sh
# What a calling make says to its children is not meant for these.
unset MAKEFLAGS MAKELEVEL MFLAGS
if [ "${1:-}" = --inside ]; then
	shift
	inside "$@"
else
	main "$@"
fi
