<?php

/**
 * The attributes of the user's entry in a directory, written with the user's own
 * rights: bound with the name and the password of the user's login. TLS is as
 * libldap's ldap.conf has it: PHP's processes know one set of CAs only.
 */
class pop_policy_backend_ldap extends pop_policy_backend
{
    const OBJECT_CLASS = 'popPolicyAccount';

    const ATTRIBUTES = [
        'available'       => 'popPolicyAvailable',
        'enabled'         => 'popPolicyEnabled',
        'since'           => 'popPolicySince',
        'spam'            => 'popPolicySpam',
        'delete'          => 'popPolicyDelete',
        'extra_mailboxes' => 'popPolicyExtraMailboxes',
        'keep_for'        => 'popPolicyKeepFor',
    ];

    /** How the directory writes what has a syntax of its own */
    const SPELLING = [
        'enabled' => ['yes' => 'TRUE', 'no' => 'FALSE'],
        'since'   => ['all' => '19700101000000Z'],
    ];

    const INVALID_CREDENTIALS = 49;
    const INSUFFICIENT_ACCESS = 50;

    /** Success without an entry, no such object, a stronger bind is needed, no right */
    const HIDDEN = [0, 32, 48, self::INSUFFICIENT_ACCESS];

    private $connection;
    private $dn;
    private $is_user = false;
    private $has_class;

    public function read()
    {
        $this->connect();
        $this->dn = $this->find();
        $this->bind();

        $attributes = $this->attributes();
        $entry = $this->entry(array_merge(['objectClass'], array_values($attributes)));
        $classes = array_map('strtolower', array_slice($entry['objectclass'] ?? ['count' => 0], 1));
        $this->has_class = in_array(strtolower(self::OBJECT_CLASS), $classes, true);

        $values = [];
        foreach ($attributes as $setting => $attribute) {
            $found = $entry[strtolower($attribute)] ?? ['count' => 0];
            // (two values are as invalid as one that makes no sense)
            $values[$setting] = $found['count'] > 1 ? '?' : ($found[0] ?? '');
        }

        return $values;
    }

    public function writable()
    {
        return $this->is_user;
    }

    public function write($changes, $stored)
    {
        $attributes    = $this->attributes();
        $modifications = [];
        $needs_class   = false;

        foreach ($changes as $setting => $value) {
            $needs_class = $needs_class || $attributes[$setting] === self::ATTRIBUTES[$setting];
            $modifications[] = [
                'attrib'  => $attributes[$setting],
                'modtype' => LDAP_MODIFY_BATCH_REPLACE,
                'values'  => [self::SPELLING[$setting][$value] ?? $value],
            ];
        }
        if ($needs_class && !$this->has_class) {
            array_unshift($modifications, [
                'attrib'  => 'objectClass',
                'modtype' => LDAP_MODIFY_BATCH_ADD,
                'values'  => [self::OBJECT_CLASS],
            ]);
        }

        // one operation: the directory does all of it or nothing
        if (!@ldap_modify_batch($this->connection, $this->dn, $modifications)) {
            $code = ldap_errno($this->connection);
            throw new pop_policy_error($code === self::INSUFFICIENT_ACCESS ? 'refused' : 'unavailable', $this->reason('modify'));
        }
    }

    public function app_passwords()
    {
        $name = (string) $this->config('ldap_app_passwords');

        return $this->is_user && $name !== ''
            ? new pop_policy_app_passwords($this->connection, "$name,{$this->dn}") : null;
    }

    private function entry($attributes)
    {
        $result  = @ldap_read($this->connection, $this->dn, '(objectClass=*)', $attributes, 0, 2);
        $entries = $result ? ldap_get_entries($this->connection, $result) : ['count' => 0];

        if ($entries['count'] === 1) {
            return $entries[0];
        }
        // (what the directory hides from strangers it says it does not have)
        if (!$this->is_user && in_array(ldap_errno($this->connection), self::HIDDEN, true)) {
            throw new pop_policy_error('nopassword');
        }

        throw new pop_policy_error('unavailable', $this->reason("read {$this->dn}"));
    }

