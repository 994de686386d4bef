"""Thunderbird without a screen: told what its user clicks, and asked which dialogs it shows.

Its remote control, Marionette, runs scripts with all of Thunderbird's own rights.
"""

import collections
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess

import pytest

from tests.lib.mailclients import Client
from tests.lib.processes import die_with_parent, group_members
from tests.lib.serverlog import poll

TIMEOUT = 120
# Older ones do not say when a session has ended.
OLDEST = 153

# A dialog's kind is alert, confirmEx (a question with other words than yes and no),
# promptPassword, ...
Dialog = collections.namedtuple('Dialog', 'kind text')

NO_TLS, TLS = 0, 3
PLAIN_PASSWORD = 3

PREFERENCES = {
    'mail.accountmanager.accounts': 'account1,account2',
    'mail.accountmanager.defaultaccount': 'account1',
    'mail.accountmanager.localfoldersserver': 'server2',
    'mail.account.account1.server': 'server1',
    'mail.account.account1.identities': 'id1',
    'mail.account.account2.server': 'server2',
    'mail.identity.id1.useremail': 'someone@example.org',
    'mail.server.server1.type': 'pop3',
    'mail.server.server1.hostname': '127.0.0.1',
    'mail.server.server1.authMethod': PLAIN_PASSWORD,
    'mail.server.server1.leave_on_server': True,
    # only when it is told to
    'mail.server.server1.check_new_mail': False,
    'mail.server.server1.login_at_startup': False,
    'mail.server.server2.type': 'none',
    'mail.server.server2.hostname': 'Local Folders',
    'mail.server.server2.userName': 'nobody',
    'marionette.port': 0,
    # Nothing leaves this machine: every name is localhost's, and the proxy for all but mail a port
    # where nobody listens.
    'network.dns.native-is-localhost': True,
    'network.proxy.type': 1,
    'network.proxy.http': '127.0.0.1',
    'network.proxy.http_port': 9,
    'network.proxy.ssl': '127.0.0.1',
    'network.proxy.ssl_port': 9,
    'mailnews.start_page.enabled': False,
    # what it and the server say, for a test that fails
    'mailnews.pop3.loglevel': 'All',
    'devtools.console.stdout.chrome': True,
}

IMPORTS = """
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const server = MailServices.accounts.defaultAccount.incomingServer;
"""

# The user has stored the password, and trusts the certificate authority.
SET_UP = IMPORTS + """
const [password, authority, done] = arguments;
const Login = Components.Constructor(
  "@mozilla.org/login-manager/loginInfo;1", "nsILoginInfo", "init");
const origin = "mailbox://" + server.hostname;
if (authority)
  Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB)
    .addCertFromBase64(authority, "C,,");
Services.logins.addLoginAsync(
  new Login(origin, null, origin, server.username, password, "", "")).then(() => done(), error => done(String(error)));
"""

# Get Messages, until the session has ended and every dialog was closed for a second. The user
# takes note of an alert, and cancels what else there is, or enters the password. Marionette does
# not wait for scripts while a dialog is open: a file has what was shown.
GET_MESSAGES = IMPORTS + """
const [password, file] = arguments;
const shown = [];
let running = true, open = 0, quiet = 0;
const user = { observe(dialog) {
  const element = id => dialog.document.getElementById(id);
  const kind = dialog.args.promptType;
  let button = "cancel";
  if (kind == "alert")
    button = "accept";
  else if (password && kind == "confirmEx")
    button = "extra1"; // Enter New Password
  else if (password && kind == "promptPassword") {
    element("password1Textbox").value = password;
    button = "accept";
  }
  shown.push([kind, element("infoBody").textContent]);
  open++;
  dialog.addEventListener("unload", () => open--);
  dialog.setTimeout(() => element("commonDialog").getButton(button).click());
} };
Services.obs.addObserver(user, "common-dialog-loaded");
const timer = setInterval(() => {
  quiet = running || open ? 0 : quiet + 1;
  if (quiet == 10) {
    clearInterval(timer);
    Services.obs.removeObserver(user, "common-dialog-loaded");
    IOUtils.writeJSON(file, shown, { tmpPath: file + ".new" });
  }
}, 100);
server.getNewMessages(server.rootFolder, window.msgWindow, {
  OnStartRunningUrl() {},
  OnStopRunningUrl() { running = false; },
});
"""

SUBJECTS = IMPORTS + """
const inbox = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
return [...inbox.messages].map(message => message.mime2DecodedSubject);
"""


