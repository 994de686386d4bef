#!/bin/bash
# upgrade.sh before CASE | now CASE AWAY: Dovecot goes from Debian 13 to sid.
# "before" sets it up, "now" upgrades it and counts the steps of dpkg for which
# IMAP is away; AWAY: how many they were without our package. CASE: stock, without
# our package; alone, with our package for Debian 13; rebuilt, if the repository
# has it for sid too.

set -eu -o pipefail
. tests/packages/mail.sh

# steps: how many dpkg has logged. They measure time on a busy machine, too.
steps() {
	wc -l </var/log/dpkg.log
}

# watch: writes for how many steps IMAP was away at most, until it is ended
watch() {
	local last now longest=0
	last=$(steps)
	while :; do
		now=$(steps)
		if [ "$(imap)" = '*' ]; then
			[ $((now - last)) -le "$longest" ] || longest=$((now - last))
			echo "$longest" >/tmp/away.new
			mv /tmp/away.new /tmp/away
			last=$now
		fi
		sleep 0.05
	done
}

# all_configured: nothing is left half done
all_configured() {
	expect 'all packages are configured' '' \
		"$(dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' |
			grep -v -E '^(ii|rc) ')$(dpkg --audit)"
}

# version PACKAGE: what is installed
version() {
	dpkg-query --show --showformat '${db:Status-Status} ${Version}\n' "$1" \
		2>/dev/null | sed -n 's/^installed //p'
}

# abi: that of the installed Dovecot
abi() {
	dpkg-query --show --showformat '${Provides}\n' dovecot-core |
		grep -o 'dovecot-abi-[^, ]*' | cut -d- -f3
}

before() {
	quietly apt-get install dovecot-pop3d dovecot-imapd
	accounts
	if [ "$1" != stock ]; then
		quietly apt-get install ./dovecot-pop-policy_*.deb
		switch_on
		readme_policy
	fi
	quietly service dovecot stop
}

now() {
	local old watcher
	old=$(version dovecot-core)
	quietly service dovecot start
	running
	watch &
	watcher=$!
	quietly apt-get full-upgrade
	sleep 1
	kill "$watcher"
	grep -E '^(Removing|Setting up|Processing).* dovecot' /tmp/said
	all_configured
	running
	doveconf >/dev/null || failure 'doveconf'
	[ "$(version dovecot-core)" != "$old" ] || failure 'Dovecot is the old one'
	echo "IMAP was away for $(cat /tmp/away) steps, without our package ${2:--}"
	# (a package that comes or goes takes about ten)
	[ -z "$2" ] || [ "$(cat /tmp/away)" -le $(($2 + 20)) ] || failure 'too long'
	[ "$1" = stock ] || "after_$1"
}

# our package for sid takes over
taken_over() {
	expect 'Bob is refused' "$disabled" "$(stat bob)"
	expect 'what Ann deleted stays out of the queue' 1 "$(stat ann)"
	expect 'Cay has spam as well' 3 "$(stat cay)"
}

after_alone() {
	expect 'apt has removed our package' '' "$(version dovecot-pop-policy)"
	for user in ann bob cay; do
		expect "POP is closed for $user" - "$(stat "$user" | cut -c1)"
	done
	quietly apt-get install ./dovecot-pop-policy_*+"$(abi)"_*.deb
	running
	taken_over
}

after_rebuilt() {
	expect 'our package is the one for this Dovecot' "$(abi)" \
		"$(version dovecot-pop-policy | cut -d+ -f2)"
	taken_over
}

"$@"
