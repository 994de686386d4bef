#!/bin/bash
# life.sh: the package on a Debian with its own split configuration, from install
# to purge.

set -eu -o pipefail
. tests/packages/mail.sh

# configuration: as Dovecot sees it
configuration() {
	doveconf -n | sed '/^#/d'
}

# listing: files that a package may leave behind, the configuration, and packages
# that are half there
listing() {
	find /etc /usr /var/lib/dpkg/info -xdev \
		! -path '/usr/src/*' ! -name '*.pyc' ! -path '/etc/ld.so.cache' \
		\( -name '*pop[-_]policy*' -o -path '/etc/dovecot/*' \
		-o -path '/usr/lib/dovecot/*' -o -path '/usr/share/dovecot*' \) | sort
	configuration
	dpkg --audit
}

quietly apt-get install dovecot-pop3d dovecot-imapd
accounts
listing >/tmp/before
stock=$(configuration)
deliver bob INBOX one
deliver bob INBOX two
pop bob 'DELE 1' >/dev/null
expect 'without the package Bob deletes his mail' 1 "$(stored bob INBOX)"

echo '--- install'
quietly apt-get install ./dovecot-pop-policy_*.deb
running
expect 'installed it changes nothing in the configuration' "$stock" "$(configuration)"
expect 'Bob has his mail' 1 "$(stat bob)"
pop bob 'DELE 1' >/dev/null
expect 'Bob still deletes his mail' 0 "$(stored bob INBOX)"

echo '--- a first policy'
switch_on
doveadm expunge -u bob mailbox INBOX all
readme_policy

echo '--- the LDAP module'
quietly apt-get install ./dovecot-pop-policy-ldap_*.deb
running
expect 'it is readable for everybody' 644 \
	"$(/usr/bin/stat --format %a /usr/lib/dovecot/modules/pop_policy/libpop_policy_ldap.so)"
expect 'the policy is in force' "$disabled" "$(stat bob)"

echo '--- remove'
quietly apt-get remove dovecot-pop-policy
running
expect 'no package is half there' '' "$(dpkg --audit)"
expect 'the LDAP module went as well' '' \
	"$(find /usr/lib/dovecot/modules /usr/share -name '*pop[-_]policy*')"
for user in ann bob cay; do
	expect "POP is closed for $user" - "$(stat "$user" | cut -c1)"
done
restart
expect 'also after a restart' - "$(stat ann | cut -c1)"

echo '--- install again'
quietly apt-get install ./dovecot-pop-policy_*.deb
running
expect 'what Ann deleted stays out of the queue' 1 "$(stat ann)"
expect 'Bob is refused' "$disabled" "$(stat bob)"

echo '--- purge'
quietly apt-get purge dovecot-pop-policy
running
expect 'all of her mail is there for Ann' 2 "$(stat ann)"
expect 'Bob may log in' 2 "$(stat bob)"
listing >/tmp/after
diff /tmp/before /tmp/after || failure 'purge leaves something behind'

echo '--- purge after remove'
quietly apt-get install ./dovecot-pop-policy_*.deb
sed -i '/^#protocol/,/^#}/s/^#//' /etc/dovecot/conf.d/95-pop-policy.conf
quietly apt-get remove dovecot-pop-policy
running
expect 'POP is closed for Bob' - "$(stat bob | cut -c1)"
quietly apt-get purge dovecot-pop-policy
running
expect 'Bob may log in' 2 "$(stat bob)"
listing >/tmp/after
diff /tmp/before /tmp/after || failure 'purge leaves something behind'
