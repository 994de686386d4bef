<?php

/**
 * The user's folders that can feed POP beside the inbox.
 */
class pop_policy_folders
{
    /**
     * Entries of a list of mailboxes, in the order of Roundcube. Without those
     * that never make sense, and those that Dovecot 2.3 reads differently on its
     * way to POP (a percent sign). Null if the server does not tell.
     */
    public static function entries($rc)
    {
        $storage = $rc->get_storage();
        $folders = $storage->list_folders();

        if (!is_array($folders) || !$folders || $storage->get_error_code()) {
            return null;
        }

        $special = $storage->get_special_folders(true);
        $entries = [];

        foreach ($folders as $folder) {
            $name = rcube_charset::convert($folder, 'UTF7-IMAP');
            if ($folder === 'INBOX' || strpos($name, '%') !== false
                || $storage->folder_namespace($folder) !== 'personal'
                || array_intersect(array_keys($special, $folder, true), ['drafts', 'sent', 'trash', 'junk'])
                || self::is_noselect($storage, $folder)
            ) {
                continue;
            }
            if (($entry = pop_policy_list::entry($name)) !== null) {
                $entries[] = $entry;
            }
        }

        return $entries;
    }

    private static function is_noselect($storage, $folder)
    {
        $attributes = array_map('strtolower', (array) $storage->folder_attributes($folder));

        return (bool) array_intersect($attributes, ['\\noselect', '\\nonexistent']);
    }
}
