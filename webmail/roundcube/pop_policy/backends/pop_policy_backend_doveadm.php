<?php

/**
 * doveadm's HTTP API: popPolicyGet and popPolicySet. It says what is in force,
 * from whichever layer, so nobody has to repeat the site's defaults here. Its key
 * acts for every user: let it do nothing but these two commands.
 */
class pop_policy_backend_doveadm extends pop_policy_backend
{
    /** sysexits: a value is invalid; the directory refuses */
    const DATAERR = 65;
    const NOPERM  = 77;

    public function read()
    {
        $values = [];
        foreach ($this->command('popPolicyGet') as $row) {
            $setting = preg_replace('/^pop_policy_/', '', $row['setting'] ?? '', 1, $prefixes);
            if (!$prefixes) {
                continue;
            }
            if (($row['error'] ?? '') !== '' && ($row['value'] ?? '') === '') {
                throw new pop_policy_error('unavailable', 'doveadm: ' . $row['error']);
            }
            $values[$setting] = (string) ($row['value'] ?? '');
        }
        if (!isset($values['available'], $values['enabled'])) {
            throw new pop_policy_error('unavailable', 'doveadm: popPolicyGet gives no settings');
        }

        return array_intersect_key($values, pop_policy_values::DEFAULTS);
    }

    public function write($changes, $stored)
    {
        $arguments = [];
        foreach ($changes as $setting => $value) {
            $arguments[] = "$setting=$value";
        }
        $this->command('popPolicySet', ['setting' => $arguments]);
    }

    /**
     * The rows that a command answers.
     */
    private function command($name, $parameters = [])
    {
        $parameters['user'] = $this->account();
        $answer = $this->post([[$name, $parameters, 'pop_policy']])[0] ?? null;

        if (is_array($answer) && $answer[0] === 'doveadmResponse' && is_array($answer[1] ?? null)) {
            return $answer[1];
        }

        // errors come with HTTP's 200, too
        $error = is_array($answer) && is_array($answer[1] ?? null) ? $answer[1] : [];
        $refused = in_array($error['exitCode'] ?? null, [self::DATAERR, self::NOPERM], true);
        throw new pop_policy_error($refused ? 'refused' : 'unavailable',
            "doveadm: $name for {$this->user}: " . json_encode($answer));
    }

    /**
     * The user name in Dovecot. doveadm takes one with a wildcard, such as that of
     * a master user's login, for many users.
     */
    private function account()
    {
        $name = self::expand($this->config('doveadm_user', '%u'), $this->user);
        if ($name === '' || strpbrk($name, '*?') !== false) {
            throw new pop_policy_error('unavailable', "doveadm: $name is not the name of one user");
        }

        return $name;
    }

    private function post($commands)
    {
        $timeout = max(1, (int) $this->config('doveadm_timeout', 10));
        $options = [
            'json'            => $commands,
            'headers'         => ['Authorization' => 'X-Dovecot-API ' . base64_encode((string) $this->config('doveadm_api_key'))],
            // Dovecot may say nothing at all to a wrong key
            'timeout'         => $timeout,
            'connect_timeout' => $timeout,
            'allow_redirects' => false,
            'http_errors'     => false,
        ];
        if ($file = $this->config('doveadm_tls_ca_file')) {
            $options['verify'] = $file;
        }

        try {
            $response = $this->rc->get_http_client()->post((string) $this->config('doveadm_url'), $options);
        }
        catch (Exception $error) {
            throw new pop_policy_error('unavailable', 'doveadm: ' . $error->getMessage());
        }

        $body = json_decode((string) $response->getBody(), true);
        if ($response->getStatusCode() !== 200 || !is_array($body)) {
            throw new pop_policy_error('unavailable', 'doveadm: HTTP status ' . $response->getStatusCode());
        }

        return $body;
    }
}
