# ccache.sh: to be sourced by scripts that compile the same tree again and again,
# in other folders. Tests do that below /tmp.

cache=${POP_POLICY_CACHE:-/var/cache/dovecot-pop-policy}
export PATH=/usr/lib/ccache:$PATH CCACHE_DIR=$cache/ccache
export CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=/tmp
