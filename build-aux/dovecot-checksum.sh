#!/bin/sh
# dovecot-checksum.sh DIR INCLUDEDIR: a checksum of all that the modules are
# built against, Dovecot's dovecot-config and its headers. (Not of their dates,
# nor of the version: security updates change headers and keep the version.)

LC_ALL=C
export LC_ALL
cat "$1/dovecot-config" "$2"/*.h 2>/dev/null | cksum
