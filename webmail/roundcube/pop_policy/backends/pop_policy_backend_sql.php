<?php

/**
 * A database of the site, by its own two statements: one reads the settings, one
 * writes them.
 */
class pop_policy_backend_sql extends pop_policy_backend
{
    private $db;

    public function read()
    {
        $result = $this->query('sql_read', []);
        $row    = $this->db->fetch_assoc($result);
        if ($this->db->is_error($result)) {
            throw new pop_policy_error('unavailable', 'SQL: ' . $this->db->is_error($result));
        }
        if ($row && $this->db->fetch_assoc($result)) {
            throw new pop_policy_error('unavailable', "SQL: several rows for {$this->user}");
        }

        // (a boolean of PostgreSQL is one of PHP)
        return array_map(function ($value) {
            return is_bool($value) ? ($value ? 'yes' : 'no') : (string) $value;
        }, array_intersect_key($row ?: [], pop_policy_values::DEFAULTS));
    }

    public function write($changes, $stored)
    {
        $values = $changes + $stored;
        foreach ($values as $setting => $value) {
            // where a layer below may say something, an empty value is none
            $values[$setting] = $value === '' ? null : $this->spelling($setting, $value);
        }
        $this->query('sql_write', $values, array_keys($changes));

        // a statement that finds no row is no error for a database
        $now = $this->read();
        foreach ($changes as $setting => $value) {
            if (pop_policy_values::normalize($setting, (string) ($now[$setting] ?? '')) !== $value) {
                throw new pop_policy_error('unavailable', "SQL: $setting of {$this->user} is not what was written");
            }
        }
    }

    private function spelling($setting, $value)
    {
        if ($setting !== 'since' || ($seconds = pop_policy_time::parse($value)) === null) {
            return $value;
        }

        return pop_policy_time::rfc3339($seconds);
    }

    /**
     * Run the site's statement, with :user, :name and :domain, and the settings
     * where it names them.
     */
    private function query($name, $values, $needed = [])
    {
        $sql = (string) $this->config($name);
        list($values['name'], $values['domain']) = array_pad(explode('@', $this->user, 2), 2, '');
        $values['user'] = $this->user;

        $parameters = [];
        $named = [];
        // (:: is a cast of PostgreSQL)
        $sql = preg_replace_callback('/(?<![:\w]):([a-z_]+)\b/', function ($m) use ($values, &$parameters, &$named, $name) {
            if (!array_key_exists($m[1], $values)) {
                throw new pop_policy_error('unavailable', "pop_policy_$name: there is no :{$m[1]}");
            }
            $parameters[] = $values[$m[1]];
            $named[] = $m[1];

            return '?';
        }, $sql);
        if ($missing = array_diff($needed, $named)) {
            throw new pop_policy_error('unavailable', "pop_policy_$name: does not write :" . implode(', :', $missing));
        }

        $this->connect($name === 'sql_write');
        $result = $this->db->query($sql, ...$parameters);
        if ($result === false || $this->db->is_error($result)) {
            throw new pop_policy_error('unavailable', "pop_policy_$name: " . $this->db->is_error($result ?: null));
        }

        return $result;
    }

    private function connect($write)
    {
        if (!$this->db) {
            $this->db = rcube_db::factory((string) $this->config('sql_dsn'));
        }
        $this->db->db_connect($write ? 'w' : 'r');
        if (!$this->db->is_connected()) {
            throw new pop_policy_error('unavailable', 'pop_policy_sql_dsn: ' . $this->db->is_error());
        }
    }
}
