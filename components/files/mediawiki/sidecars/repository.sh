#!/bin/sh
# Runs restic for the PHP in the container beside this one (src/Repository.php). One pipe carries requests, a line each. The other
# carries the answers: "ok" or what went wrong. The shell is BusyBox's, which is in restic's image.
set -u
trap 'end; exit 0' TERM INT

child=
pipes=/run/remote
secrets=/etc/mediawiki-secrets
export HOME=/tmp RESTIC_CACHE_DIR=/tmp/restic
export RESTIC_PASSWORD_FILE=$secrets/backups-password AWS_SHARED_CREDENTIALS_FILE=$secrets/s3-credentials
ssh="-F none -i $secrets/ssh-key -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=30"
ssh="$ssh -o StrictHostKeyChecking=yes -o UserKnownHostsFile=$secrets/known-hosts"

# end : ends the current request; in a container, all processes but this shell. restic removes its lock before it ends.
end() {
	if [ $$ = 1 ]; then kill -s TERM -- -1 2>/dev/null; elif [ -n "$child" ]; then kill "$child"; fi
	wait
}

# repository SECONDS COMMAND... : runs restic with a timeout. restic itself would retry for a quarter of an hour if the server does
# not answer.
repository() {
	seconds=$1
	shift
	timeout "$seconds" restic --quiet -o sftp.args="$ssh" "$@"
}

soon=30
day=86400
absent=10 # restic's status if there is no repository
locked=12 # restic's status if the password does not open the repository

# reach : fails if the repository cannot be read; with status $absent if there is none.
reach() {
	repository $soon cat config --no-lock >/dev/null && return
	status=$?
	[ $status != $locked ] || echo '(the copies were made with another backupsPassword, or another masterSecret)' >&2
	return $status
}

# list FILE : writes all snapshots to FILE; an empty list if there is no repository yet.
list() {
	reach
	case $? in
	0) repository $soon snapshots --no-lock --json >"$1" ;;
	"$absent") echo '[]' >"$1" ;;
	*) return 1 ;;
	esac
}

# push FOLDER WIKI NUMBER : copies a backup. A complete copy has the backup's name and number as tags. Only this wiki uses the
# repository, with one program at a time, so a lock in it was left by a Pod that was killed.
push() {
	name=${1##*/}
	cd "$1" || return
	reach
	case $? in
	0) ;;
	"$absent") repository $soon init || return ;;
	*) return 1 ;;
	esac
	repository $soon unlock --remove-all &&
		repository $day backup --host "$2" --group-by host --ignore-ctime --tag "part-$name" . &&
		repository $day tag --host "$2" --tag "part-$name" --set "$name,number-$3"
}

# forget SNAPSHOT... : deletes copies.
forget() {
	repository $soon unlock --remove-all && repository $day forget --prune "$@"
}

# pull SNAPSHOT FOLDER : copies a backup back. The folder appears when all of it is on the disk.
pull() {
	part=${2%/*}/.part-pulled
	rm -rf "$part" && repository $day restore --no-lock --target "$part" "$1" && sync && mv "$part" "$2" && sync
}

# reason : filters restic's messages for the reason of a failure. There is none if restic waited for an answer until its timeout.
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
	# In the background, because a shell handles no signal while it waits for a foreground process.
	# shellcheck disable=SC2086 # paths and names without spaces
	$request >/dev/null 2>/tmp/said &
	child=$!
	if wait "$child"; then
		echo ok >&4
	else
		echo "failed: $(reason </tmp/said)" >&4
	fi
done
