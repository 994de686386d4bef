#!/bin/bash
# quick-start.sh: do what the README says under "Five minutes to a first policy",
# on a bare Debian. $APT: "installed" if the packages are there already.

set -eu -o pipefail
. tests/packages/mail.sh

# step NUMBER: that part of the section
step() {
	sed -n '/^## Five minutes/,/^## Policies/p' README.md |
		sed -n "/^$1\\\\\\./,/^$(($1 + 1))\\\\\\./p"
}

# commands NUMBER: run those of the step, which are the indented lines
commands() {
	local lines
	lines=$(step "$1" | sed -n 's/^    //p')
	[ -n "$lines" ] || failure "step $1 has no commands"
	echo "$lines"
	[ -z "${APT:-}" ] || lines=$(sed '/^apt install/d' <<<"$lines")
	quietly bash -e -c "$lines"
}

# file NUMBER PATH BLOCK: that step names the file and has its text
file() {
	step "$1" | grep --quiet --fixed-strings "\`$2\`" ||
		failure "step $1 does not name $2"
	block "$3" >"$2"
	[ -s "$2" ] || failure "the README has no text for $2"
}

commands 1
file 2 /etc/dovecot/dovecot.conf "dovecot.conf for $(series)"
commands 3
file 4 /etc/dovecot/pop-policy.conf "pop-policy.conf for $(series)"
file 5 /etc/dovecot/users users
commands 5
running
readme_policy

# Cay's policy is "since 2026": the README's Maildir gets a mail of a second before
old=/var/vmail/cay/Maildir/new/old
printf 'Subject: old\n\nHello.\n' >"$old"
touch --date=2025-12-31T23:59:59Z "$old"
chown vmail:vmail "$old"
expect 'Cay has nothing of 2025' 3 "$(stat cay)"
expect 'which is in her mailbox' 3 "$(stored cay INBOX)"
