<?php

/**
 * Application passwords in a directory: an entry for each, below one that is below
 * the user's. The description is the label. The name is the first byte of the
 * password's SHA-256 in hex, by which Dovecot finds the entry that a password
 * belongs to. The directory hashes the password, and never gives it away.
 */
class pop_policy_app_passwords
{
    const MOST     = 20;
    const LABEL    = '/^[^\p{C}\s](?:[^\p{C}]{0,62}[^\p{C}\s])?$/Du';
    const NAME     = '/^[0-9a-f]{2}$/D';
    // 20 of these are 100 bits; none looks like another
    const LETTERS  = 'abcdefghijkmnpqrstuvwxyz23456789';

    const NO_SUCH_OBJECT      = 32;
    const INSUFFICIENT_ACCESS = 50;
    const ALREADY_EXISTS      = 68;

    private $connection;
    private $dn;

    /**
     * @param mixed  $connection LDAP, bound as the user
     * @param string $dn         The entry that they are below
     */
    public function __construct($connection, $dn)
    {
        $this->connection = $connection;
        $this->dn         = $dn;
    }

    /**
     * Name => [label, time of creation], the oldest first, or null if the account
     * is one that has none.
     */
    public function all()
    {
        $result = @ldap_list($this->connection, $this->dn, '(objectClass=organizationalUnit)',
            ['ou', 'description', 'createTimestamp']);
        if (!$result) {
            if (ldap_errno($this->connection) === self::NO_SUCH_OBJECT) {
                return null;
            }
            throw $this->error('list');
        }

        $found = [];
        foreach (array_slice(ldap_get_entries($this->connection, $result), 1) as $entry) {
            $name = strtolower($entry['ou'][0] ?? '');
            if (preg_match(self::NAME, $name)) {
                $found[$name] = [(string) ($entry['description'][0] ?? ''), (string) ($entry['createtimestamp'][0] ?? '')];
            }
        }
        uasort($found, function ($a, $b) { return [$a[1], $a[0]] <=> [$b[1], $b[0]]; });

        return $found;
    }

    /**
     * A new password with that label. Nobody can ask for it again.
     */
    public function add($label)
    {
        $this->check_label($label);

        $tries = 0;
        do {
            $password = self::make();
            $name     = substr(hash('sha256', $password), 0, 2);
            $added    = @ldap_add($this->connection, $this->entry($name), [
                'objectClass' => 'organizationalUnit', 'ou' => $name, 'description' => $label,
            ]);
        } while (!$added && ldap_errno($this->connection) === self::ALREADY_EXISTS && ++$tries < 100);

        if (!$added) {
            throw $this->error('add');
        }
        // by this operation, and no other, every directory hashes what it stores
        if (!@ldap_exop_passwd($this->connection, $this->entry($name), '', $password)) {
            $error = $this->error('set a password');
            throw @ldap_delete($this->connection, $this->entry($name)) ? $error : $this->error('take back');
        }

        return $password;
    }

    /**
     * Revoke the one of that name, if it still has that label.
     */
    public function revoke($name, $label)
    {
        $this->check($name, $label);
        if (!@ldap_delete($this->connection, $this->entry($name))) {
            throw ldap_errno($this->connection) === self::NO_SUCH_OBJECT
                ? new pop_policy_error('appgone') : $this->error('delete');
        }
    }

    /**
     * Throws pop_policy_error if the user has none of that name with that label.
     */
    public function check($name, $label)
    {
        $all = $this->all() ?? [];
        if (!is_string($name) || !isset($all[$name]) || $all[$name][0] !== $label) {
            throw new pop_policy_error('appgone');
        }
    }

    private function check_label($label)
    {
        if (!is_string($label) || !preg_match(self::LABEL, $label)) {
            throw new pop_policy_error('appbadlabel');
        }
        $all = $this->all();
        if ($all === null) {
            throw new pop_policy_error('appoff');
        }
        if (count($all) >= self::MOST) {
            throw new pop_policy_error('apptoomany');
        }
        foreach ($all as $one) {
            if (mb_strtolower($one[0], 'UTF-8') === mb_strtolower($label, 'UTF-8')) {
                throw new pop_policy_error('apptaken');
            }
        }
    }

    private static function make()
    {
        $text = '';
        for ($i = 0; $i < 20; $i++) {
            $text .= ($i && $i % 5 === 0 ? '-' : '') . self::LETTERS[random_int(0, 31)];
        }

        return $text;
    }

    private function entry($name)
    {
        return "ou=$name,{$this->dn}";
    }

    private function error($what)
    {
        $details = '';
        ldap_get_option($this->connection, LDAP_OPT_DIAGNOSTIC_MESSAGE, $details);
        $refused = ldap_errno($this->connection) === self::INSUFFICIENT_ACCESS;

        return new pop_policy_error($refused ? 'refused' : 'unavailable',
            "LDAP: $what, {$this->dn}: " . ldap_error($this->connection) . ($details ? " ($details)" : ''));
    }
}
