#!/bin/bash
# What tools.sh does with a dump where nothing can come to harm: in a MariaDB of its own, which begins empty and is gone afterwards.

scratch=/tmp/scratch

# scratch COMMAND ARGUMENT... : runs a command beside a MariaDB of its own, which begins empty and ends with it.
scratch() {
	local server status=0
	rm -rf "$scratch" && mkdir -p "$scratch/data" || return
	# Nobody but this container reaches it, and nothing in it has to outlive a crash.
	mariadbd --no-defaults --datadir="$scratch/data" --tmpdir="$scratch" --socket="$scratch/socket" --pid-file="$scratch/pid" \
		--skip-networking --skip-grant-tables --performance-schema=OFF --max-allowed-packet=1G --innodb-buffer-pool-size=32M \
		--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF >"$scratch/log" 2>&1 &
	server=$!
	until asked -e 'CREATE DATABASE scratch' 2>/dev/null; do
		kill -0 "$server" 2>/dev/null || { tail -n 3 "$scratch/log" >&2; return 1; }
		sleep 0.2
	done
	"$@" || status=$?
	kill "$server"
	wait "$server"
	rm -rf "$scratch"
	return "$status"
}

# asked ARGUMENT... : asks the MariaDB of scratch, and prints what it answers without a frame.
asked() {
	mariadb --no-defaults --socket="$scratch/socket" --batch --skip-column-names "$@"
}

# prove FILE ROWS : loads a dump where it does no harm, and writes into ROWS how many rows each table has then.
prove() { check "$1" && scratch proving "$@"; }
proving() {
	zstd -dcq "$1" | asked --binary-mode scratch &&
		asked scratch -e 'SHOW TABLES' | sed "s/.*/SELECT '&', COUNT(*) FROM \`&\`;/" | asked scratch | tr '\t' ' ' >"$2"
}

# adopt DUMP FILE NOTES TABLE... : makes of a dump from elsewhere one as dump makes it, with FILE.rows. It may be compressed, be made with
# --databases, and have a prefix before its tables' names.
adopt() {
	[[ $(plain "$1" | tail -n 1) == '-- Dump completed'* ]] || {
		echo 'it does not end with "-- Dump completed": it was cut off, or made with --compact or --skip-comments' >&2
		return 1
	}
	scratch adopting "$@"
}
adopting() {
	local file=$2 notes=$3 found database prefix table without
	plain "$1" | asked --binary-mode scratch || return
	shift 3
	found=$(asked -e "SELECT DISTINCT table_schema, SUBSTR(table_name, 1, LENGTH(table_name) - 9) FROM information_schema.tables
		WHERE table_name LIKE '%updatelog' AND table_type = 'BASE TABLE'")
	if [[ -z $found || $found == *$'\n'* ]]; then
		echo "it holds $([[ -z $found ]] && echo no wiki || echo "more than one wiki, and it is not known which: $found")" >&2
		return 1
	fi
	IFS=$'\t' read -r database prefix <<<"$found"
	for table in page revision user; do
		asked "$database" -e "SELECT 1 FROM \`$prefix$table\` LIMIT 1" >/dev/null || return
	done
	if [[ -n $prefix ]]; then
		asked "$database" -e "SHOW TABLES LIKE '${prefix//_/\\_}%'" | sed "s/^$prefix\(.*\)/RENAME TABLE \`&\` TO \`\1\`;/" |
			asked "$database" || return
	fi
	without=("--ignore-table=$database.$notes")
	for table; do without+=("--ignore-table-data=$database.$table"); done
	mariadb-dump --no-defaults --socket="$scratch/socket" --default-character-set=binary --single-transaction --quick \
		--no-tablespaces "${without[@]}" "$database" | counted "$file"
}

# plain FILE : prints a file, uncompressed.
plain() {
	case $(head -c 4 "$1" | od -An -tx1 | tr -d ' ') in
		1f8b*) gzip -dc "$1" ;;
		28b52ffd) zstd -dcq "$1" ;;
		fd377a58) xz -dc "$1" ;;
		*) cat "$1" ;;
	esac
}
