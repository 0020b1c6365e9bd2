#!/bin/bash
# Runs beside each of two MariaDB servers, and makes it what the roles say: the primary, which accepts writes, or the replica, which copies
# the primary. The roles are a ConfigMap, which `wiki promote` changes; without one, member 1 is the primary.
#
# What a volume holds is in two files. "history" is the number, MariaDB's GTID domain, under which this server has logged its writes since
# its log began. A log that has begun again, after a promotion or after a time without a replica, has another number, so that nothing is
# ever replicated across a gap. "replica" exists if the database is a copy, and has the history of which it is a complete one.
set -uo pipefail
trap 'exit 0' TERM INT

state=/var/lib/mediawiki-stack
secrets=/etc/mediawiki-secrets
roles=/etc/mediawiki-roles/primary
# Files in run last as long as the Pod. start.sh deletes "accepts", "serving" and "synchronous" when MariaDB starts.
run=/run/mysqld

said=
# say TEXT : logs a text, unless it is the last one again.
say() {
	[[ $1 != "$said" ]] || return 0
	said=$1
	printf '%s %s\n' "$(date --rfc-3339=seconds)" "$1"
}

# quote TEXT : prints TEXT as an SQL string.
quote() {
	local text=${1//\\/\\\\}
	printf "'%s'" "${text//\'/\\\'}"
}

# own [OPTION...] : MariaDB's client for this server, as root.
own() {
	MYSQL_PWD=$(<"$state/root-password") mariadb --protocol=socket --user=root --skip-ssl --batch --skip-column-names "$@"
}

# at HOST PROGRAM [OPTION...] : runs one of MariaDB's programs with the other server, if the Service HOST leads there.
at() {
	MYSQL_PWD=$(<"$secrets/replication-password") "$2" --host="$1" --port=3306 --user=replication --skip-ssl "${@:3}"
}

# ask HOST SQL : prints the answer of a server within five seconds.
ask() { timeout 5 bash "$0" at "$1" mariadb --connect-timeout=2 --batch --skip-column-names -e "$2" 2>/dev/null; }

# status NAME : prints a field of this server's state as a replica; nothing if it is none.
status() { own --vertical --column-names -e 'SHOW SLAVE STATUS' | sed -n "s/^ *$1: //p"; }

# sequence DOMAIN POSITION : prints how many transactions of a domain a GTID position includes.
sequence() { tr ',' '\n' <<<"$2" | awk -F- -v domain="$1" '$1 == domain { print $3; found = 1 } END { if (!found) print 0 }'; }

# leads : whether this server is to be the primary. The kubelet takes up to two minutes to change the mounted roles.
leads() {
	if [[ $(cat "$roles" 2>/dev/null || echo 1) == "$MEMBER" ]]; then
		rm -f "$run/promoted"
	else
		[[ -n $(find "$run/promoted" -mmin -5 2>/dev/null) ]]
	fi
}

# close_server : stops all writes of the wiki. Connections are killed, so that no edit that waits for the replica is acknowledged.
close_server() {
	own -e 'SET GLOBAL read_only = ON' &
	local user
	for user in database migration; do
		own -e "KILL USER $(quote "$(<"$secrets/$user-user")")" 2>/dev/null
	done
	wait $!
}

# reaches HOST PORT : whether a connection is possible within a second.
reaches() { timeout 1 bash -c ": <>/dev/tcp/$1/$2" 2>/dev/null; }

cut=0 reachable=
# isolated : whether neither the API server nor the replica can be reached for the second time in a row. A server that is cut off cannot
# know whether the replica has been promoted. Where the API server has never answered, this says nothing.
isolated() {
	if reaches "$KUBERNETES_SERVICE_HOST" "$KUBERNETES_SERVICE_PORT"; then
		touch "$run/reached"
		cut=0 reachable=${reachable:-$SECONDS}
		return 1
	fi
	if [[ ! -e $run/reached ]] || reaches "$REPLICA_HOST" 3306; then
		cut=0
		return 1
	fi
	((++cut > 1))
}

# proven : whether this server is certainly still the primary. The mounted roles are current in a new Pod, and when the API server has
# answered for two minutes; before that, the other server must say that it is not the primary.
proven() {
	[[ -e $run/opened ]] || return 0
	[[ $(ask "$REPLICA_HOST" 'SELECT @@server_id, @@read_only') == $((3 - MEMBER))$'\t'1 ]] && return
	[[ -n $reachable ]] && ((SECONDS - reachable > 120))
}

# lead makes this server accept writes, once after each start of MariaDB: `wiki promote` closes it for good.
lead() {
	if [[ -e $state/replica ]]; then
		say "the roles say that this server is the primary, but its database is a copy: run wiki promote"
	elif isolated; then
		[[ -e $run/isolated ]] || say "cut off: neither the replica nor the API server answers; no edit is accepted until one of them does"
		touch "$run/isolated"
		reachable=
		close_server
	elif [[ ! -e $run/accepts || -e $run/isolated ]]; then
		if ((cut == 0)) && proven; then
			own -e 'SET GLOBAL read_only = OFF' || return
			rm -f "$run/isolated"
			touch "$run"/{accepts,opened,serving}
			say "this server is the primary"
		else
			say "waiting until it is certain that this server is still the primary"
		fi
	else
		resume
	fi
}

# resume makes edits wait for the replica when it has everything. MariaDB would not wait with the first of them.
resume() {
	local off="SELECT COUNT(*) FROM information_schema.global_status WHERE variable_name = 'Rpl_semi_sync_master_status'
		AND variable_value = 'OFF' AND @@rpl_semi_sync_master_timeout > 0"
	[[ $(own -e "$off") == 1 ]] || return 0
	if [[ $(own -e 'SELECT @@gtid_binlog_pos') == "$(ask "$REPLICA_HOST" 'SELECT @@gtid_slave_pos')" ]]; then
		own -e 'SET GLOBAL rpl_semi_sync_master_enabled = OFF; SET GLOBAL rpl_semi_sync_master_enabled = ON' &&
			say "edits wait until the replica has them"
	else
		say "edits do not wait for the replica, which has not got them all"
	fi
}

# follow makes this server a replica of the one that the Service of the primary leads to.
follow() {
	local server history synchronous
	[[ ! -e $run/accepts ]] || close_server
	rm -f "$run"/{accepts,isolated}
	if ! read -r server history synchronous < <(ask "$PRIMARY_HOST" "SELECT @@server_id, @@gtid_domain_id,
		(SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'Rpl_semi_sync_master_status')"); then
		say "the primary does not answer"
	elif [[ $server == "$MEMBER" ]]; then
		say "the Service of the primary still leads to this server"
		return
	elif [[ ! -e $state/replica || $(<"$state/replica") != "$history" ]]; then
		copy "$history"
		return
	else
		echo "$synchronous" >"$run/synchronous"
	fi
	[[ -s $state/replica ]] || return
	touch "$run/serving"
	case $(status Last_SQL_Errno)/$(status Last_IO_Errno) in
	0/1236 | [1-9]*)
		say "replication has ended: $(status Last_SQL_Error)$(status Last_IO_Error)"
		: >"$state/replica"
		;;
	*) [[ -n $followed && $(status Slave_IO_Running) != No ]] || connect ;;
	esac
}

