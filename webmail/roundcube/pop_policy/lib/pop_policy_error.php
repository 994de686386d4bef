<?php

/**
 * Why the settings cannot be shown or saved. The label is a text of the
 * localisation, for the user; the details, if there are any, go to the log.
 */
class pop_policy_error extends Exception
{
    public $label;
    public $details;

    public function __construct($label, $details = null)
    {
        parent::__construct($details ?? $label);
        $this->label   = $label;
        $this->details = $details;
    }

    /**
     * Whether it is certain that nothing was changed.
     */
    public function is_refusal()
    {
        return $this->label !== 'unavailable';
    }
}
