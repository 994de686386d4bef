<?php

/**
 * The form: a fieldset for each dial, and the question before deleting is final.
 * Radio buttons and a submit button, so that it needs neither a mouse nor
 * JavaScript.
 */
class pop_policy_form
{
    private $page;
    private $rc;
    private $choices;

    public function __construct($page, $rc, pop_policy_choices $choices)
    {
        $this->page    = $page;
        $this->rc      = $rc;
        $this->choices = $choices;
    }

    public function html()
    {
        $fields = '';

        foreach ($this->choices->radios() as $field => $options) {
            $fields .= $this->radios($field, $options);
            if ($field === 'spam') {
                $fields .= $this->folders();
                $folders_done = true;
            }
        }
        if (empty($folders_done)) {
            $fields .= $this->folders();
        }
        if (!$this->choices->writable) {
            return html::p(['class' => 'pop-policy-readonly'], $this->page->text('readonly')) . $fields;
        }

        return $this->form($fields . $this->submit('save'));
    }

    /**
     * The same values again, hidden, and the question.
     */
    public function confirmation($final, $posted)
    {
        $hidden = new html_hiddenfield(['name' => '_confirmed', 'value' => 1]);

        foreach (array_keys($this->choices->radios()) as $field) {
            $hidden->add(['name' => '_' . $field, 'value' => $posted['_' . $field]]);
        }
        if (!empty($posted['_folders_shown'])) {
            $hidden->add(['name' => '_folders_shown', 'value' => 1]);
        }
        foreach ((array) ($posted['_folders'] ?? []) as $entry) {
            $hidden->add(['name' => '_folders[]', 'value' => $entry]);
        }

        $text = '';
        foreach ($final as $label => $interval) {
            $vars  = $interval === null ? [] : ['interval' => $this->page->interval($interval)];
            $text .= html::p(null, $this->page->text($label, $vars));
        }
        $back = html::a(['href' => './?_task=settings&_action=' . pop_policy::ACTION, 'class' => 'btn btn-secondary cancel'],
            $this->page->text('cancel'));

        return $this->form($this->page->box('warning', 'pop-policy-question',
            html::tag('h2', null, $this->page->text('confirm')) . $text)
            . $hidden->show() . $this->submit('confirmsave', $back));
    }

    private function form($content)
    {
        $seen = new html_hiddenfield(['name' => '_seen', 'value' => $this->choices->state->fingerprint()]);

        return $this->rc->output->form_tag([
            'id'     => 'pop-policy-form',
            'method' => 'post',
            'action' => './?_task=settings&_action=' . pop_policy::SAVE,
        ], $seen->show() . $content);
    }

    // (not class formbuttons: the skin hides those on phones)
    private function submit($label, $more = '')
    {
        return html::div('pop-policy-buttons',
            html::tag('button', ['type' => 'submit', 'class' => 'btn btn-primary submit'], $this->page->text($label)) . ' ' . $more);
    }

    private function radios($field, $options)
    {
        $current = $this->choices->current($field);
        $lines   = '';

        foreach ($options as $number => $option) {
            $id    = "pop-policy-$field-$number";
            $radio = new html_radiobutton(['name' => '_' . $field, 'id' => $id, 'value' => $option,
                'disabled' => !$this->choices->writable]);
            $lines .= $this->line($radio->show($current), $id, $this->option_text($field, $option));
        }

        return $this->fieldset($field, $lines);
    }

    private function option_text($field, $option)
    {
        if ($field === 'keep_for' && $option !== 'infinite') {
            return rcube::Q($this->page->interval($option));
        }
        $vars = $option === 'since' ? ['time' => $this->page->date($this->choices->state->value('since'))] : [];

        return $this->page->text($field . $option, $vars);
    }

    private function folders()
    {
        $folders = $this->choices->folders();
        if ($folders === null) {
            return '';
        }

        $shown = new html_hiddenfield(['name' => '_folders_shown', 'value' => 1]);
        if (!$folders) {
            return $shown->show();
        }

        $lines  = '';
        $number = 0;
        foreach ($folders as $entry => $chosen) {
            $id  = 'pop-policy-folder-' . $number++;
            $box = new html_checkbox(['name' => '_folders[]', 'id' => $id, 'value' => $entry,
                'disabled' => !$this->choices->writable]);
            $lines .= $this->line($box->show($chosen ? $entry : ''), $id, rcube::Q(pop_policy_list::label($entry)));
        }

        return $this->fieldset('extra_mailboxes', $shown->show() . $lines);
    }

    private function line($input, $id, $text)
    {
        return html::div('pop-policy-line', $input . ' ' . html::label($id, $text));
    }

    private function fieldset($field, $lines)
    {
        $hint = html::p(['class' => 'hint', 'id' => "pop-policy-hint-$field"], $this->page->text($field . 'hint'));

        return html::tag('fieldset', ['class' => "pop-policy-$field", 'aria-describedby' => "pop-policy-hint-$field"],
            html::tag('legend', null, $this->page->text($field)) . $hint . $lines);
    }
}
