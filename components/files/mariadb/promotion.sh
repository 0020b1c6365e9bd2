#!/bin/bash
# shellcheck disable=SC2154 # replicate.sh sets the variables
# Part of replicate.sh: what `wiki promote` runs in the replica, which becomes the primary, and finally in the former primary.

# take [gone TIME | lose] : prepares this replica to become the primary: closes the primary, and waits until this server has all that
# the primary has written. Ends with 3 if the primary does not answer; nothing has changed then. Ends with 4 if there is no complete copy
# to promote. "gone" means that the primary is known to accept no writes, and was not alive after TIME, in seconds since 1970. With "lose",
# edits may be lost.
take() {
	local how=${1-} server position
	[[ -s $state/replica ]] || exit 4
	own -e 'START SLAVE SQL_THREAD' # an upgrade may have stopped it
	server=$(ask "$PRIMARY_HOST" 'SELECT @@server_id')
	if [[ -n $server && $server != "$MEMBER" ]]; then
		close_primary || refuse "the primary does not stop accepting writes"
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

# close_primary closes the primary, as close_server closes this server.
close_primary() {
	local user
	ask "$PRIMARY_HOST" 'SET GLOBAL read_only = ON' &
	for user in database migration; do ask "$PRIMARY_HOST" "KILL USER $(quote "$(<"$secrets/$user-user")")"; done
	wait $!
	[[ $(ask "$PRIMARY_HOST" "SELECT $read_only") == 1 ]]
}

# seen TIME : refuses unless the primary waited for this replica when it was last seen, and cannot have stopped waiting before TIME.
seen() {
	local file=$run/synchronous since
	[[ $(cat "$file" 2>/dev/null) == ON ]] ||
		refuse "when the primary was last seen, edits did not wait for this replica: it may lack the last ones"
	since=$(($1 - $(stat -c %Y "$file")))
	((since * 1000 < $(own -e 'SELECT @@rpl_semi_sync_master_timeout'))) ||
		refuse "the primary was alive for $since s after this replica had last seen it: edits of that time may be missing here"
}

# promote makes this server the primary, after take. It is idempotent.
promote() {
	local history
	rm -f "$run/demoted"
	touch "$run/promoted"
	if [[ -e $state/replica ]]; then
		history=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
		own -e "STOP SLAVE; RESET SLAVE ALL; SET GLOBAL gtid_domain_id = $history" || return
		echo "$history" >"$state/history" && rm "$state/replica" && sync "$state" || return
	fi
	own -e 'SET GLOBAL read_only = OFF' && touch "$run"/{accepts,opened,serving}
}

# demote makes this server, which is closed, the replica of the one that was promoted.
demote() {
	rm -f "$run/promoted"
	touch "$run/demoted"
}
