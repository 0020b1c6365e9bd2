#!/bin/bash
# shellcheck disable=SC2154 # replicate.sh sets the variables
# Part of replicate.sh: what it does while this server is the replica: it copies the primary, and then follows it.

# follow makes this server a replica of the one that the Service of the primary leads to.
follow() {
	local server history version='' synchronous
	[[ ! -e $run/accepts ]] || close_server
	rm -f "$run"/{accepts,isolated}
	# The version may contain spaces, such as "11.8.9-MariaDB-0+deb13u1 from Debian-log".
	if ! IFS=$'\t' read -r server history version synchronous < <(ask "$PRIMARY_HOST" "SELECT @@server_id, @@gtid_domain_id, @@version,
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
	if older "$own_version" "$version"; then
		say "the primary is upgraded to MariaDB $version: this server receives its edits, and applies them when it is upgraded, too"
		own -e 'STOP SLAVE SQL_THREAD'
		return
	fi
	case $(status Last_SQL_Errno)/$(status Last_IO_Errno) in
	0/1236 | [1-9]*)
		say "replication has ended: $(status Last_SQL_Error)$(status Last_IO_Error)"
		: >"$state/replica"
		;;
	*)
		if [[ -z $followed || $(status 'Slave_[A-Z]*_Running') == *No* ]]; then
			connect
		elif [[ -n $version ]]; then
			say "this server is the replica"
		fi
		;;
	esac
}

followed=
# connect [IDEMPOTENT] : begins to replicate from where this server's copy ends.
connect() {
	own <<-SQL && followed=yes && say "this server is the replica"
		STOP SLAVE;
		CHANGE MASTER TO MASTER_HOST = $(quote "$PRIMARY_HOST"), MASTER_PORT = 3306, MASTER_USER = 'replication',
			MASTER_PASSWORD = $(quote "$(<"$secrets/replication-password")"), MASTER_SSL = 0, MASTER_USE_GTID = slave_pos,
			MASTER_CONNECT_RETRY = 2, MASTER_HEARTBEAT_PERIOD = 3;
		SET GLOBAL rpl_semi_sync_master_enabled = OFF;
		SET GLOBAL slave_exec_mode = ${1:-STRICT};
		START SLAVE;
	SQL
}

# admit LOCK|UNLOCK : refuses connections of the wiki, or accepts them again: MediaWiki reads from the primary meanwhile.
admit() {
	local user
	for user in database migration; do
		user=$(quote "$(<"$secrets/$user-user")")
		own -e "SET SESSION sql_log_bin = 0; ALTER USER $user@'%' ACCOUNT $1; KILL USER $user" 2>/dev/null || return
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
		say "copies nothing yet, because a dump of the transactions that only this server has failed: the volume may be full"
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
	# The dump begins with the replication position at which it was made.
	if at "$PRIMARY_HOST" mariadb-dump --default-character-set=binary --single-transaction --quick --no-tablespaces --skip-triggers \
		--master-data=1 --gtid "$DATABASE_NAME" |
		own --default-character-set=binary --binary-mode --max-allowed-packet=1G \
			--init-command='SET SESSION sql_log_bin = 0' "$DATABASE_NAME" &&
		connect IDEMPOTENT && settle && admit UNLOCK; then
		echo "$1" >"$state/replica" && sync "$state/replica" && say "the copy is complete"
	else
		say "the copy has failed and begins again in 30 seconds"
		sleep 30
	fi
}

# settle waits until this server has what the primary had after the dump. In the dump, tables without transactions, which are MediaWiki's
# search index, may contain writes from after its position. These are replicated again, and in STRICT mode the replica would stop at them.
settle() {
	local position end=$((SECONDS + 600))
	position=$(ask "$PRIMARY_HOST" 'SELECT @@gtid_binlog_pos') || return
	until [[ $(own -e "SELECT MASTER_GTID_WAIT($(quote "$position"), 5)") == 0 ]]; do
		[[ $(status Slave_SQL_Running) == Yes ]] || return
		((SECONDS < end)) || return
	done
	own -e 'SET GLOBAL slave_exec_mode = STRICT'
}

# keep dumps the database of a former primary into a file on its volume, if the present primary lacks transactions that it has written.
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
