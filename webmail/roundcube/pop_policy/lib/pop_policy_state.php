<?php

/**
 * The settings of one account: what is stored, and what holds where nothing is.
 */
class pop_policy_state
{
    private $stored   = [];
    private $defaults = pop_policy_values::DEFAULTS;

    /**
     * @param array $stored   Setting => value as the backend has it
     * @param array $defaults Setting => value that the site has in Dovecot's configuration
     */
    public function __construct($stored, $defaults)
    {
        foreach ($this->defaults as $setting => $default) {
            $this->stored[$setting] = (string) ($stored[$setting] ?? '');

            if (($value = (string) ($defaults[$setting] ?? '')) !== '') {
                $value = pop_policy_values::normalize($setting, $value);
                if ($value === null) {
                    throw new pop_policy_error('unavailable', "pop_policy_defaults: $setting is invalid");
                }
                $this->defaults[$setting] = $value;
            }
        }
        if ($this->defaults['delete'] === 'default') {
            $this->defaults['delete'] = pop_policy_values::DEFAULTS['delete'];
        }
    }

    /**
     * The values that were stored.
     */
    public function stored()
    {
        return $this->stored;
    }

    /**
     * The value in force, or null if an invalid one is stored.
     */
    public function value($setting)
    {
        if ($this->stored[$setting] === '') {
            return $this->defaults[$setting];
        }
        $value = pop_policy_values::normalize($setting, $this->stored[$setting]);

        return $setting === 'delete' && $value === 'default' ? $this->defaults['delete'] : $value;
    }

    /**
     * Whether all values make sense: else POP refuses the login.
     */
    public function is_valid()
    {
        foreach ($this->stored as $setting => $value) {
            if ($this->value($setting) === null) {
                return false;
            }
        }

        return true;
    }

    /**
     * A mark by which a form knows what it was made for.
     */
    public function fingerprint()
    {
        return sha1(json_encode($this->stored, JSON_INVALID_UTF8_SUBSTITUTE));
    }
}
