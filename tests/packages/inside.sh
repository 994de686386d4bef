#!/bin/bash
# inside.sh [backports] STEP...: tests of the packages, in a chroot that has
# nothing of Dovecot. Each step runs in a layer over it, which is gone afterwards.
# "build" builds the packages, "upgrade" goes from Debian 13 to sid with those
# that were built here and there, and another step is a script in this folder.
# "backports": with the Dovecot of Debian's backports.

set -eu -o pipefail

source=$PWD
layers=/run/pop-policy-layers
archives=/var/cache/apt/archives
packages=/usr/src/packages
backports=

say() {
	echo "=== $*"
}

# add_backports: Dovecot comes from Debian's backports
add_backports() {
	sed -n 's/ bookworm main/ bookworm-backports main/p' \
		"$root/etc/apt/sources.list" >"$root/etc/apt/sources.list.d/backports.list"
	printf '%s\n' 'Package: src:dovecot' 'Pin: release n=bookworm-backports' \
		'Pin-Priority: 500' >"$root/etc/apt/preferences.d/backports"
	in_layer apt-get --quiet --quiet update
}

# lay NAME: a new layer over this chroot, and go into it
lay() {
	root=$layers/$1
	mkdir -p "$root" "$layers/.$1"/{upper,work}
	mount -t overlay overlay -o \
		"lowerdir=/,upperdir=$layers/.$1/upper,workdir=$layers/.$1/work" "$root"
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount --bind "$archives" "$root$archives"
	[ -z "$backports" ] || add_backports
	printf '%s\n' 'APT::Get::Assume-Yes "true";' 'Dpkg::Use-Pty "false";' \
		'APT::Keep-Downloaded-Packages "true";' \
		'Binary::apt::APT::Keep-Downloaded-Packages "true";' \
		>"$root/etc/apt/apt.conf.d/99test"
}

# drop NAME: a layer that is not needed any more
drop() {
	umount --recursive --lazy "$layers/$1"
	rm -rf "$layers/.$1"
}

# in_layer COMMAND...
in_layer() {
	# shellcheck disable=SC2016 # the inner shell expands it
	chroot "$root" sh -c 'cd "$0" && exec "$@"' "$source" "$@"
}

# offline COMMAND...: in the layer and its own network, where packages may start
# their services
offline() {
	printf '#!/bin/sh\nexit 0\n' >"$root/usr/sbin/policy-rc.d"
	in_layer unshare --net tests/packages/offline.sh "$@"
}

# fetch PACKAGE...: offline they can be installed from now on
fetch() {
	in_layer sh -c "apt-get --quiet --quiet --download-only install $*" \
		>/dev/null
}

# build: the packages, twice, and lintian over them
build() {
	local package
	rm -rf "$packages"
	mkdir -p "$packages"
	lay build
	in_layer make deb
	cp "$root$source"/*.deb "$packages"
	say 'the same again, which is in another folder'
	in_layer env DEB_BUILD_OPTIONS=nocheck make deb >/dev/null
	for package in "$packages"/*.deb; do
		cmp "$package" "$root$source/$(basename "$package")"
	done
	say 'lintian'
	in_layer apt-get --quiet --quiet install lintian >/dev/null
	cp "$packages"/*.deb "$root/tmp"
	in_layer sh -c 'lintian --fail-on error,warning --display-info \
		/tmp/dovecot-pop-policy_*.deb /tmp/dovecot-pop-policy-ldap_*.deb \
		/tmp/dovecot-pop-policy-roundcube_*.deb'
	in_layer sh -c 'cd /tmp && dpkg-scanpackages .' >"$packages/Packages"
	drop build
}

# try NAME: tests/packages/NAME.sh in a new layer, with our packages at hand
try() {
	say "$1"
	lay "$1"
	cp "$packages"/*.deb "$root$source"
	fetch ./dovecot-pop-policy_*.deb ./dovecot-pop-policy-ldap_*.deb dovecot-imapd
	offline "tests/packages/$1.sh"
	drop "$1"
}

# upgrade_layer CASE: from Debian 13 to sid, see upgrade.sh
upgrade_layer() {
	say "upgrade, $1"
	lay "$1"
	cp "$packages"/*.deb "$root$source"
	fetch ./dovecot-pop-policy_*.deb dovecot-imapd
	offline tests/packages/upgrade.sh before "$1"
	sed -n 's/ trixie main/ sid main/p' "$root/etc/apt/sources.list" \
		>"$root/etc/apt/sources.list.d/sid.list"
	rm "$root/etc/apt/sources.list"
	if [ "$1" = rebuilt ]; then
		echo "deb [trusted=yes] file:$packages-sid ./" \
			>"$root/etc/apt/sources.list.d/ours.list"
	fi
	in_layer apt-get --quiet --quiet update
	in_layer apt-get --quiet --quiet --download-only full-upgrade >/dev/null
	cp "$packages-sid"/*.deb "$root$source"
	offline tests/packages/upgrade.sh now "$1" "$away"
	[ "$1" != stock ] || away=$(cat "$root/tmp/away")
	drop "$1"
}

# upgrade: without our package, with it, and with one for sid in a repository
upgrade() {
	local away=
	upgrade_layer stock
	upgrade_layer alone
	upgrade_layer rebuilt
}

apt-get --quiet --quiet update
# (of Debian's required packages, which any machine has, a chroot lacks some)
apt-get --quiet --quiet --yes install mount passwd >/dev/null
mkdir -p "$layers"
mount -t tmpfs tmpfs "$layers"
for step in "$@"; do
	case $step in
	backports)
		backports=yes
		packages+=-backports ;;
	build)
		build ;;
	upgrade)
		upgrade ;;
	*)
		try "$step" ;;
	esac
done
