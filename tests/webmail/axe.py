"""axe-core, which says what is wrong with a page for people who cannot see or use a mouse."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).parent / 'npm'
CACHE = pathlib.Path(os.environ.get('POP_POLICY_CACHE') or '/var/cache/dovecot-pop-policy')


def script():
    """The text of axe-core: installed by npm once, of the version and with the hash in npm/."""
    lock = (HERE / 'package-lock.json').read_bytes()
    folder = CACHE / 'webmail' / hashlib.sha256(lock).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / 'node_modules/axe-core/axe.min.js'
    with open(folder / 'lock', 'w', encoding='ascii') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not path.exists():
            for name in ('package.json', 'package-lock.json'):
                shutil.copyfile(HERE / name, folder / name)
            done = subprocess.run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'],
                                  cwd=folder, capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, done.stdout + done.stderr
    return path.read_text(encoding='utf-8')


RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(
    result => done(result.violations), error => done([{id: String(error), nodes: []}]));
"""


def violations(browser):
    """{rule: elements} of what axe-core finds in the whole page."""
    driver = browser.driver
    driver.execute_script(script())
    driver.set_script_timeout(60)
    found = driver.execute_async_script(RUN)
    return {one['id']: [' '.join(map(str, node['target'])) for node in one['nodes']]
            for one in found}