class Marionette:
    """A connection to Marionette: JSON texts, before each its length and a colon."""

    def __init__(self, port):
        self.number = 0
        self.sock = socket.create_connection(('127.0.0.1', port), TIMEOUT)
        self.file = self.sock.makefile('rwb')
        self._receive()
        self.call('WebDriver:NewSession')  # waits until Thunderbird is up
        self.call('Marionette:SetContext', value='chrome')

    def _receive(self):
        length = b''
        while not length.endswith(b':'):
            byte = self.file.read(1)
            assert byte, 'Thunderbird has ended'
            length += byte
        return json.loads(self.file.read(int(length[:-1])))

    def call(self, command, **parameters):
        """Run a command and return its result."""
        self.number += 1
        data = json.dumps([0, self.number, command, parameters]).encode()
        self.file.write(b'%d:%s' % (len(data), data))
        self.file.flush()
        _, number, error, result = self._receive()
        assert number == self.number and not error, (command, error)
        return result

    def script(self, script, *args, wait=False):
        """What a script returns or, with wait, what it calls its last argument with."""
        command = 'WebDriver:ExecuteAsyncScript' if wait else 'WebDriver:ExecuteScript'
        return self.call(command, script=script, args=args, sandbox='system')['value']

    def close(self):
        """End the connection."""
        self.file.close()
        self.sock.close()


class Thunderbird(Client):
    """Thunderbird with a new profile that has one account; it runs inside a with statement.

    authority: the certificate file of an authority that the user trusts, for TLS from the start.
    password: the one that the user has stored, by default the right one.
    """

    program = 'thunderbird'

    def __init__(self, user, authority=None, password=None):
        super().__init__(user)
        version = self.run(self.program, '--version')
        if int(re.search(r'(\d+)\.', version)[1]) < OLDEST:
            pytest.skip('%s is too old' % version.strip())
        self.authority = authority
        self.password = password or user.password
        self.profile = self.home / 'profile'
        self.profile.mkdir()
        shutil.chown(self.profile, 'nobody')
        self.log = self.home / 'log'
        self.process = None
        self.marionette = None

    def __enter__(self):
        self._write_preferences()
        self._start()
        try:
            self._set_up()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_):
        self.marionette.close()
        self._stop()

    def _write_preferences(self):
        account = {'userName': self.user.name, 'socketType': TLS if self.authority else NO_TLS,
                   'port': self.user.server.ports['pop3s' if self.authority else 'pop3']}
        account = {'mail.server.server1.' + name: value for name, value in account.items()}
        self.config('profile/user.js', ''.join(
            'user_pref(%s, %s);\n' % (json.dumps(name), json.dumps(value))
            for name, value in {**PREFERENCES, **account}.items()))

    def _start(self):
        environment = {'HOME': str(self.home), 'PATH': os.environ['PATH'], 'LC_ALL': 'C',
                       'MOZ_CRASHREPORTER_DISABLE': '1'}
        with open(self.log, 'wb') as log:
            self.process = subprocess.Popen(
                [self.program, '--headless', '--marionette', '--remote-allow-system-access',
                 '--no-remote', '--profile', self.profile], env=environment, cwd=self.home,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=die_with_parent, user='nobody', group='nogroup', extra_groups=[])

    def _set_up(self):
        port = poll(self._port, TIMEOUT, 0.1)
        assert port, 'Thunderbird does not start'
        self.marionette = Marionette(port)
        authority = self.authority and ''.join(self.authority.read_text().splitlines()[1:-1])
        assert self.marionette.script(SET_UP, self.password, authority, wait=True) is None

    def _port(self):
        """The port of Marionette, once it is there."""
        try:
            return int((self.profile / 'MarionetteActivePort').read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _stop(self):
        """End it; a test that fails shows what it and the server said."""
        group = self.process.pid
        self.process.terminate()
        if not poll(lambda: self.process.poll() is not None and not group_members(group), 10):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
            self.process.wait()
        print(*(line for line in self.log.read_text(errors='replace').splitlines()
                if 'pop3' in line or 'Error' in line), sep='\n')

    def get_messages(self, password=None):
        """Get Messages; the dialogs it shows. password: what the user enters if asked for it."""
        shown = self.home / 'shown'
        self.marionette.script(GET_MESSAGES, password, str(shown))
        assert poll(shown.exists, TIMEOUT, 0.1), 'it does not come to an end'
        dialogs = [Dialog(*dialog) for dialog in json.loads(shown.read_text())]
        shown.unlink()
        return dialogs

    def subjects(self):
        """Sorted subjects of what is in its inbox."""
        return sorted(self.marionette.script(SUBJECTS))

    def stored(self):
        """What is in its inbox, as it is in its file."""
        return (self.profile / 'Mail' / '127.0.0.1' / 'Inbox').read_bytes()
