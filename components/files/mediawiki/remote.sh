#!/bin/sh
# Keeps copies of backups in a restic repository elsewhere, for the PHP in the container beside this one: one request after the other,
# each a line in a pipe, answered by a line, which is "ok" or what went wrong. remote.php is the other end. The shell is that of restic's
# image, BusyBox's.
set -u
trap 'exit 0' TERM INT

pipes=/run/remote
secrets=/etc/mediawiki-secrets
export HOME=/tmp RESTIC_CACHE_DIR=/tmp/restic
export RESTIC_PASSWORD_FILE=$secrets/backups-password AWS_SHARED_CREDENTIALS_FILE=$secrets/s3-credentials
ssh="-F none -i $secrets/ssh-key -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=30"
ssh="$ssh -o StrictHostKeyChecking=yes -o UserKnownHostsFile=$secrets/known-hosts"

# repository SECONDS COMMAND... : has restic do something that ends within these seconds. It would try for a quarter of an hour to reach
# what does not answer.
repository() {
	seconds=$1
	shift
	timeout "$seconds" restic --quiet -o sftp.args="$ssh" "$@"
}

soon=30
day=86400
absent=10 # restic's status if there is no repository
locked=12 # and if the password does not open it

# reach : fails if the repository cannot be read; with status $absent, if there is none.
reach() {
	repository $soon cat config --no-lock >/dev/null && return
	status=$?
	[ $status != $locked ] || echo '(the copies were made with another backupsPassword, or another masterSecret)' >&2
	return $status
}

# list FILE : writes what is known of all copies to FILE; of a repository that there is not, that it has none.
list() {
	reach
	case $? in
	0) repository $soon snapshots --no-lock --json >"$1" ;;
	"$absent") echo '[]' >"$1" ;;
	*) return 1 ;;
	esac
}

# push FOLDER WIKI KEEP : copies a backup, and deletes all but the last copies of the wiki. A copy has the backup's name when it is whole.
push() {
	name=${1##*/}
	cd "$1" || return
	reach
	case $? in
	0) ;;
	"$absent") repository $soon init || return ;;
	*) return 1 ;;
	esac
	repository $soon unlock &&
		repository $day backup --host "$2" --group-by host --ignore-ctime --tag "part-$name" . &&
		repository $day tag --host "$2" --tag "part-$name" --set "$name" &&
		repository $day forget --host "$2" --group-by host --keep-last "$3" --prune
}

# pull SNAPSHOT FOLDER : brings a copy back as a folder, which is there when all of it is on the disk.
pull() {
	part=${2%/*}/.part-pulled
	rm -rf "$part" && repository $day restore --no-lock --target "$part" "$1" && sync && mv "$part" "$2" && sync
}

# reason : what is worth knowing of restic's complaints. Who waits for an answer until it is ended has none.
reason() {
	text=$(sed -e 's/^.*returned error, retrying after [^ ]*: //' -e '/signal terminated/d' -e '/context canceled/d' \
		-e '/^Is there a repository/d' -e '/^s3:/d' -e '/^sftp:/d' -e '/^$/d' | uniq | tail -n 3 | tr '\n' ' ')
	echo "${text:-no answer}"
}

cd "$pipes" || exit
[ -p answers ] || mkfifo -m 660 answers
[ -p requests ] || mkfifo -m 660 requests
exec 3<>requests 4<>answers
while read -r request <&3; do
	# shellcheck disable=SC2086 # paths and names without spaces
	if said=$($request 2>&1 >/dev/null); then
		echo ok >&4
	else
		echo "failed: $(printf '%s\n' "$said" | reason)" >&4
	fi
done