followed=
# connect begins to replicate from where this server's copy ends.
connect() {
	own <<-SQL && followed=yes && say "this server is the replica"
		STOP SLAVE;
		CHANGE MASTER TO MASTER_HOST = $(quote "$PRIMARY_HOST"), MASTER_PORT = 3306, MASTER_USER = 'replication',
			MASTER_PASSWORD = $(quote "$(<"$secrets/replication-password")"), MASTER_SSL = 0, MASTER_USE_GTID = slave_pos,
			MASTER_CONNECT_RETRY = 2, MASTER_HEARTBEAT_PERIOD = 3;
		SET GLOBAL rpl_semi_sync_master_enabled = OFF;
		START SLAVE;
	SQL
}

# admit LOCK|UNLOCK : refuses connections of the wiki, or accepts them again: MediaWiki reads from the primary meanwhile.
admit() {
	local user
	for user in database migration; do
		user=$(quote "$(<"$secrets/$user-user")")
		own -e "SET SESSION sql_log_bin = 0; ALTER USER $user@'%' ACCOUNT $1; KILL USER $user" 2>/dev/null
	done
}

# copy HISTORY : replaces the database with a copy of the primary's. It can be interrupted at any time, and then begins again.
copy() {
	local tables
	tables="SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = $(quote "$DATABASE_NAME") AND table_name = 'page'"
	if [[ $(ask "$PRIMARY_HOST" "$tables") != 1 && $(own -e "$tables") != 0 ]]; then
		say "the primary has no wiki, but this server has a copy of one, which is kept: to use it, run wiki promote"
		return
	fi
	if [[ ! -e $state/replica ]] && ! keep; then
		say "what only this server has cannot be kept: the volume is full"
		return
	fi
	say "copying the database from the primary"
	rm -f "$run/serving"
	: >"$state/replica" && sync "$state/replica" || return
	followed=
	admit LOCK
	own <<-SQL || return
		STOP SLAVE;
		RESET SLAVE ALL;
		RESET MASTER;
		SET SESSION sql_log_bin = 0;
		DROP DATABASE IF EXISTS \`$DATABASE_NAME\`;
		CREATE DATABASE \`$DATABASE_NAME\`;
	SQL
	# The dump begins with the position that it is of.
	if at "$PRIMARY_HOST" mariadb-dump --default-character-set=binary --single-transaction --quick --no-tablespaces --skip-triggers \
		--master-data=1 --gtid "$DATABASE_NAME" |
		own --default-character-set=binary --binary-mode --max-allowed-packet=1G \
			--init-command='SET SESSION sql_log_bin = 0' "$DATABASE_NAME" &&
		connect; then
		echo "$1" >"$state/replica" && sync "$state/replica" && admit UNLOCK
		say "the copy is complete"
	else
		say "the copy has failed and begins again in 30 seconds"
		pause 30
	fi
}

# keep dumps the database of a former primary that has written what the present one has not got, into a file on its volume.
keep() {
	local history ours theirs file=$state/before-promotion.sql.zst
	history=$(<"$state/history")
	ours=$(sequence "$history" "$(own -e 'SELECT @@gtid_binlog_pos')")
	theirs=$(sequence "$history" "$(ask "$PRIMARY_HOST" 'SELECT @@gtid_slave_pos')")
	((ours > theirs)) || return 0
	MYSQL_PWD=$(<"$state/root-password") mariadb-dump --protocol=socket --user=root --skip-ssl --default-character-set=binary \
		--single-transaction --quick "$DATABASE_NAME" | zstd -q >"$file.part" && sync "$file.part" && mv "$file.part" "$file" &&
		say "$((ours - theirs)) transactions of this server were not replicated before the promotion: its database is kept in $file"
}

# pause SECONDS : waits, and ends at once if this program is told to end.
pause() {
	sleep "$1" &
	wait $!
}

# take [gone TIME | lose] : prepares this replica to become the primary: closes the primary, and waits until this server has all that it
# has written. Ends with 3 if the primary does not answer; nothing has changed then. With "gone", it is known not to accept writes, and was
# not alive after a time, in seconds since 1970. With "lose", edits may be lost.
take() {
	local how=${1-} server position
	[[ -s $state/replica ]] || refuse "this server has no complete copy of the primary"
	server=$(ask "$PRIMARY_HOST" 'SELECT @@server_id')
	if [[ -n $server && $server != "$MEMBER" ]]; then
		close_primary || refuse "the primary does not stop to accept writes"
		position=$(ask "$PRIMARY_HOST" 'SELECT @@gtid_binlog_pos')
	elif [[ -z $how ]]; then
		return 3
	else
		[[ $how == lose ]] || seen "$2"
		position=$(status Gtid_IO_Pos)
	fi
	[[ $(own -e "SELECT MASTER_GTID_WAIT($(quote "$position"), 30)") != 0 && $how != lose ]] || return 0
	ask "$PRIMARY_HOST" 'SET GLOBAL read_only = OFF'
	refuse "this replica has not got all edits: it is at $(own -e 'SELECT @@gtid_slave_pos') of $position"
}

refuse() {
	echo "$1"
	exit 1
}

# close_primary is close_server for the other one.
close_primary() {
	local user
	ask "$PRIMARY_HOST" 'SET GLOBAL read_only = ON' &
	for user in database migration; do ask "$PRIMARY_HOST" "KILL USER $(quote "$(<"$secrets/$user-user")")"; done
	wait $!
	[[ $(ask "$PRIMARY_HOST" 'SELECT @@read_only') == 1 ]]
}

# seen TIME : refuses unless the primary waited for this replica when it was last seen, and can not have ceased to wait before TIME.
seen() {
	local file=$run/synchronous since
	[[ $(cat "$file" 2>/dev/null) == ON ]] ||
		refuse "when the primary was last seen, edits did not wait for this replica: it may lack the last ones"
	since=$(($1 - $(stat -c %Y "$file")))
	((since * 1000 < $(own -e 'SELECT @@rpl_semi_sync_master_timeout'))) ||
		refuse "the primary was alive for $since s after this replica had last seen it: edits of that time may be missing here"
}

# promote makes this server the primary, after take. It can be repeated.
promote() {
	local history
	touch "$run/promoted"
	if [[ -e $state/replica ]]; then
		history=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
		own -e "STOP SLAVE; RESET SLAVE ALL; SET GLOBAL gtid_domain_id = $history" || return
		echo "$history" >"$state/history" && rm "$state/replica" && sync "$state" || return
	fi
	own -e 'SET GLOBAL read_only = OFF' && touch "$run"/{accepts,opened,serving}
}

# report prints what this server is, for the doctor: the primary and whether edits wait for the replica, or a replica and how many seconds
# it is behind, if it reaches the primary.
report() {
	if [[ ! -e $state/replica && -e $run/accepts ]]; then
		echo "primary $(own -e "SELECT variable_value FROM information_schema.global_status
			WHERE variable_name = 'Rpl_semi_sync_master_status'")"
	elif [[ -s $state/replica ]]; then
		echo "replica $(status Seconds_Behind_Master)"
	else
		echo incomplete
	fi
}

case ${1-} in
at | take | promote | report) "$@" ;;
close) close_server ;;
reopen) rm -f "$run/accepts" ;; # then the loop below opens this server, if it is certainly still the primary
copied) [[ -e $state/replica ]] ;; # whether this server has never been the primary since its database is a copy
*)
	while :; do
		if [[ -e $run/open ]] && own -e "DO 1" 2>/dev/null; then
			if leads; then lead; else follow; fi
		fi
		pause 2
	done
	;;
esac
