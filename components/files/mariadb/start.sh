#!/bin/bash
# Starts MariaDB through the image's own entry point, which creates a missing data directory. It does that in steps, and a kill between
# them leaves a directory that never starts again. So the directory counts as unfinished, and is created again from scratch, until
# ready.sh has seen the server answer. Before that, no account exists that could write to it.
set -euo pipefail
trap 'exit 143' TERM INT

data=/var/lib/mysql
state=/var/lib/mediawiki-stack

say() { printf '%s mediawiki-stack: %s\n' "$(date --rfc-3339=seconds)" "$*"; }

# File systems on block devices contain lost+found.
contents() { find "$data" -mindepth 1 -maxdepth 1 ! -name lost+found "$@"; }

# refuse REASON : ends with a reason, which Kubernetes keeps as the termination message.
refuse() {
	say "$1"
	printf '%s\n' "$1" >/dev/termination-log
	exit 1
}

for folder in "$data" "$state"; do
	[[ -w $folder ]] || refuse "user $(id -u):$(id -g) cannot write to the volume for the database: $folder belongs to $(
		stat -c '%u:%g with mode %a' "$folder"). On the machine that has the volume (kubectl get pv), type: sudo chown -R $(id -u):$(id -g) FOLDER"
done

rm -f /run/mysqld/{open,accepts,serving,synchronous}
if [[ -e $state/unfinished ]] && compgen -G "$data/$DATABASE_NAME/page.*" >/dev/null; then
	say "$data counts as unfinished, but holds a wiki: keeping it"
	rm "$state/unfinished"
fi
if [[ -e $state/unfinished && -n $(contents -print -quit) ]]; then
	say "the first start was interrupted before anyone could connect: creating $data again"
	contents -exec rm -rf {} +
fi
if [[ -z $(contents -print -quit) ]]; then
	touch "$state/unfinished"
	# Root can only be used inside this container, and its password is stored nowhere else.
	(umask 077 && head -c 32 /dev/urandom | base64 | tr -d '\n' >"$state/root-password")
	sync "$state"/*
fi

# finish_log starts MariaDB once more with the binary log from when it was one of two, and stops it. With a log, a commit is on the disk
# only in the log, from which a crashed server completes it. Without the log, it would be rolled back: an acknowledged edit would be lost.
finish_log() {
	say "completing the transactions in the binary log, which one database does not use"
	local socket=/run/mysqld/log.sock
	rm -f "$socket"
	mariadbd --skip-networking --socket="$socket" --skip-slave-start --log-bin=binlog --innodb-buffer-pool-size="${BUFFER_POOL}M" &
	until [[ -S $socket ]]; do
		kill -0 $! || refuse "MariaDB cannot read its log: see its messages above"
		sleep 0.2
	done
	kill $!
	wait $!
}

# series TEXT : prints the series, such as "11.8", of the first version in TEXT.
series() { grep -oE '[0-9]+\.[0-9]+' <<<"$1" | head -n 1; }

# MariaDB upgrades the files of any older series, and cannot read those of a newer one:
# https://mariadb.com/docs/server/server-management/install-and-upgrade-mariadb/upgrading/upgrading-between-major-mariadb-versions
runs=$(series "$(mariadbd --version)")
for info in "$data/mariadb_upgrade_info" "$data/mysql_upgrade_info"; do
	[[ -e $info ]] || continue
	written=$(series "$(tr -d '\0' <"$info")")
	break
done
if [[ ${written:-$runs} != "$runs" ]]; then
	if [[ $(printf '%s\n' "$written" "$runs" | sort -V | head -n 1) == "$runs" ]]; then
		refuse "$data was written by MariaDB $written, which $runs cannot read: set images.mariadb to $written or a later one"
	fi
	# Make a copy to go back to. An existing one is from before an upgrade that was interrupted.
	copy=$state/before-$runs
	if [[ ! -e $copy ]]; then
		say "MariaDB $written becomes $runs: copying $data to $copy"
		rm -rf "$state"/before-*
		# In the background, because bash handles no signal while it waits for a foreground process.
		cp -a --reflink=auto "$data" "$copy.part" &
		if ! wait $! || ! sync -f "$copy.part"; then
			rm -rf "$copy.part"
			refuse "without a copy nothing is upgraded: it takes $(du -sh "$data" | cut -f1) on the volume, which has $(df -h --output=avail "$state" | tail -n 1) left"
		fi
		mv "$copy.part" "$copy"
	fi
fi
# One of two servers replicates the other. The file $state/replica says that this database is a copy, perhaps an incomplete one, and
# $state/history names the log of a primary: see replicate.sh.
replication=()
if [[ -n ${MEMBER-} ]]; then
	[[ -s $state/history ]] || od -An -N4 -tu4 /dev/urandom | tr -d ' ' >"$state/history"
	replication=(--server-id="$MEMBER" --gtid-domain-id="$(<"$state/history")" --rpl-semi-sync-master-timeout="$REPLICA_TIMEOUT")
elif [[ -e $state/replica ]]; then
	refuse "the database on this volume is a copy of the primary's: set database.replicas to 2, and see wiki promote --help"
elif [[ -e $state/history ]]; then
	finish_log
	rm -f "$data"/binlog.* "$state/history"
fi
export MARIADB_ROOT_PASSWORD_FILE=$state/root-password MARIADB_ROOT_HOST=localhost MARIADB_AUTO_UPGRADE=1 MARIADB_INITDB_SKIP_TZINFO=1
# Beyond the last limit, which MariaDB has since 11.5, a query fails. Without it, Kubernetes would evict this Pod.
set -- --innodb-buffer-pool-size="${BUFFER_POOL}M" --max-connections="$CONNECTIONS" \
	--loose-max-tmp-total-space-usage="${TEMPORARY}M" "${replication[@]}"
if [[ -n ${GENTLE-} ]]; then
	# An acknowledged transaction is in the kernel's cache, which survives a kill of MariaDB, and on the disk within five seconds.
	set -- "$@" --innodb-flush-log-at-trx-commit=2 --innodb-flush-log-at-timeout=5
	[[ -z ${MEMBER-} ]] || set -- "$@" --sync-binlog=0
fi
exec docker-entrypoint.sh mariadbd "$@"
