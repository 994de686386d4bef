"""What make does beside building: notices another Dovecot, installs, makes a release."""

import os
import pathlib
import re
import shutil
import stat
import subprocess

import pytest

from tests.lib import rebuild
from tests.lib.places import BUILD, SOURCE

NO_AUTOTOOLS = [tool + '=false' for tool in ('ACLOCAL', 'AUTOCONF', 'AUTOHEADER', 'AUTOMAKE')]
ABI = re.compile(rb'[\w.]+ABIv\d+[^\0]*')
BUILT = ('*.o', '*.lo', '*.la', '*.log', '*.trs', '*.tar.gz', '.libs', '.git', '__pycache__',
         'pycache', 'autom4te.cache', 'config.status', 'dovecot.stamp')

pytestmark = pytest.mark.skipif(not rebuild.possible(), reason='no compiler, or no headers')


def make(folder, *args):
    """make in a folder, without what its GNUmakefile adds; what it said."""
    environment = {name: value for name, value in os.environ.items() if 'MAKE' not in name}
    done = subprocess.run(['make', '-f', 'Makefile', *args], cwd=folder, env=environment,
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, (args, done.stdout[-2000:], done.stderr)
    return done.stdout


def made(variable):
    """A variable of the Makefile."""
    return re.search(r'^%s = (.*)$' % variable, (BUILD / 'Makefile').read_text(), re.M)[1]


class Tree:
    """A tree of the sources, configured for a Dovecot that we may change."""

    def __init__(self, folder):
        self.folder = folder / 'tree'
        self.headers = folder / 'headers'
        self.config = folder / 'dovecot' / 'dovecot-config'
        headers = rebuild.header('lib.h').parent
        shutil.copytree(headers, self.headers)
        self.config.parent.mkdir()
        self.config.write_text((Tree.installed() / 'dovecot-config').read_text()
                               .replace(str(headers), str(self.headers)))

    @staticmethod
    def installed():
        """The folder of Dovecot's dovecot-config."""
        return pathlib.Path(made('dovecotdir'))

    def configure(self):
        """Run configure, as after unpacking a release."""
        subprocess.run(['./configure', '--quiet', '--without-ldap',
                        '--with-dovecot=%s' % self.config.parent], cwd=self.folder, check=True,
                       capture_output=True, timeout=600)

    def build(self):
        """Build what tells about Dovecot, from the top; what make said, {object: date}."""
        said = make(self.folder, 'SUBDIRS=src/lib')
        make(self.folder / 'src' / 'plugin', 'pop-policy-plugin.lo')
        return said, {path: path.stat().st_mtime_ns for path in self.folder.glob('src/*/*.lo')}

    def abi(self):
        """The Dovecot that the plugin's object says it was made for."""
        return ABI.search((self.folder / 'src/plugin/.libs/pop-policy-plugin.o').read_bytes())[0]

    def release(self, *args):
        """Make the tarball; its path."""
        make(self.folder, 'dist', *args)
        return next(self.folder.glob('dovecot-pop-policy-*.tar.gz'))


@pytest.fixture(scope='module')
def tree(tmp_path_factory):
    """A configured copy of the sources."""
    new = Tree(tmp_path_factory.mktemp('build'))
    shutil.copytree(SOURCE, new.folder, ignore=shutil.ignore_patterns(*BUILT))
    new.configure()
    return new


def change(path, old, new):
    """Change a file of Dovecot as a package does: it keeps the date, which is an old one."""
    status = path.stat()
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    os.utime(path, (status.st_atime, status.st_mtime))


def test_make_notices_another_dovecot(tree):
    _, first = tree.build()
    said, again = tree.build()
    assert again == first and 'configure' not in said
    abi = tree.abi()
    change(tree.headers / 'config.h', 'ABIv', 'ABIv9')
    said, rebuilt = tree.build()
    assert 'Dovecot has changed' in said
    assert tree.abi() == abi.replace(b'ABIv', b'ABIv9')
    assert rebuilt.keys() == first.keys() and all(rebuilt[path] > first[path] for path in first)
    said, again = tree.build()
    assert again == rebuilt and 'Dovecot has changed' not in said
    # a security update: the same version, another header
    change(tree.headers / 'lib.h', '#define LIB_H', '#define LIB_H /* another */')
    _, rebuilt = tree.build()
    assert all(rebuilt[path] > again[path] for path in again)


def test_configure_notices_another_dovecot(tree):
    _, first = tree.build()
    change(tree.config, 'DOVECOT_INSTALLED', '# another\nDOVECOT_INSTALLED')
    tree.configure()
    _, rebuilt = tree.build()
    assert all(rebuilt[path] > first[path] for path in first)


def test_release_is_reproducible_and_needs_no_autotools(tree, tmp_path):
    first = tree.release().read_bytes()
    (tmp_path / 'tarball').write_bytes(first)
    subprocess.run(['tar', '-xzf', 'tarball'], cwd=tmp_path, check=True)
    other = Tree(tmp_path)
    next(tmp_path.glob('dovecot-pop-policy-*')).rename(other.folder)
    old = os.umask(0o077)
    try:
        other.configure()
        second = other.release(*NO_AUTOTOOLS).read_bytes()
    finally:
        os.umask(old)
    assert first == second


def installed(root):
    """What there is in a folder, folders included."""
    return {path.relative_to(root) for path in root.rglob('*')}


def test_install_and_uninstall(tmp_path):
    root = tmp_path / 'root'
    # what is Dovecot's, or the system's
    for folder in (*(made('dovecot_moduledir') + name for name in ('/settings', '/doveadm')),
                   *(made('prefix') + '/share/' + name for name in ('doc', 'man/man1', 'man/man7'))):
        (root / folder.lstrip('/')).mkdir(parents=True)
    before = installed(root)
    make(BUILD, 'install', 'DESTDIR=%s' % root)
    modules = [path for path in root.rglob('*.so*')]
    assert len(modules) == sum(path.name.endswith('.so') for path in modules) >= 1
    assert {stat.S_IMODE(path.stat().st_mode) for path in modules} == {0o644}
    assert not list(root.rglob('*.la'))
    check_links(next(root.rglob('README.md')).parent)
    make(BUILD, 'uninstall', 'DESTDIR=%s' % root)
    assert installed(root) == before


def check_links(folder):
    """All documents are there, and all that they refer to."""
    pages = list(folder.rglob('*.md'))
    assert {page.name for page in pages} >= {'README.md', 'behaviour.md', 'ldap.md'}
    assert (folder / 'NEWS').exists() and (folder / 'schema').is_dir()
    for page in pages:
        for link in re.findall(r'\]\(([^)#]+)', page.read_text()):
            assert ':' in link or (page.parent / link).exists(), (page, link)
