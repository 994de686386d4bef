"""Each dial: what the user sets is stored, and the next POP login obeys."""

import time

from tests.lib.mailuser import stamp
from tests.lib.model import DISABLED
from tests.webmail.accounts import stored


def test_what_is_in_force_is_shown(page, user):
    assert page.status() == 'POP is on for all mail.'
    assert page.chosen('access') == ['all']
    assert page.chosen('spam') == ['exclude']
    assert page.chosen('delete') == ['delete']
    assert page.chosen('keep_for') == ['infinite']
    assert page.chosen('folders[]') == []
    assert stored(user) == {}
