#!/bin/bash
# Part of database.sh: loads dumps into a temporary MariaDB, which starts empty and is deleted afterwards.

scratch=/tmp/scratch

# aside PROGRAM ARGUMENT... : runs one of MariaDB's programs as a client of the temporary MariaDB.
aside() {
	local program=$1
	shift
	"$program" --no-defaults --socket="$scratch/socket" --max-allowed-packet=1G "$@"
}

# asked ARGUMENT... : runs the client of the temporary MariaDB, and prints results without a frame.
asked() { aside mariadb --batch --skip-column-names "$@"; }

# open : starts the temporary MariaDB, without a network, without protection against crashes, and without access to other files.
open() {
	rm -rf "$scratch" && mkdir -p "$scratch/data" "$scratch/files" || return
	mariadbd --no-defaults --datadir="$scratch/data" --tmpdir="$scratch" --socket="$scratch/socket" --pid-file="$scratch/pid" \
		--skip-networking --skip-grant-tables --secure-file-priv="$scratch/files" --performance-schema=OFF \
		--sql-mode=NO_AUTO_VALUE_ON_ZERO --max-allowed-packet=1G --innodb-buffer-pool-size=32M \
		--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF >"$scratch/log" 2>&1 &
	until asked -e 'CREATE DATABASE scratch' 2>/dev/null; do
		kill -0 "$!" 2>/dev/null || { tail -n 3 "$scratch/log" >&2; return 1; }
		sleep 0.2
	done
}

# close : stops the temporary MariaDB and deletes its data.
close() {
	local server
	if server=$(cat "$scratch/pid" 2>/dev/null); then
		kill "$server"
		while [[ -e $scratch/pid ]] && kill -0 "$server" 2>/dev/null; do sleep 0.1; done
	fi
	rm -rf "$scratch"
}

# prove FILE ROWS : loads a dump, and writes into ROWS how many rows each table has then.
prove() {
	local status=0
	check "$1" && open || return
	proving "$@" || status=$?
	close
	return "$status"
}
proving() {
	zstd -dcq "$1" | tables /dev/null | asked --binary-mode scratch &&
		asked scratch -e 'SHOW TABLES' | sed "s/.*/SELECT '&', COUNT(*) FROM \`&\`;/" | asked scratch | tr '\t' ' ' >"$2"
}

# fill FILE LEFT : loads a dump from elsewhere, compressed by gzip, and writes into LEFT what was left out, a line each.
fill() { : >"$2" && gzip -dc "$1" | tables "$2" | asked --binary-mode --default-character-set=utf8mb4 --local-infile=0 scratch; }

# keep FILE NOTES TABLE... : dumps the database "wiki" of the temporary MariaDB into FILE, as dump does.
keep() { written aside wiki "$@"; }

# tables LEFT : passes on the statements of a dump that create and fill tables, and writes into LEFT what else it creates, a line
# each. MediaWiki has no views, triggers or routines. Those that people add have a definer, which no account of the wiki may set.
# Nor may it set the position of a replica (GTID).
#
# Statements begin and end at line ends: programs that dump never write a line end into a value.
tables() {
	awk -v left="$1" '
		function note(line) {
			if (line !~ /CREATE|DROP|^\/\*!?[0-9]* *VIEW/) return
			line = substr(line, 1, 1000)
			gsub(/DEFINER *= *[^ ]+|IF (NOT )?EXISTS/, "", line)
			if (!match(line, /(VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT|SEQUENCE) +`?[^` (;*]+/)) return
			line = substr(line, RSTART, RLENGTH)
			gsub(/[ `]+/, " ", line)
			split(line, part, " ")
			line = tolower(part[1]) " " part[2]
			if (!(line in noted)) print line > left
			noted[line]
		}
		NR == 1 { sub(/^\357\273\277/, "") }
		comment { comment = !/\*\//; next }
		/^DELIMITER / { sub(/\r$/, ""); routine = $2 != ";"; next }
		routine { note($0); next }
		!inside && /^[ \t]*(--|#|\r?$)/ { next }
		!inside && !begun && /^[a-zA-Z-]+: |^Defaulted container/ { next } # messages of the program that dumped
		{ ends = substr($0, length($0) - 3) ~ /;[ \t\r]*$/ }
		!inside {
			head = toupper(substr($0, 1, 200))
			versioned = sub(/^\/\*M?![0-9]* */, "", head)
			if (head ~ /^\/\*/) { comment = !/\*\//; next }
			if (versioned && !ends && head !~ /^CREATE/) { print; next } # sandbox mode of the client
			if (head ~ /^USE /) foreign = head ~ /^USE `?(MYSQL|SYS|INFORMATION_SCHEMA|PERFORMANCE_SCHEMA)`?[; ]/
			wanted = head ~ /^((CREATE|DROP|ALTER|LOCK) TABLE|UNLOCK|TRUNCATE|INSERT|REPLACE|DELETE|SET |START TR|BEGIN|COMMIT)/ ||
				head ~ /^(CREATE (DATABASE|SCHEMA)|USE )/
			if (foreign || versioned && head ~ /^CREATE TABLE/ || head ~ /^SET .*(GLOBAL|SQL_LOG_BIN *=|PASSWORD)/) wanted = 0
			definition = head ~ /^(CREATE|ALTER)/
			begun = begun || wanted
		}
		# Older versions of MariaDB do not know the collations of MySQL 8.
		definition && /utf8mb4_0900_/ { gsub(/utf8mb4_0900_bin/, "utf8mb4_bin"); gsub(/utf8mb4_0900_[a-z_]+/, "utf8mb4_unicode_ci") }
		wanted { print }
		!wanted && !foreign { note($0) }
		{ inside = !ends }'
}
