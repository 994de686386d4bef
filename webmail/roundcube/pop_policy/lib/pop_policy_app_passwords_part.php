<?php

/**
 * The part "Application passwords" of the page: a list, a form for a new one, and
 * the question before one is revoked.
 */
class pop_policy_app_passwords_part
{
    private $page;
    private $rc;
    private $passwords;
    private $label = '';

    public function __construct($page, $rc, pop_policy_app_passwords $passwords)
    {
        $this->page      = $page;
        $this->rc        = $rc;
        $this->passwords = $passwords;
    }

    /**
     * Do what a form asks for. Returns false if that was only a question, or else
     * what is to be said, as HTML. Throws pop_policy_error.
     */
    public function handle($posted)
    {
        $label = $posted['_label'] ?? null;

        if (!isset($posted['_name'])) {
            $label       = is_string($label) ? trim($label) : $label;
            $this->label = is_string($label) ? $label : '';
            $password    = $this->passwords->add($label);
            $this->label = '';

            return $this->made($label, $password);
        }
        if (empty($posted['_confirmed'])) {
            $this->passwords->check($posted['_name'], $label);
            return false;
        }
        $this->passwords->revoke($posted['_name'], $label);

        return $this->page->box('confirmation', 'pop-policy-message', $this->page->text('apprevoked'));
    }

    public function html()
    {
        $all  = $this->passwords->all();
        $text = $all === null ? html::p(null, $this->page->text('appoff'))
            : html::p(null, $this->page->text('apphint'))
                . ($all ? $this->table($all) : html::p(null, $this->page->text('appnone')))
                . $this->new_one();

        return html::tag('section', ['class' => 'pop-policy-app-passwords', 'aria-labelledby' => 'pop-policy-app-passwords'],
            html::tag('h2', ['id' => 'pop-policy-app-passwords'], $this->page->text('apppasswords')) . $text);
    }

    /**
     * The question before one is revoked.
     */
    public function question($name, $label)
    {
        $hidden = new html_hiddenfield(['name' => '_confirmed', 'value' => 1]);
        $back   = html::a(['href' => './?_task=settings&_action=' . pop_policy::ACTION, 'class' => 'btn btn-secondary cancel'],
            $this->page->text('cancel'));

        return $this->form($this->page->box('warning', 'pop-policy-question',
            html::tag('h2', null, $this->page->text('apprevokequestion', ['label' => $label]))
            . html::p(null, $this->page->text('apprevokehint')))
            . $hidden->show() . $this->hidden($name, $label)
            . html::div('pop-policy-buttons', $this->button('apprevokeyes') . ' ' . $back));
    }

    private function made($label, $password)
    {
        return $this->page->box('confirmation', 'pop-policy-message pop-policy-new-password',
            html::tag('h2', null, $this->page->text('appnew', ['label' => $label]))
            . html::p(null, html::tag('code', null, rcube::Q($password)))
            . html::p(null, $this->page->text('appnewhint')));
    }

    private function table($all)
    {
        $rows = '';
        foreach ($all as $name => list($label, $created)) {
            $created = pop_policy_time::parse($created) === null ? '' : $this->page->date($created);
            $rows   .= html::tag('tr', null, html::tag('td', null, rcube::Q($label))
                . html::tag('td', null, rcube::Q($created))
                . html::tag('td', null, $this->form($this->hidden($name, $label) . $this->button('apprevoke', $label))));
        }
        $head = '';
        foreach (['applabel', 'appcreated', 'apprevoke'] as $text) {
            $head .= html::tag('th', ['scope' => 'col'], $this->page->text($text));
        }

        return html::tag('table', ['class' => 'pop-policy-table'],
            html::tag('thead', null, html::tag('tr', null, $head)) . html::tag('tbody', null, $rows));
    }

    private function new_one()
    {
        $input = new html_inputfield(['name' => '_label', 'id' => 'pop-policy-label', 'maxlength' => 64,
            'class' => 'form-control', 'autocomplete' => 'off', 'required' => true]);

        return $this->form(html::label('pop-policy-label', $this->page->text('applabel'))
            . $input->show($this->label) . html::div('pop-policy-buttons', $this->button('appadd')));
    }

    private function hidden($name, $label)
    {
        $hidden = new html_hiddenfield(['name' => '_name', 'value' => $name]);
        $hidden->add(['name' => '_label', 'value' => $label]);

        return $hidden->show();
    }

    private function button($text, $label = null)
    {
        $more = $label === null ? ['class' => 'btn btn-primary submit']
            : ['class' => 'btn btn-secondary', 'aria-label' => $this->page->plain($text) . ': ' . $label];

        return html::tag('button', ['type' => 'submit'] + $more, $this->page->text($text));
    }

    private function form($content)
    {
        return $this->rc->output->form_tag([
            'method' => 'post', 'class' => 'pop-policy-app-password',
            'action' => './?_task=settings&_action=' . pop_policy::APP_PASSWORD,
        ], $content);
    }
}
