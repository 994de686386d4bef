<?php

/**
 * Where the settings of an account are. A backend reads and writes those of the
 * user who is logged in, and nobody else's. None ever writes "available", which
 * is the site's.
 */
abstract class pop_policy_backend
{
    protected $rc;
    protected $user;

    /**
     * The backend that the configuration names.
     */
    public static function create($rc)
    {
        $name = (string) $rc->config->get('pop_policy_backend', 'ldap');
        if (!in_array($name, ['ldap', 'doveadm', 'sql'], true)) {
            throw new pop_policy_error('unavailable', "pop_policy_backend: there is no $name");
        }
        require_once __DIR__ . "/pop_policy_backend_$name.php";
        $class = "pop_policy_backend_$name";

        return new $class($rc);
    }

    public function __construct($rc)
    {
        $this->rc   = $rc;
        $this->user = (string) $rc->get_user_name();
    }

    /**
     * Setting => value, as it is stored; a setting that is not stored is absent or
     * empty. Throws pop_policy_error if that is not known for certain.
     */
    abstract public function read();

    /**
     * Whether this user can change anything. Known after read().
     */
    public function writable()
    {
        return true;
    }

    /**
     * Store the changes, all or none of them. Throws pop_policy_error.
     *
     * @param array $changes Setting => value
     * @param array $stored  All settings as read() had them
     */
    abstract public function write($changes, $stored);

    /**
     * The user's application passwords, or null where the page has nothing to do
     * with them. Known after read().
     */
    public function app_passwords()
    {
        return null;
    }

    protected function config($name, $default = null)
    {
        return $this->rc->config->get('pop_policy_' . $name, $default);
    }

    /**
     * The text with %u, %n and %d: the user's name, its part before the @, and
     * the domain. Each is escaped by the function given.
     */
    public static function expand($text, $user, $escape = null)
    {
        $escape = $escape ?: function ($value) { return $value; };
        list($name, $domain) = array_pad(explode('@', $user, 2), 2, '');

        return strtr($text, [
            '%u' => $escape($user), '%n' => $escape($name), '%d' => $escape($domain), '%%' => '%',
        ]);
    }
}
