# shellcheck shell=bash
# mail.sh: what the tests of the packages share. They are bash scripts that read
# this file. All accounts have the password "secret".

# failure WHAT: the test is over
failure() {
	echo "FAILED: $*" >&2
	doveadm log errors | tail -n 30 >&2
	exit 1
}

# expect WHAT WANTED SEEN
expect() {
	[ "$2" = "$3" ] || failure "$1: expected '$2', got '$3'"
	echo "ok: $1"
}

# pop USER COMMAND...: logs in, and prints the answers to the login and to the
# commands; ends where one is refused. "gone" if nobody answers.
pop() {
	local user=$1 command answer
	shift
	{ exec 3<>/dev/tcp/127.0.0.1/110; } 2>/dev/null || {
		echo gone
		return
	}
	read -r -t 20 -u 3 answer || answer=gone
	for command in "USER $user" 'PASS secret' "$@" QUIT; do
		printf '%s\r\n' "$command" >&3
		read -r -t 20 -u 3 answer || answer=gone
		answer=${answer%$'\r'}
		case $command in
		USER* | QUIT) ;;
		*) echo "$answer" ;;
		esac
		[ "${answer%% *}" = +OK ] || break
	done
	exec 3>&-
}

# stat USER: how many messages POP has for the user, or the refusal
stat() {
	pop "$1" STAT | sed -n '$s/^+OK \([0-9]*\) .*/\1/; $p'
}

# imap: the first word of IMAP's greeting, "*", or "gone"
imap() {
	local word=gone
	if { exec 4<>/dev/tcp/127.0.0.1/143; } 2>/dev/null; then
		read -r -t 5 -u 4 word _ 2>/dev/null || word=gone
		exec 4>&-
	fi
	echo "$word"
}

# deliver USER MAILBOX SUBJECT
deliver() {
	doveadm mailbox create -u "$1" "$2" 2>/dev/null || true
	printf 'Subject: %s\n\nHello.\n' "$3" | doveadm save -u "$1" -m "$2"
}

# stored USER MAILBOX: how many messages are there, whatever POP says
stored() {
	doveadm search -u "$1" mailbox "$2" all | wc -l
}

# series: 2.3 or 2.4
series() {
	dovecot --version | cut -d. -f1,2
}

# block NAME: the code block that the README marks with this name
block() {
	sed -n "/^<!-- begin: $1 -->/,/^<!-- end/p" README.md | grep -v -e '^<!--' -e '^```'
}

# quietly COMMAND...: what it says matters only if it fails
quietly() {
	"$@" >/tmp/said 2>&1 || {
		cat /tmp/said
		failure "$*"
	}
}

# running: Dovecot answers
running() {
	local tries=100
	until [ "$(imap)" = '*' ]; do
		[ $((tries -= 1)) -gt 0 ] || failure 'Dovecot does not answer'
		sleep 0.1
	done
}

# restart: as the README says
restart() {
	quietly service dovecot restart
	running
}

# accounts: those of the README, in Debian's split configuration
accounts() {
	useradd --create-home --home-dir /var/vmail vmail
	block users >/etc/dovecot/users
	{
		block "dovecot.conf for $(series)" |
			sed -n '/^mail_/p; /^passdb/,/^}/p; /^userdb/,/^}/p'
		# Debian keeps INBOX elsewhere
		[ "$(series)" = 2.3 ] || echo 'mail_inbox_path ='
	} >/etc/dovecot/local.conf
	# PAM would let every login wait
	sed -i 's/^!include auth-system/#&/' /etc/dovecot/conf.d/10-auth.conf
	restart
}

# switch_on: the README's policy for everybody
switch_on() {
	sed -i '/^#protocol/,/^#}/s/^#//' /etc/dovecot/conf.d/95-pop-policy.conf
	block "pop-policy.conf for $(series)" >/etc/dovecot/pop-policy.conf
	restart
}

disabled='-ERR [SYS/PERM] POP access is disabled for this account.'

# readme_policy: what the README promises for ann, bob and cay, who have no mail
# yet
readme_policy() {
	local user
	for user in ann bob cay; do
		deliver "$user" INBOX one
		deliver "$user" INBOX two
		deliver "$user" Junk spam
	done
	expect 'Ann has two messages' 2 "$(stat ann)"
	pop ann 'DELE 1' >/dev/null
	expect 'what she deletes leaves the queue' 1 "$(stat ann)"
	expect 'and stays in her mailbox' 2 "$(stored ann INBOX)"
	expect 'Bob is refused' "$disabled" "$(stat bob)"
	expect 'Cay has spam as well' 3 "$(stat cay)"
}
