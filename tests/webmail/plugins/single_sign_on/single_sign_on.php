<?php

/**
 * For tests: users sign in as with single sign-on. Roundcube has no password of
 * theirs, and gets at their mail in another way.
 */
class single_sign_on extends rcube_plugin
{
    public function init()
    {
        $this->add_hook('login_after', [$this, 'login_after']);
        $this->add_hook('storage_connect', [$this, 'storage_connect']);
    }

    public function login_after($args)
    {
        $_SESSION['mail_token'] = $_SESSION['password'];
        $_SESSION['password'] = '';

        return $args;
    }

    public function storage_connect($args)
    {
        if (isset($_SESSION['mail_token'])) {
            $args['pass'] = rcube::get_instance()->decrypt($_SESSION['mail_token']);
        }

        return $args;
    }
}
