#!/bin/bash
# shellcheck disable=SC2154 # replicate.sh sets the variables
# Part of replicate.sh: what it does while this server is the primary, or closes because it may no longer be the primary.

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
# know whether the replica has been promoted. If the API server has never answered, this server does not count as isolated.
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

# proven : whether this server is certainly still the primary. The mounted roles are current in a new Pod. Otherwise the other server must
# replicate, or the API server must have answered for five minutes: after its node was cut off, a kubelet may take more than two minutes
# to change the mounted roles (observed).
proven() {
	[[ -e $run/opened ]] || return 0
	local other=$((3 - MEMBER))
	case $(ask "$REPLICA_HOST" "SELECT CONCAT_WS(' ', @@server_id, $read_only,
		(SELECT COUNT(*) > 0 FROM information_schema.processlist WHERE command LIKE 'Slave%'))") in
	"$other 1 1") return 0 ;;
	"$other 0 "*) return 1 ;;
	esac
	[[ -n $reachable ]] && ((SECONDS - reachable > 300))
}

# lead makes this server accept writes, once after each start of MariaDB, so that it stays closed after `wiki promote` has closed it.
lead() {
	if [[ -e $state/replica ]]; then
		say "the roles say that this server is the primary, but its database is a copy: run wiki promote"
	elif isolated; then
		[[ -e $run/isolated ]] || say "cut off: neither the replica nor the API server answers; no edit is accepted until one of them does"
		touch "$run/isolated"
		reachable=
		close_server
		drop_replica
	elif [[ ! -e $run/accepts || -e $run/isolated ]]; then
		if ((cut == 0)) && proven; then
			hold_older_replica
			own -e 'SET GLOBAL read_only = OFF' || return
			rm -f "$run/isolated"
			touch "$run"/{accepts,opened,serving}
			say "this server is the primary"
		else
			say "waiting until it is certain that this server is still the primary"
		fi
	elif ((cut == 0)); then
		resume
	fi
}

# hold_older_replica stops a replica that has not been upgraded yet from applying what this server writes, which it may not understand:
# https://mariadb.com/docs/server/ha-and-performance/standard-replication/replication-overview
hold_older_replica() {
	local version
	version=$(ask "$REPLICA_HOST" 'SELECT @@version') || return
	! older "$version" "$own_version" || ask "$REPLICA_HOST" 'STOP SLAVE SQL_THREAD'
}

# drop_replica ends the connections through which a replica that does not answer receives edits. If they still existed when it connected
# again, MariaDB 11.8 would end them then, and would answer no client until the network gives up on them, for up to 15 minutes:
# https://jira.mariadb.org/browse/MDEV-41349
drop_replica() {
	own -e "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE command = 'Binlog Dump'" | own --force 2>/dev/null
}

# resume makes edits wait for the replica again when it has caught up. MariaDB on its own would not wait with the first of these edits.
resume() {
	local has off="SELECT COUNT(*) FROM information_schema.global_status WHERE variable_name = 'Rpl_semi_sync_master_status'
		AND variable_value = 'OFF' AND @@rpl_semi_sync_master_timeout > 0"
	has=$(ask "$REPLICA_HOST" "SELECT CONCAT('@', @@gtid_slave_pos)") || drop_replica
	[[ $(own -e "$off") == 1 ]] || return 0
	if [[ @$(own -e 'SELECT @@gtid_binlog_pos') == "$has" ]]; then
		own -e 'SET GLOBAL rpl_semi_sync_master_enabled = OFF; SET GLOBAL rpl_semi_sync_master_enabled = ON' &&
			say "edits wait until the replica has them"
	else
		say "edits do not wait for the replica, which does not have all of them yet"
	fi
}
