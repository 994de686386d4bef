#!/bin/sh
# make-deb.sh SOURCE: build the Debian packages from a copy of the source, for
# the Dovecot that is installed here, and leave them beside it. "make deb" calls
# this. DEB_BUILD_OPTIONS as usual.

set -eu

# What a calling make says to its children is not meant for this one.
unset MAKEFLAGS MAKELEVEL MFLAGS

source=$1
abi=$(cat /usr/share/dovecot/dovecot-abi) || {
	echo 'make-deb: no dovecot-dev here, which says what to build for' >&2
	exit 1
}

# A package for a newer Dovecot is a newer package, so that both go together.
sed -i "1s/(\(.*\))/(\1+$abi)/" "$source/debian/changelog"

scratch=$(mktemp --directory ./deb-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
mv "$source" "$scratch/source"
(cd "$scratch/source" && dpkg-buildpackage --build=binary --no-sign)
mv "$scratch"/*.deb .
echo "Built for dovecot-abi-$abi:"
ls dovecot-pop-policy*+"$abi"_*.deb
