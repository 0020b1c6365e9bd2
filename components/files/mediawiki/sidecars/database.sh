#!/bin/bash
# Runs MariaDB's own programs for the PHP in the container beside this one (src/DatabaseTools.php). One pipe carries requests, a
# line each. The other carries the answers: "ok" or what went wrong.
set -uo pipefail
trap 'end; exit 0' TERM INT

# end : ends the current request; in a container, all processes but this shell.
end() {
	if (($$ == 1)); then kill -s TERM -- -1 2>/dev/null; else jobs -p | xargs -r kill; fi
	wait
}

pipes=/run/tools
export LC_ALL=C
# shellcheck source=components/files/mediawiki/sidecars/scratch.sh
. "${BASH_SOURCE%/*}/scratch.sh"

# signed PROGRAM ARGUMENT... : runs one of MariaDB's programs with the account in this Pod's Secret, at the server $from if it is set.
signed() {
	local program=$1
	shift
	MYSQL_PWD=$(</etc/mediawiki-secrets/database-password) "$program" --host="${from:-$DATABASE_HOST}" --port="$DATABASE_PORT" \
		--user="$(</etc/mediawiki-secrets/database-user)" --skip-ssl --default-character-set=binary --max-allowed-packet=1G "$@"
}

# dump FILE NOTES TABLE... : writes a consistent dump of the database into FILE while people edit: without the table NOTES, and
# without the rows of each TABLE. FILE.rows has the number of rows of every table. Both files appear when they are complete and on
# the disk. The dump is taken from the replica, if there is one and it has everything that the primary has now.
dump() {
	local from='' position
	if [[ -n ${DATABASE_REPLICA-} ]] && position=$(signed mariadb --batch --skip-column-names -e 'SELECT @@gtid_binlog_pos') &&
		[[ $(from=$DATABASE_REPLICA signed mariadb --connect-timeout=3 --batch --skip-column-names \
			-e "SELECT MASTER_GTID_WAIT('$position', 30)") == 0 ]]; then
		from=$DATABASE_REPLICA
	fi
	written signed "$DATABASE_NAME" "$@"
}

# written CLIENT DATABASE FILE NOTES TABLE... : writes such a dump of DATABASE, to which CLIENT connects: "signed" or "aside". Views and
# triggers, which MediaWiki does not have, are left out: loading them takes privileges that no account of the wiki has.
written() {
	local client=$1 database=$2 file=$3 options=("--ignore-table=$2.$4") others table
	shift 4
	for table; do options+=("--ignore-table-data=$database.$table"); done
	others=$("$client" mariadb --batch --skip-column-names -e "SELECT table_name FROM information_schema.tables
		WHERE table_schema = DATABASE() AND (table_type IN ('VIEW', 'SEQUENCE') OR table_name LIKE '+%')" "$database") || return
	while IFS= read -r table; do
		[[ -z $table ]] || options+=("--ignore-table=$database.$table")
	done <<<"$others"
	"$client" mariadb-dump --default-character-set=binary --single-transaction --quick --no-tablespaces --skip-triggers \
		"${options[@]}" "$database" | counted "$file"
}

# counted FILE : compresses a dump into FILE, and writes the number of rows of every table into FILE.rows.
counted() {
	counting "$1.rows.part" | zstd -q >"$1.part" &&
		sync "$1.part" "$1.rows.part" &&
		mv "$1.rows.part" "$1.rows" && mv "$1.part" "$1" && sync "${1%/*}"
}

# counting FILE : passes a dump on, writes the number of rows of every table into FILE, and fails if the dump is incomplete.
counting() {
	awk -v counts="$1" '
		/^CREATE TABLE `/ { split($0, part, "`"); table = part[2]; rows[table] = 0 }
		/^\(/ { rows[table]++ }
		{ print; last = $0 }
		END {
			for (table in rows) print table, rows[table] > counts
			exit last ~ /^-- Dump completed/ ? 0 : 1
		}'
}

# check FILE : fails if the end of a dump is missing.
check() {
	zstd -dcq "$1" | tail -n 1 | grep -q '^-- Dump completed' || { echo "$1 is incomplete" >&2; return 1; }
}

# load FILE : loads a dump into the wiki's database.
load() { check "$1" && zstd -dcq "$1" | tables /dev/null | signed mariadb --binary-mode "$DATABASE_NAME"; }

# rehearse FILE : fails if load would: creates the tables of a dump under other names, without rows, and drops them again.
rehearse() {
	local most status=0
	most=$(signed mariadb --batch --skip-column-names -e 'SELECT @@max_allowed_packet') || return
	check "$1" && zstd -dcq "$1" | tables /dev/null | renamed "$most" | signed mariadb --binary-mode "$DATABASE_NAME" || status=$?
	signed mariadb --batch --skip-column-names -e "SELECT CONCAT('DROP TABLE \`', table_name, '\`;') FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_name LIKE '+%'" "$DATABASE_NAME" | signed mariadb "$DATABASE_NAME" || return
	return "$status"
}

# renamed MOST : passes on the tables of a dump with a plus before their names, without rows. Fails if a row is larger than MOST bytes.
renamed() {
	awk -v most="$1" '
		/^(INSERT|\()/ { if (length($0) > longest) longest = length($0); next }
		{ sub(/(TABLE|TABLES|EXISTS) `/, "&+"); sub(/^  CONSTRAINT `/, "&+"); print }
		END {
			if (longest < most) exit 0
			print "it has a row of " longest " bytes: increase max_allowed_packet of the server, which is " most >"/dev/stderr"
			exit 1
		}'
}

cd "$pipes" || exit
[[ -p answers ]] || mkfifo -m 660 answers
[[ -p requests ]] || mkfifo -m 660 requests
exec 3<>requests 4<>answers
while read -ra request <&3; do
	# In the background, because bash handles no signal while it waits for a foreground process.
	"${request[@]}" >/dev/null 2>/tmp/said &
	if wait $!; then
		echo ok >&4
	else
		echo "failed: $(tail -n 3 /tmp/said | tr '\n' ' ')" >&4
	fi
done
