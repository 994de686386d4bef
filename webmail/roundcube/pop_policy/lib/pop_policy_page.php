<?php

/**
 * The page around the form: what is said above it, the status, and how to set up
 * a mail program.
 */
class pop_policy_page
{
    private $plugin;
    private $rc;
    private $messages = '';
    private $content  = '';

    public function __construct($plugin, $rc)
    {
        $this->plugin = $plugin;
        $this->rc     = $rc;
    }

    /**
     * The text of a label, ready for HTML.
     */
    public function text($label, $vars = [])
    {
        return rcube::Q($this->plugin->gettext(['name' => $label, 'vars' => $vars]));
    }

    /**
     * The text of a label as it is.
     */
    public function plain($label)
    {
        return $this->plugin->gettext($label);
    }

    /**
     * More below what is there.
     */
    public function add($html)
    {
        $this->content .= $html;
    }

    /**
     * A message above the form, as HTML.
     */
    public function say_html($html)
    {
        $this->messages .= $html;
    }

    /**
     * A message above the form. (Roundcube's own message needs JavaScript, and
     * is gone when it has been read by half.)
     */
    public function say($label, $type)
    {
        $this->messages .= $this->box($type, 'pop-policy-message', $this->text($label));
    }

    /**
     * A box that has the focus when the page comes: people who do not see it hear
     * what came of what they did. (html::div() knows no autofocus.)
     */
    public function box($type, $class, $content)
    {
        return html::tag('div', [
            'class'     => "box$type $class",
            'role'      => $type === 'confirmation' ? 'status' : 'alert',
            'tabindex'  => -1,
            'autofocus' => true,
        ], $content);
    }

    /**
     * The settings: the form, or why there is none.
     */
    public function settings(pop_policy_choices $choices)
    {
        if ($choices->is_available() === false) {
            $this->content .= html::p(['class' => 'pop-policy-status'], $this->text('notinplan'));
            return;
        }

        $form = new pop_policy_form($this, $this->rc, $choices);
        $this->content .= html::p(['class' => 'pop-policy-status', 'id' => 'pop-policy-status'], $this->status($choices));

        if (!$choices->state->is_valid()) {
            $this->say($choices->is_available() === null ? 'invalidplan' : 'invalid', 'warning');
        }
        if ($choices->is_available()) {
            $this->content .= $form->html();
        }
        $this->content .= $this->set_up($choices);
    }

    /**
     * The question that comes before deleting is final. Nothing is saved yet.
     */
    public function confirmation(pop_policy_choices $choices, $final, $posted)
    {
        $form = new pop_policy_form($this, $this->rc, $choices);
        $this->content .= $form->confirmation($final, $posted);
    }

    private function status($choices)
    {
        $enabled = $choices->state->value('enabled');
        $since   = $choices->state->value('since');

        if (!$choices->state->is_valid()) {
            return $this->text('statusinvalid');
        }
        if ($enabled === 'no') {
            return $this->text('statusoff');
        }

        return $since === 'all' ? $this->text('statusall') : $this->text('statussince', ['time' => $this->date($since)]);
    }

    /**
     * A time as the user reads it: in words, and in the user's time zone.
     */
    public function date($time)
    {
        return $this->rc->format_date('@' . pop_policy_time::parse($time), $this->plugin->gettext('dateformat'));
    }

    /**
     * A time interval in words.
     */
    public function interval($value)
    {
        $seconds = pop_policy_values::interval($value);

        return $seconds % 86400 ? $value : $this->plugin->gettext(['name' => 'days', 'vars' => ['days' => $seconds / 86400]]);
    }

    private function set_up($choices)
    {
        $config   = $this->rc->config;
        $user     = pop_policy_backend::expand($config->get('pop_policy_user', '%u'), $this->rc->get_user_name());
        $sections = '';

        foreach (['pop', 'smtp'] as $protocol) {
            $server = (array) $config->get("pop_policy_{$protocol}_server", []);
            if (!empty($server['host'])) {
                $sections .= html::tag('h3', null, $this->text($protocol . 'server')) . $this->server($server, $user);
            }
        }
        if ($sections === '') {
            return '';
        }
        if (strlen($recent = (string) $config->get('pop_policy_recent_prefix', ''))) {
            $sections .= html::p(null, $this->text('seconddevice', ['user' => $recent . $user]));
        }

        return html::tag('section', ['class' => 'pop-policy-setup', 'aria-labelledby' => 'pop-policy-setup'],
            html::tag('h2', ['id' => 'pop-policy-setup'], $this->text('setup')) . $sections);
    }

    private function server($server, $user)
    {
        $security = in_array($server['security'] ?? 'tls', ['tls', 'starttls', 'none'], true) ? ($server['security'] ?? 'tls') : 'none';
        $rows = [
            'server'   => rcube::Q($server['host']),
            'port'     => (int) ($server['port'] ?? 0),
            'security' => $this->text('security' . $security),
            'username' => rcube::Q($user),
        ];
        $list = '';

        foreach ($rows as $label => $value) {
            $list .= html::tag('dt', null, $this->text($label)) . html::tag('dd', null, $value);
        }

        return html::tag('dl', ['class' => 'pop-policy-server'], $list);
    }

    /**
     * All of it, for Roundcube's template.
     */
    public function html()
    {
        return html::div('formcontainer scroller pop-policy', html::div('formcontent',
            html::tag('h1', null, $this->text('title')) . $this->messages . $this->content));
    }
}
