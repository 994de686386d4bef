<?php

/**
 * What a user can choose: for each dial that the site allows, the options, and
 * which of them is in force. A form is checked against these options, so that
 * nothing else is ever written.
 */
class pop_policy_choices
{
    /** Dials: the settings that the page can change */
    const DIALS = ['enabled', 'since', 'spam', 'delete', 'extra_mailboxes', 'keep_for'];

    public $state;
    public $writable;

    private $rc;
    private $dials;
    private $folders = false;

    public function __construct($rc, pop_policy_state $state, $writable)
    {
        $this->rc       = $rc;
        $this->state    = $state;
        $this->writable = $writable;
        $this->dials    = array_intersect(self::DIALS,
            (array) $rc->config->get('pop_policy_dials', ['enabled', 'since', 'spam', 'delete']));
    }

    /**
     * Whether POP is part of the account's plan; null if that makes no sense.
     */
    public function is_available()
    {
        $available = $this->state->value('available');

        return $available === null ? null : $available === 'yes';
    }

    /**
     * Form field => [options], for the radio buttons that there are.
     */
    public function radios()
    {
        return array_filter([
            'access'   => $this->access_options(),
            'spam'     => $this->has('spam') ? pop_policy_values::SPAM : [],
            'delete'   => $this->has('delete') ? pop_policy_values::DELETE : [],
            'keep_for' => $this->has('keep_for') ? $this->interval_options() : [],
        ]);
    }

    /**
     * The option in force, null if an invalid value is.
     */
    public function current($field)
    {
        if ($field !== 'access') {
            return $this->state->value($field);
        }

        $enabled = $this->state->value('enabled');
        $since   = $this->state->value('since');

        if ($enabled === null || $since === null) {
            return null;
        }
        if ($enabled === 'no' && $this->has('enabled')) {
            return 'off';
        }
        if (!$this->has('since')) {
            return 'on';
        }

        return $since === 'all' ? 'all' : 'since';
    }

    /**
     * Folders that can feed POP: entry => whether it does. Null if the site does
     * not let users choose, or if they cannot be listed.
     */
    public function folders()
    {
        if ($this->folders === false) {
            $this->folders = $this->has('extra_mailboxes') ? $this->list_folders() : null;
        }

        return $this->folders;
    }

    private function list_folders()
    {
        $entries = pop_policy_folders::entries($this->rc);
        if ($entries === null) {
            return null;
        }
        $chosen = pop_policy_list::parse($this->state->value('extra_mailboxes') ?? 'none');

        // patterns, and folders that are gone, stay as long as they are chosen
        return array_fill_keys($chosen, true) + array_fill_keys($entries, false);
    }

    private function has($dial)
    {
        return in_array($dial, $this->dials, true);
    }

    private function access_options()
    {
        $options = [];

        if ($this->has('since')) {
            $options = ['all', 'now'];
            $since   = $this->state->value('since');
            if ($since !== null && $since !== 'all') {
                $options[] = 'since';
            }
        }
        if ($this->has('enabled')) {
            $options   = $options ?: ['on'];
            $options[] = 'off';
        }

        return $options;
    }

    private function interval_options()
    {
        $options = ['infinite'];

        foreach ((array) $this->rc->config->get('pop_policy_keep_for_choices', ['30d', '90d', '365d']) as $value) {
            if (pop_policy_values::interval($value) === null) {
                throw new pop_policy_error('unavailable', 'pop_policy_keep_for_choices: no time interval');
            }
            $options[] = strtolower($value);
        }

        $current = $this->state->value('keep_for');
        if ($current !== null && !in_array($current, $options, true)) {
            $options[] = $current;
        }

        return $options;
    }

    // -- what a form asks for

    /**
     * Setting => new value, for what the form changes. Nothing is changed if any
     * of it is not among the options.
     */
    public function changes($form)
    {
        if (!$this->writable) {
            throw new pop_policy_error('readonly');
        }
        if (!$this->is_available()) {
            throw new pop_policy_error('notinplan');
        }
        if (($form['_seen'] ?? null) !== $this->state->fingerprint()) {
            throw new pop_policy_error('changedmeanwhile');
        }

        $values = [];
        foreach ($this->radios() as $field => $options) {
            $value = $form['_' . $field] ?? null;
            if (!in_array($value, $options, true)) {
                throw new pop_policy_error($value === null ? 'nochoice' : 'badvalue');
            }
            $values += $field === 'access' ? $this->access_values($value) : [$field => $value];
        }
        // (a form without them was made when the folders could not be listed)
        if (!empty($form['_folders_shown']) && $this->has('extra_mailboxes')) {
            $values['extra_mailboxes'] = $this->folder_value($form['_folders'] ?? [], $this->folders());
        }

        return array_filter($values, function ($value, $setting) {
            return $value !== $this->state->value($setting);
        }, ARRAY_FILTER_USE_BOTH);
    }

    private function access_values($option)
    {
        $values = [];

        if ($this->has('enabled')) {
            $values['enabled'] = $option === 'off' ? 'no' : 'yes';
        }
        if ($option === 'all') {
            $values['since'] = 'all';
        }
        else if ($option === 'now') {
            $values['since'] = pop_policy_time::generalized(time());
        }

        return $values;
    }

    private function folder_value($chosen, $folders)
    {
        if ($folders === null) {
            throw new pop_policy_error('unavailable', 'the folders cannot be listed');
        }
        if (!is_array($chosen) || count($chosen) > pop_policy_list::MAX) {
            throw new pop_policy_error('toomanyfolders');
        }
        foreach ($chosen as $entry) {
            if (!is_string($entry) || !isset($folders[$entry])) {
                throw new pop_policy_error('badvalue');
            }
        }

        // in the order in which they were offered: the ones chosen before first
        return pop_policy_list::format(array_keys(array_intersect_key($folders, array_flip($chosen))));
    }

    /**
     * The changes that make deleting final, as labels of what to say about them.
     */
    public function final_ones($changes)
    {
        $final = [];

        if (($changes['delete'] ?? null) === 'delete') {
            $final['finaldelete'] = null;
        }
        if (isset($changes['keep_for']) && $changes['keep_for'] !== 'infinite') {
            $before = $this->state->value('keep_for');
            $new    = pop_policy_values::interval($changes['keep_for']);
            if ($before === null || $before === 'infinite' || $new < pop_policy_values::interval($before)) {
                $final['finalkeep_for'] = $changes['keep_for'];
            }
        }

        return $final;
    }
}
