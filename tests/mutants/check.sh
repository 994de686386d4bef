#!/bin/bash
# check.sh [NAME...]: whether the soak finds each of the errors in NAME.patch
# here, or else some rows of make check-faults: in five minutes each.
# "make check-mutants" calls it in the source folder, once it is configured.
# SEED: the number of the first store.

set -u -o pipefail

limit=300
# faults at QUIT that do not kill it: all rows of the matrix would take hours
rows='call-ENOSPC call-EIO call-EROFS call-ENOLCK tmpfs-full unwritable'
seed=${SEED:-$RANDOM}
folder=$(dirname "$0")
tree=$(mktemp -d /tmp/pop-policy-mutants-XXXXXX) || exit 1
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
log=$tree/mutant.log
missed=()
unset MAKEFLAGS MFLAGS MAKEOVERRIDES
export POP_POLICY_REDUCE=0 POP_POLICY_ROWS="$rows"

build() {
	make -C "$tree" all >"$log" 2>&1 || {
		tail -n 30 "$log"
		echo "mutants: $1 does not build"
		return 1
	}
}

soak() {
	make -C "$tree" soak SOAK="$1" SEED="$seed" >"$log" 2>&1
}

# what the soak has found, in a word or two
what_soak_said() {
	sed -n '/counter-example on/,$p' "$log" |
		grep -m1 -oE '^(queue [a-z ]+|not there|there|lost|delivered|QUIT failed|neither [a-z ]+|copies too many|lock left|log: [A-Z]|trouble|[A-Za-z]+Error in [a-z_]*)' |
		cut -c1-60
}

# found NAME: say by what the error is found, and when
found() {
	local start=$SECONDS
	if ! soak $limit && grep -q 'counter-example on' "$log"; then
		printf '%-22s soak   %4d s  %s, %s\n' "$1" $((SECONDS - start)) \
			"$(sed -n 's/.*counter-example on //p' "$log" | head -n 1)" \
			"$(what_soak_said)"
		return 0
	fi
	start=$SECONDS
	if ! timeout $limit make -C "$tree" check-faults RUNS=5 PYTEST_ARGS=-x \
		>"$log" 2>&1 &&
		grep -qE '^(FAILED|=.* failed)' "$log"; then
		printf '%-22s faults %4d s\n' "$1" $((SECONDS - start))
		return 0
	fi
	printf '%-22s not found\n' "$1"
	return 1
}

# mutant PATCH: with the error in the tree
mutant() {
	local name result=0
	name=$(basename "$1" .patch)
	patch --directory="$tree" --strip=1 --force --silent <"$1" || {
		echo "mutants: $name does not apply"
		return 1
	}
	if build "$name"; then
		found "$name" || result=1
	else
		result=1
	fi
	patch --directory="$tree" --strip=1 --force --silent --reverse <"$1" &&
		return $result
}

[ -x config.status ] || {
	echo 'mutants: only where configure has been run'
	exit 1
}
tar -cf - --exclude=./.git . | tar -xf - -C "$tree" || exit 1
# the copy's own paths
(cd "$tree" && ./config.status --recheck && ./config.status) >"$log" 2>&1 && build 'The tree' || exit 1

echo "mutants: SEED=$seed; at first without any error"
soak 60 || {
	cat "$log"
	exit 1
}
[ $# -gt 0 ] || set -- "$folder"/*.patch
for patch; do
	[ -f "$patch" ] || patch=$folder/$patch.patch
	mutant "$patch" || missed+=("$(basename "$patch" .patch)")
done
[ ${#missed[@]} -eq 0 ] || {
	echo "mutants: not found: ${missed[*]}"
	exit 1
}
echo 'mutants: all found'
