<?php

/**
 * A list of mailboxes: names, patterns and special uses, separated by commas; a
 * name in double quotes is a name whatever is in it.
 */
class pop_policy_list
{
    const MAX = 100;

    /**
     * The entries as they are written, or null if it is no list.
     */
    public static function parse($text)
    {
        $entries = [];

        if (strcasecmp($text, 'none') === 0) {
            return $entries;
        }
        $rest = $text;
        while ($rest !== null) {
            if (!preg_match('/^[ \t]*("(?:[^"\\\\]|\\\\.)*"|[^",]+)[ \t]*(,|$)/Dsu', $rest, $m)) {
                return null;
            }
            $entry = rtrim($m[1], " \t");
            if (!self::is_entry($entry)) {
                return null;
            }
            $entries[] = $entry;
            $rest = $m[2] === ',' ? substr($rest, strlen($m[0])) : null;
        }

        return $entries;
    }

    /**
     * A list of entries as a setting has it.
     */
    public static function format($entries)
    {
        return $entries ? implode(', ', $entries) : 'none';
    }

    /**
     * A mailbox's name as an entry, or null if it cannot be one.
     */
    public static function entry($name)
    {
        if (!self::is_name($name)) {
            return null;
        }
        if (preg_match('/[,"*%]|^\\\\|^\s|\s$|^none$/iu', $name)) {
            return '"' . addcslashes($name, '"\\') . '"';
        }

        return $name;
    }

    /**
     * The name that an entry is, as people read it.
     */
    public static function label($entry)
    {
        return $entry[0] === '"' ? stripslashes(substr($entry, 1, -1)) : $entry;
    }

    private static function is_entry($entry)
    {
        if ($entry === '' || strcasecmp($entry, 'none') === 0) {
            return false;
        }
        if ($entry[0] === '\\') {
            return (bool) preg_match('/^\\\\[^\x00-\x20\x7f-\xff(){%*"\\\\\]]+$/D', $entry);
        }
        $name = self::label($entry);

        return strcasecmp($name, 'INBOX') === 0 || self::is_name($name);
    }

    private static function is_name($name)
    {
        return $name !== '' && strlen($name) <= 1000
            && preg_match('/^[^\x00-\x1f\x7f]+$/Du', $name)
            && $name[0] !== '~' && strcasecmp($name, 'INBOX') !== 0
            && !array_intersect(explode('/', $name), ['', '.', '..']);
    }
}
