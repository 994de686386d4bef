"""A headless Chromium, and the page in it as a user meets it."""

import contextlib
import http.cookiejar
import pathlib
import re
import shutil
import tempfile
import urllib.parse
import urllib.request

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 30
# The one that cannot show a window takes half of the time. Its driver waits for a page, and ends
# the process that it has started: not the script in /usr/bin, which is the parent of another.
PROGRAM = """#!/bin/sh
exec /usr/lib/chromium/chromium-headless-shell "$@" about:blank
"""
PAGE = '?_task=settings&_action=plugin.pop_policy'


def session_cookies(site, user):
    """The cookies of a user who has signed in; to show the form takes longer than many a test."""
    cookies = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    with opener.open(site.url, timeout=PATIENCE) as answer:
        token = re.search(rb'name="_token" value="(\w+)"', answer.read())[1].decode()
    form = {'_token': token, '_task': 'login', '_action': 'login', '_url': '_task=settings',
            '_timezone': 'UTC', '_user': user.name, '_pass': user.password}
    with opener.open(site.url + '?_task=login', urllib.parse.urlencode(form).encode(),
                     timeout=PATIENCE) as answer:
        assert b'settings-menu' in answer.read(), 'the login failed'
    return cookies


class Browser:
    """A Chromium with a profile of its own."""

    def __init__(self, language='en-US', javascript=True):
        self.profile = tempfile.mkdtemp(prefix='pp-chromium-', dir='/tmp')
        program = pathlib.Path(self.profile, 'program')
        program.write_text(PROGRAM)
        program.chmod(0o755)
        options = webdriver.ChromeOptions()
        for argument in ('--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
                         '--window-size=1200,1000', '--accept-lang=' + language,
                         '--user-data-dir=' + self.profile, '--no-first-run',
                         '--disable-background-networking', '--disable-component-update',
                         '--force-prefers-reduced-motion'):
            options.add_argument(argument)
        preferences = {'intl.accept_languages': language}
        if not javascript:
            preferences['profile.managed_default_content_settings.javascript'] = 2
        options.add_experimental_option('prefs', preferences)
        options.binary_location = str(program)
        self.driver = webdriver.Chrome(options=options,
                                       service=Service(shutil.which('chromedriver')))
        self.site = None

    def close(self):
        """End it."""
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    # -- ways

    def login(self, site, user):
        """Be signed in at a Roundcube as that user, as sign_in() does it, but quicker."""
        self._begin(site)
        for cookie in session_cookies(site, user):
            self.driver.execute_cdp_cmd('Network.setCookie', {
                'name': cookie.name, 'value': cookie.value, 'url': site.url})
        return self

    def _begin(self, site):
        """Nothing is left of whoever was here before."""
        self.driver.execute_cdp_cmd('Network.clearBrowserCookies', {})
        self.site = site

    def sign_in(self, site, user):
        """Sign in at a Roundcube as that user, by its form."""
        self._begin(site)
        # (where the mail page need not be shown first)
        self.driver.get(site.url + '?_task=settings')
        self.find('#rcmloginuser').send_keys(user.name)
        self.find('#rcmloginpwd').send_keys(user.password + Keys.ENTER)
        self.wait(lambda: self.all('#settings-menu'))
        return self

    def open(self):
        """The page POP access."""
        self.driver.get(self.site.url + PAGE)
        self.wait(lambda: self.all('.pop-policy'))
        return self

    def open_by_menu(self):
        """The same by the settings' own menu."""
        self.driver.get(self.site.url + '?_task=settings')
        self.wait(lambda: self.all('#settings-menu li.pop_policy a'))
        self.find('#settings-menu li.pop_policy a').click()
        self.wait(lambda: self.all('.pop-policy'))
        return self

    def wait(self, condition):
        """What the condition gives, once that is something."""
        return WebDriverWait(self.driver, PATIENCE, 0.05).until(lambda _: condition())

    # -- what is there

    def find(self, selector):
        """The first element, which must be there."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        """All elements."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector='.pop-policy'):
        """The visible text of an element, '' if there is none."""
        return '\n'.join(element.text for element in self.all(selector))

    def status(self):
        """The sentence on top."""
        return self.text('.pop-policy-status')

    def messages(self):
        """What is said above the form."""
        return self.text('.pop-policy-message')

    def options(self, field):
        """{value: label} of the radio buttons or checkboxes of a field, in order."""
        return {one.get_attribute('value'): self.text('label[for="%s"]' % one.get_attribute('id'))
                for one in self.inputs(field)}

    def inputs(self, field):
        """The radio buttons or checkboxes of a field."""
        return self.all('#pop-policy-form [name="_%s"]' % field) or self.all(
            '.pop-policy fieldset [name="_%s"]' % field)

    def chosen(self, field):
        """The values that are chosen there."""
        return [one.get_attribute('value') for one in self.inputs(field) if one.is_selected()]

    # -- what a user does

    def choose(self, **values):
        """Choose options by their labels, with the mouse."""
        for field, value in values.items():
            one = next(one for one in self.inputs(field) if one.get_attribute('value') == value)
            self.find('label[for="%s"]' % one.get_attribute('id')).click()

    def submit(self):
        """Send the form, and wait for the page that comes."""
        with self.new_page():
            self.find('#pop-policy-form button[type=submit]').click()

    @contextlib.contextmanager
    def new_page(self):
        """Until another page is there."""
        old = self.find('html')
        yield
        self.wait(lambda: self._is_gone(old))
        self.wait(lambda: self.driver.execute_script('return document.readyState') == 'complete')

    @staticmethod
    def _is_gone(element):
        try:
            return not element.is_enabled()
        except Exception:  # pylint: disable=broad-except
            return True

    def save(self, **values):
        """Choose, save, and see that it was saved."""
        self.choose(**values)
        self.submit()
        assert self.messages().startswith('Saved.'), self.text()

    # -- the keyboard

    def press(self, *keys):
        """Keys, as the user presses them one after the other."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def focus(self):
        """What has the focus: its id, name or tag."""
        return self.driver.execute_script(
            'const e = document.activeElement; return e.id || e.name || e.tagName')

    def tab_to(self, condition, limit=80):
        """Press Tab until what has the focus meets the condition."""
        for _ in range(limit):
            self.press(Keys.TAB)
            if condition(self.focus()):
                return
        raise AssertionError('the keyboard does not get there')
