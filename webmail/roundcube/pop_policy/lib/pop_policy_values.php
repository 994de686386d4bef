<?php

/**
 * What the values of the settings mean. Whoever wrote them, they may have any
 * spelling that dovecot-pop-policy reads; here each value has one.
 */
class pop_policy_values
{
    const YES = ['yes', 'true', 'y', 't', '1'];
    const NO  = ['no', 'false', 'n', 'f', '0'];

    const SPAM   = ['exclude', 'include', 'only'];
    const DELETE = ['keep', 'read', 'archive', 'trash', 'delete'];

    const UNITS = [
        'secs' => 1, 'seconds' => 1, 'mins' => 60, 'minutes' => 60, 'hours' => 3600,
        'days' => 86400, 'weeks' => 604800,
    ];

    /** What dovecot-pop-policy does where nobody says anything */
    const DEFAULTS = [
        'available'       => 'yes',
        'enabled'         => 'yes',
        'since'           => 'all',
        'spam'            => 'exclude',
        'delete'          => 'delete',
        'extra_mailboxes' => 'none',
        'keep_for'        => 'infinite',
    ];

    /**
     * The value in its one spelling, or null if it is invalid. An empty value is
     * not set, and no matter of this function.
     */
    public static function normalize($setting, $value)
    {
        switch ($setting) {
        case 'available':
        case 'enabled':
            return self::boolean($value, 'yes', 'no');
        case 'since':
            return self::since($value);
        case 'spam':
            return self::word($value, self::SPAM) ?? self::boolean($value, 'include', 'exclude');
        case 'delete':
            return self::word($value, array_merge(self::DELETE, ['default']))
                ?? self::boolean($value, 'delete', 'keep');
        case 'extra_mailboxes':
            $entries = pop_policy_list::parse($value);
            return $entries === null ? null : pop_policy_list::format($entries);
        case 'keep_for':
            return strcasecmp($value, 'infinite') === 0 || self::interval($value) ? strtolower($value) : null;
        }

        return null;
    }

    private static function word($value, $words)
    {
        $value = strtolower($value);

        return in_array($value, $words, true) ? $value : null;
    }

    private static function boolean($value, $yes, $no)
    {
        $value = strtolower($value);

        return in_array($value, self::YES, true) ? $yes : (in_array($value, self::NO, true) ? $no : null);
    }

    private static function since($value)
    {
        if (strcasecmp($value, 'all') === 0) {
            return 'all';
        }
        $seconds = pop_policy_time::parse($value);
        if ($seconds === null) {
            return null;
        }

        return $seconds === 0 ? 'all' : pop_policy_time::generalized($seconds);
    }

    /**
     * The seconds of a time interval such as 90d or "12 weeks", null if it is
     * none, or zero.
     */
    public static function interval($value)
    {
        if (!preg_match('/^(\d{1,10}) *([a-z]+)$/iD', $value, $m)) {
            return null;
        }
        foreach (self::UNITS as $unit => $seconds) {
            if (strncasecmp($unit, $m[2], strlen($m[2])) === 0) {
                $all = (int) $m[1] * $seconds;
                return $all > 0 && $all <= 0xffffffff ? $all : null;
            }
        }

        return null;
    }
}
