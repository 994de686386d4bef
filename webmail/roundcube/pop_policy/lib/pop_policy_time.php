<?php

/**
 * Times as the settings have them: GeneralizedTime (RFC 4517), RFC 3339, and
 * what PostgreSQL makes of it.
 */
class pop_policy_time
{
    const GENERALIZED = '/^(\d{4})(\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)?)?(?:[.,](\d+))?(Z|[+-]\d\d(?:\d\d)?)$/D';
    const RFC3339     = '/^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?([Zz]|[+-]\d\d(?::\d\d)?))?$/D';

    /**
     * Seconds since 1970, or null if it is no time.
     */
    public static function parse($text)
    {
        if (strlen($text) > 64) {
            return null;
        }
        if (preg_match(self::GENERALIZED, $text, $m)) {
            // a fraction belongs to the last unit given
            $unit = $m[6] !== '' ? 1 : ($m[5] !== '' ? 60 : 3600);
            $rest = $m[7] === '' ? 0 : (int) floor((float) ('0.' . $m[7]) * $unit);

            return self::seconds($m[1], $m[2], $m[3], $m[4], (int) $m[5], (int) $m[6], $m[8], $rest);
        }
        if (preg_match(self::RFC3339, $text, $m)) {
            return self::seconds($m[1], $m[2], $m[3], $m[4] ?? 0, $m[5] ?? 0, $m[6] ?? 0, $m[7] ?? 'Z', 0);
        }

        return null;
    }

    private static function seconds($year, $month, $day, $hour, $minute, $second, $zone, $rest)
    {
        $offset = self::offset($zone);

        // (PHP knows no year 0, which was all mail ago)
        if ($offset === null || $hour > 23 || $minute > 59 || $second > 60
            || !checkdate((int) $month, (int) $day, max(4, (int) $year))
        ) {
            return null;
        }

        // gmmktime() takes a two-digit year for a recent one
        $date = gmmktime((int) $hour, (int) $minute, (int) $second, (int) $month, (int) $day, max(1000, (int) $year));

        return max(0, $date + $rest - $offset);
    }

    private static function offset($zone)
    {
        if (strtoupper($zone) === 'Z') {
            return 0;
        }
        $digits  = str_replace(':', '', substr($zone, 1));
        $hours   = (int) substr($digits, 0, 2);
        $minutes = (int) substr($digits, 2);
        if ($hours > 23 || $minutes > 59) {
            return null;
        }

        return ($zone[0] === '-' ? -1 : 1) * ($hours * 3600 + $minutes * 60);
    }

    /**
     * A GeneralizedTime
     */
    public static function generalized($seconds)
    {
        return gmdate('YmdHis\Z', $seconds);
    }

    /**
     * The same instant as RFC 3339 has it
     */
    public static function rfc3339($seconds)
    {
        return gmdate('Y-m-d\TH:i:s\Z', $seconds);
    }
}
