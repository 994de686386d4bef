<?php

/**
 * POP access: a page in the settings where users say what POP shows of their
 * mailbox, and what becomes of the mail that they delete there.
 *
 * It is for servers with dovecot-pop-policy. The settings are in a directory, in
 * a database, or wherever doveadm writes them; config.inc.php.dist has all.
 *
 * Copyright (C) 2026 dovecot-pop-policy authors
 *
 * This program is free software: you can redistribute it and/or modify
 * it under the terms of the GNU General Public License as published by
 * the Free Software Foundation, either version 3 of the License, or
 * (at your option) any later version. See the file LICENSE.
 */

require_once __DIR__ . '/lib/pop_policy_error.php';
require_once __DIR__ . '/lib/pop_policy_time.php';
require_once __DIR__ . '/lib/pop_policy_list.php';
require_once __DIR__ . '/lib/pop_policy_values.php';
require_once __DIR__ . '/lib/pop_policy_state.php';
require_once __DIR__ . '/lib/pop_policy_folders.php';
require_once __DIR__ . '/lib/pop_policy_choices.php';
require_once __DIR__ . '/lib/pop_policy_page.php';
require_once __DIR__ . '/lib/pop_policy_form.php';
require_once __DIR__ . '/lib/pop_policy_app_passwords.php';
require_once __DIR__ . '/lib/pop_policy_app_passwords_part.php';
require_once __DIR__ . '/backends/pop_policy_backend.php';

class pop_policy extends rcube_plugin
{
    public $task    = 'settings';
    public $noframe = true;
    public $noajax  = true;

    const ACTION = 'plugin.pop_policy';
    const SAVE   = 'plugin.pop_policy-save';
    const APP_PASSWORD = 'plugin.pop_policy-app-password';

    private $rc;

    public function init()
    {
        $this->rc = rcmail::get_instance();
        $this->load_config();
        $this->add_texts('localization/');

        $this->add_hook('settings_actions', [$this, 'settings_actions']);
        $this->register_action(self::ACTION, [$this, 'show']);
        $this->register_action(self::SAVE, [$this, 'save']);
        $this->register_action(self::APP_PASSWORD, [$this, 'app_password']);
        $this->include_stylesheet($this->local_skin_path() . '/pop_policy.css');
    }

    public function settings_actions($args)
    {
        $args['actions'][] = [
            'action' => self::ACTION,
            'class'  => 'pop_policy',
            'label'  => 'title',
            'title'  => 'title',
            'domain' => 'pop_policy',
        ];

        return $args;
    }

    /**
     * The page as the settings are now.
     */
    public function show()
    {
        $page = $this->page();

        if (rcube_utils::get_input_value('_saved', rcube_utils::INPUT_GET)) {
            $page->say('saved', 'confirmation');
        }

        try {
            $backend = $this->backend();
            $this->whole($page, $backend, $this->choices($backend));
        }
        catch (pop_policy_error $error) {
            $this->failed($page, $error);
        }

        $this->send($page);
    }

    /**
     * The form was sent: save it as a whole, or say why not.
     */
    public function save()
    {
        $this->require_post();
        $page    = $this->page();
        $choices = null;

        try {
            $backend = $this->backend();
            $choices = $this->choices($backend);
            $changes = $choices->changes($_POST);
            $final   = $choices->final_ones($changes);

            if (!$final || !empty($_POST['_confirmed'])) {
                if ($changes) {
                    $backend->write($changes, $choices->state->stored());
                }
                $this->rc->output->redirect([
                    '_task' => 'settings', '_action' => self::ACTION, '_saved' => 1,
                ]);
            }

            $page->confirmation($choices, $final, $_POST);
        }
        catch (pop_policy_error $error) {
            $this->failed($page, $error);
            // after a refusal the form is as good as before, after a failure
            // nobody knows what is stored
            if ($choices && $error->is_refusal()) {
                $this->whole($page, $backend, $choices);
            }
        }

        $this->send($page);
    }

    /**
     * A form of the application passwords was sent.
     */
    public function app_password()
    {
        $this->require_post();
        $page    = $this->page();
        $choices = $part = null;

        try {
            $backend = $this->backend();
            $choices = $this->choices($backend);
            $part    = $this->part($page, $backend, $choices);
            if (!$part) {
                throw new pop_policy_error('refused');
            }
            $done = $part->handle($_POST);
            if ($done === false) {
                $page->add($part->question($_POST['_name'], $_POST['_label']));
            }
            else {
                $page->say_html($done);
                $this->whole($page, $backend, $choices, $part);
            }
        }
        catch (pop_policy_error $error) {
            $this->failed($page, $error);
            if ($choices && $error->is_refusal()) {
                $this->whole($page, $backend, $choices, $part);
            }
        }

        $this->send($page);
    }

    private function require_post()
    {
        // Roundcube has checked the token, but it does so for POST only
        if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
            $this->rc->output->redirect(['_task' => 'settings', '_action' => self::ACTION]);
        }
    }

    /**
     * The page with everything, or with nothing if part of it cannot be read.
     */
    private function whole($page, $backend, $choices, $part = null)
    {
        try {
            $part = $part ?: $this->part($page, $backend, $choices);
            $html = $part ? $part->html() : '';
            $page->settings($choices);
            $page->add($html);
        }
        catch (pop_policy_error $error) {
            $this->failed($page, $error);
        }
    }

    /**
     * The part for application passwords, or null where there is none.
     */
    private function part($page, $backend, $choices)
    {
        $passwords = $choices->is_available() ? $backend->app_passwords() : null;

        return $passwords ? new pop_policy_app_passwords_part($page, $this->rc, $passwords) : null;
    }

    private function backend()
    {
        return pop_policy_backend::create($this->rc);
    }

    private function choices($backend = null)
    {
        $backend = $backend ?: $this->backend();
        $config  = $this->rc->config;
        $state   = new pop_policy_state(
            $backend->read(),
            (array) $config->get('pop_policy_defaults', [])
        );

        return new pop_policy_choices($this->rc, $state, $backend->writable());
    }

    private function page()
    {
        return new pop_policy_page($this, $this->rc);
    }

    private function failed($page, pop_policy_error $error)
    {
        if ($error->details !== null) {
            rcube::raise_error(['code' => 600, 'file' => $error->getFile(),
                'line' => $error->getLine(), 'message' => 'pop_policy: ' . $error->details], true, false);
        }
        $page->say($error->label, 'error');
    }

    private function send($page)
    {
        $this->rc->overwrite_action(self::ACTION);
        $this->rc->output->set_pagetitle($this->gettext('title'));
        $this->register_handler('plugin.body', [$page, 'html']);
        $this->rc->output->send('plugin');
    }
}