    private function attributes()
    {
        return array_intersect_key((array) $this->config('ldap_attributes', []), self::ATTRIBUTES) + self::ATTRIBUTES;
    }

    private function connect()
    {
        if (!function_exists('ldap_connect')) {
            throw new pop_policy_error('unavailable', "PHP's LDAP extension is missing");
        }
        $this->connection = ldap_connect(implode(' ', (array) $this->config('ldap_uris', 'ldap://localhost')));
        if (!$this->connection) {
            throw new pop_policy_error('unavailable', 'pop_policy_ldap_uris: invalid');
        }

        $timeout = max(1, (int) $this->config('ldap_timeout', 5));
        $options = [
            LDAP_OPT_PROTOCOL_VERSION => 3,
            LDAP_OPT_REFERRALS        => 0,
            LDAP_OPT_NETWORK_TIMEOUT  => $timeout,
            LDAP_OPT_TIMEOUT          => $timeout,
            LDAP_OPT_TIMELIMIT        => $timeout,
        ];
        foreach ($options as $option => $value) {
            ldap_set_option($this->connection, $option, $value);
        }
        if ($this->config('ldap_starttls')) {
            $this->check(@ldap_start_tls($this->connection), 'StartTLS');
        }
    }

    /**
     * The DN of the user's entry: from a template, or by a search.
     */
    private function find()
    {
        if ($template = (string) $this->config('ldap_dn')) {
            return self::expand($template, $this->user, function ($value) {
                return ldap_escape($value, '', LDAP_ESCAPE_DN);
            });
        }

        $filter = self::expand($this->config('ldap_filter', '(mail=%u)'), $this->user, function ($value) {
            return ldap_escape($value, '', LDAP_ESCAPE_FILTER);
        });
        $this->bind_to_search();
        $result = $this->check(@ldap_search($this->connection, (string) $this->config('ldap_base'), $filter, ['1.1'], 0, 2), 'search');
        if (ldap_count_entries($this->connection, $result) !== 1) {
            throw new pop_policy_error('unavailable', "LDAP: not exactly one entry for {$this->user}");
        }

        return ldap_get_dn($this->connection, ldap_first_entry($this->connection, $result));
    }

    /**
     * Anonymous, unless there is an entry that may search.
     */
    private function bind_to_search()
    {
        $dn       = (string) $this->config('ldap_search_dn');
        $password = (string) $this->config('ldap_search_password');
        if ($dn !== '' && $password === '') {
            throw new pop_policy_error('unavailable', 'pop_policy_ldap_search_password: empty');
        }
        $this->check($dn === '' ? @ldap_bind($this->connection) : @ldap_bind($this->connection, $dn, $password), 'bind to search');
    }

    /**
     * As the user. Where Roundcube does not have the user's password, or another
     * one, the page shows what it may, and changes nothing.
     */
    private function bind()
    {
        $password = empty($_SESSION['oauth_token']) ? (string) $this->rc->get_user_password() : '';

        // (with an empty password anybody is welcome)
        if ($password !== '') {
            $this->is_user = @ldap_bind($this->connection, $this->dn, $password);
            if (!$this->is_user && ldap_errno($this->connection) !== self::INVALID_CREDENTIALS) {
                throw new pop_policy_error('unavailable', $this->reason('bind'));
            }
        }
        if (!$this->is_user) {
            $this->bind_to_search();
        }
    }

    private function check($result, $what)
    {
        if ($result === false) {
            throw new pop_policy_error('unavailable', $this->reason($what));
        }

        return $result;
    }

    private function reason($what)
    {
        $details = '';
        ldap_get_option($this->connection, LDAP_OPT_DIAGNOSTIC_MESSAGE, $details);

        return "LDAP: $what for {$this->user}: " . ldap_error($this->connection) . ($details ? " ($details)" : '');
    }
}
