#!/bin/bash
# Runs beside each of two MariaDB servers, and makes it what the roles say: the primary, which accepts writes, or the replica, which copies
# the primary. The roles are a ConfigMap, which `wiki promote` changes; without one, member 1 is the primary.
#
# What a volume holds is in two files. "history" is the number, MariaDB's GTID domain, under which this server has logged its writes since
# its log began. A log that has begun again, after a promotion or after a time without a replica, has another number, so that nothing is
# ever replicated across a gap. "replica" exists if the database is a copy. It contains the copied history, or nothing until the
# copy is complete.
#
# primary.sh has what the primary does, replica.sh what the replica does, and promotion.sh how one becomes the other.
set -uo pipefail

state=/var/lib/mediawiki-stack
secrets=/etc/mediawiki-secrets
roles=/etc/mediawiki-roles/primary
# Files in run last as long as the Pod. start.sh deletes "accepts", "serving" and "synchronous" when MariaDB starts.
run=/run/mysqld
# SQL that is 1 if a server accepts no writes. MariaDB 12.1 and newer series say OFF or ON, older ones 0 or 1.
read_only="@@read_only NOT IN ('0', 'OFF')"

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

# status NAME : prints the fields of SHOW SLAVE STATUS whose names match the regular expression NAME; nothing if it is no replica.
status() { own --vertical --column-names -e 'SHOW SLAVE STATUS' | sed -n "s/^ *$1: //p"; }

# sequence DOMAIN POSITION : prints how many transactions of a domain a GTID position includes.
sequence() { tr ',' '\n' <<<"$2" | awk -F- -v domain="$1" '$1 == domain { print $3; found = 1 } END { if (!found) print 0 }'; }

# older VERSION VERSION : whether the first one belongs to an older series, such as 10.11, than the second one.
older() {
	local one two
	one=$(grep -oE '^[0-9]+\.[0-9]+' <<<"$1") two=$(grep -oE '^[0-9]+\.[0-9]+' <<<"$2")
	[[ -n $one && -n $two && $one != "$two" && $(printf '%s\n' "$one" "$two" | sort -V | head -n 1) == "$one" ]]
}

# leads : whether this server is to be the primary. The kubelet takes up to two minutes to change the mounted roles, and longer after its
# node was cut off. Until then, "promoted" and "demoted" say what `wiki promote` has done.
leads() {
	if [[ $(cat "$roles" 2>/dev/null || echo 1) == "$MEMBER" ]]; then
		rm -f "$run/promoted"
		[[ ! -e $run/demoted ]] && ! replaced
	else
		rm -f "$run/demoted"
		[[ -n $(find "$run/promoted" -mmin -5 2>/dev/null) ]] && ! replaced
	fi
}

# replaced : whether the other server has been promoted, although the mounted roles do not say so yet: this server is closed, and the
# Service of the primary leads to the other one, which is open.
replaced() {
	[[ ! -e $run/accepts || -e $run/isolated ]] &&
		[[ $(ask "$PRIMARY_HOST" "SELECT CONCAT_WS(' ', @@server_id, $read_only)") == "$((3 - MEMBER)) 0" ]]
}

# play makes this server what the roles say, again and again.
play() {
	while :; do
		if [[ -e $run/open ]] && own_version=$(own -e 'SELECT @@version' 2>/dev/null); then
			if leads; then lead; else follow; fi
		fi
		sleep 2
	done
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

# shellcheck source=components/files/mariadb/primary.sh
. "${BASH_SOURCE%/*}/primary.sh"
# shellcheck source=components/files/mariadb/replica.sh
. "${BASH_SOURCE%/*}/replica.sh"
# shellcheck source=components/files/mariadb/promotion.sh
. "${BASH_SOURCE%/*}/promotion.sh"

case ${1-} in
at | take | promote | demote | report) "$@" ;;
close) close_server ;;
reopen) rm -f "$run/accepts" ;; # then play opens this server, if it is certainly still the primary
copied) [[ -e $state/replica ]] ;; # whether the database is a copy, and this server has not been promoted since
"")
	# In the background, because bash handles no signal while it waits for a foreground process, and may miss one during a command
	# substitution. This shell is the container's first process: when it ends, so does everything else.
	trap 'exit 0' TERM INT
	play &
	wait
	;;
*)
	echo "replicate.sh has no command $1"
	exit 2
	;;
esac
