#!/bin/bash
# Starts MariaDB, and before that makes its data directory where there is none. The contract is the
# official mariadb image's: the same variables, messages, init scripts and order of events.
#
# Not offered: replication (MARIADB_REPLICATION_*, MARIADB_MASTER_*) and restoring a mariadb-backup
# archive from /docker-entrypoint-initdb.d. Asking for either is an error, never ignored.

# Init scripts are sourced into this shell, so it must not be stricter than they expect (no -u).
set -eo pipefail
shopt -s nullglob

# The names that init scripts may call are those of the official image.
mysql_log() { printf '%s [%s] [Entrypoint]: %s\n' "$(date --rfc-3339=seconds)" "$1" "${*:2}"; }
mysql_note() { mysql_log Note "$@"; }
mysql_warn() { mysql_log Warn "$@" >&2; }
mysql_error() {
	mysql_log ERROR "$@" >&2
	exit 1
}

# docker_process_sql [--dont-use-mysql-root-password] [CLIENT OPTION...] <SQL : speaks to the server as root.
docker_process_sql() {
	local password=$MARIADB_ROOT_PASSWORD database=()
	if [[ $1 == --dont-use-mysql-root-password ]]; then
		password=
		shift
	fi
	[[ -z $MARIADB_DATABASE ]] || database=("--database=$MARIADB_DATABASE")
	MYSQL_PWD=$password mariadb --protocol=socket --socket="$SOCKET" --host=localhost --user=root --skip-ssl "${database[@]}" "$@"
}

# variable NAME [DEFAULT] : exports NAME, taken from itself or from the file that NAME_FILE names.
variable() {
	local name=$1 file=$1_FILE value
	value=${!name}
	if [[ -n ${!file} ]]; then
		[[ -z $value ]] || mysql_error "Both $name and $file are set (but are exclusive)"
		value=$(<"${!file}")
	fi
	unset "$file"
	export "$name=${value:-$2}"
}

# aliases NAME [DEFAULT] : the same for MARIADB_NAME and its older form MYSQL_NAME, which then agree.
aliases() {
	local old=MYSQL_$1 new=MARIADB_$1
	variable "$old"
	variable "$new" "${!old:-$2}"
	export "$old=${!new}"
}

# flag NAME OLD_NAME : as aliases, for switches, which have no file form.
flag() {
	local new=$1 old=$2
	export "$new=${!new:-${!old}}"
	export "$old=${!new}"
}

read_environment() {
	aliases ROOT_HOST '%'
	aliases ROOT_PASSWORD
	aliases DATABASE
	aliases USER
	aliases PASSWORD
	variable MARIADB_ROOT_PASSWORD_HASH
	variable MARIADB_PASSWORD_HASH
	variable MARIADB_USER_HOST '%'
	flag MARIADB_ALLOW_EMPTY_ROOT_PASSWORD MYSQL_ALLOW_EMPTY_PASSWORD
	flag MARIADB_RANDOM_ROOT_PASSWORD MYSQL_RANDOM_ROOT_PASSWORD
	flag MARIADB_INITDB_SKIP_TZINFO MYSQL_INITDB_SKIP_TZINFO
}

# read_configuration COMMAND... : what the server makes of its files and options, from the server itself.
read_configuration() {
	local settings errors
	errors=$(mktemp)
	settings=$("$@" --verbose --help 2>"$errors") ||
		mysql_error "mariadbd failed while attempting to check config"$'\n\t'"command was: $*"$'\n\t'"$(<"$errors")"
	rm -f "$errors"
	DATADIR=$(setting datadir <<<"$settings")
	SOCKET=$(setting socket <<<"$settings")
	PORT=$(setting port <<<"$settings")
}

setting() {
	sed -nE "s/^$1[[:space:]]+//p" | head -n 1
}

# check_environment : refuses what cannot be meant, before anything is written.
check_environment() {
	local name archives=(/docker-entrypoint-initdb.d/*.tar{,.gz,.xz,.zst})
	for name in "${!MARIADB_REPLICATION_@}" "${!MARIADB_MASTER_@}"; do
		[[ -z ${!name} ]] || mysql_error "$name is set, but this image, a local stand-in, does not do replication"
	done
	((${#archives[@]} == 0)) ||
		mysql_error "${archives[0]} cannot be restored: this image, a local stand-in, has no mariadb-backup"
	if [[ -z $MARIADB_ROOT_PASSWORD$MARIADB_ROOT_PASSWORD_HASH$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD$MARIADB_RANDOM_ROOT_PASSWORD ]]; then
		mysql_error 'Database is uninitialized and password option is not specified'$'\n\t''You need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD'
	fi
	if [[ -n $MARIADB_ROOT_PASSWORD_HASH && -n $MARIADB_ROOT_PASSWORD$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD$MARIADB_RANDOM_ROOT_PASSWORD ]]; then
		mysql_error 'Cannot specify MARIADB_ROOT_PASSWORD_HASH and another MARIADB_ROOT_PASSWORD* option.'
	fi
	if [[ -n $MARIADB_PASSWORD_HASH && -n $MARIADB_PASSWORD ]]; then
		mysql_error 'Cannot specify MARIADB_PASSWORD_HASH and MARIADB_PASSWORD option.'
	fi
}

# own_directories : hands root's files to the server's user.
own_directories() {
	mkdir -p "$DATADIR"
	((EUID == 0)) || return 0
	find "$DATADIR" ! -user mysql -exec chown mysql: {} +
	# A socket whose name begins with @ is in no directory.
	[[ $SOCKET == @* ]] || chown mysql: "${SOCKET%/*}"
}

# install_files COMMAND... : the system tables.
install_files() {
	local argument arguments=()
	for argument in "${@:2}"; do
		if [[ $argument == *[[:space:]]* ]]; then
			mysql_warn "Not passing argument '$argument' to mariadb-install-db: it takes none with white space"
		else
			arguments+=("$argument")
		fi
	done
	mysql_note 'Initializing database files'
	# One root account, without a password until the temporary server sets it; nothing of this host's name.
	mariadb-install-db --datadir="$DATADIR" --rpm --auth-root-authentication-method=normal \
		"${arguments[@]}" --cross-bootstrap --skip-test-db --skip-log-bin --expire-logs-days=0 \
		--default-time-zone=SYSTEM --enforce-storage-engine= --old-mode=UTF8_IS_UTF8MB3 \
		--loose-innodb-buffer-pool-load-at-startup=0 --loose-innodb-buffer-pool-dump-at-shutdown=0
	mysql_note 'Database files initialized'
}

# start_temporary COMMAND... : a server that only this container reaches, for at most 30 s of waiting.
start_temporary() {
	local second
	mysql_note 'Starting temporary server'
	# Certificates that the user configured are not looked at; naming one turns TLS on, so off comes last.
	"$@" --skip-networking --socket="$SOCKET" --default-time-zone=SYSTEM --wsrep-on=OFF \
		--skip-slave-start --expire-logs-days=0 --loose-innodb-buffer-pool-load-at-startup=0 \
		--ssl-cert= --ssl-key= --ssl-ca= --skip-ssl &
	temporary=$!
	mysql_note 'Waiting for server startup'
	for second in {1..30}; do
		if docker_process_sql --dont-use-mysql-root-password --database=mysql <<<'SELECT 1' &>/dev/null; then
			mysql_note 'Temporary server started.'
			return
		fi
		sleep 1
	done
	mysql_error "Unable to start server: no answer after $second s."
}

stop_temporary() {
	mysql_note 'Stopping temporary server'
	kill "$temporary"
	wait "$temporary"
	mysql_note 'Temporary server stopped'
}

# string TEXT : TEXT as an SQL string.
string() {
	local text=${1//\\/\\\\}
	text=${text//$'\n'/\\n}
	printf "'%s'" "${text//\'/\\\'}"
}

random_password() {
	head -c 24 /dev/urandom | base64
}

# healthcheck_sql : writes healthcheck.sh's credentials and prints the SQL that makes them true.
healthcheck_sql() {
	local password host
	password=$(random_password)
	(
		umask 077
		printf '[mariadb-client]\nport=%s\nsocket=%s\nuser=healthcheck\npassword=%s\n' \
			"$PORT" "$SOCKET" "$password" >"$DATADIR/.my-healthcheck.cnf"
	)
	for host in 127.0.0.1 ::1 localhost; do
		cat <<-SQL
			CREATE USER IF NOT EXISTS healthcheck@'$host';
			SET PASSWORD FOR healthcheck@'$host' = PASSWORD('$password');
			GRANT ${MARIADB_HEALTHCHECK_GRANTS:-USAGE} ON *.* TO healthcheck@'$host';
		SQL
	done
}

root_sql() {
	local identified
	# The install makes these without a password, and a server that does not resolve names would prefer them to root@%.
	echo "DROP USER IF EXISTS root@'127.0.0.1', root@'::1';"
	echo "EXECUTE IMMEDIATE CONCAT('DROP USER IF EXISTS root@', QUOTE(@@hostname));"
	identified="BY $(string "$MARIADB_ROOT_PASSWORD")"
	if [[ -n $MARIADB_ROOT_PASSWORD_HASH ]]; then
		identified="BY PASSWORD $(string "$MARIADB_ROOT_PASSWORD_HASH")"
	else
		echo "SET PASSWORD FOR root@localhost = PASSWORD($(string "$MARIADB_ROOT_PASSWORD"));"
	fi
	if [[ $MARIADB_ROOT_HOST != localhost ]]; then
		cat <<-SQL
			CREATE USER root@'$MARIADB_ROOT_HOST' IDENTIFIED $identified;
			GRANT ALL ON *.* TO root@'$MARIADB_ROOT_HOST' WITH GRANT OPTION;
			GRANT PROXY ON ''@'%' TO root@'$MARIADB_ROOT_HOST' WITH GRANT OPTION;
		SQL
	fi
	if [[ -n $MARIADB_MYSQL_LOCALHOST_USER ]]; then
		echo 'CREATE USER mysql@localhost IDENTIFIED VIA unix_socket;'
		[[ -z $MARIADB_MYSQL_LOCALHOST_GRANTS ]] || echo "GRANT $MARIADB_MYSQL_LOCALHOST_GRANTS ON *.* TO mysql@localhost;"
	fi
}

user_sql() {
	local account identified
	if [[ -n $MARIADB_DATABASE ]]; then
		echo "CREATE DATABASE IF NOT EXISTS \`$MARIADB_DATABASE\`;"
	fi
	[[ -n $MARIADB_USER && -n $MARIADB_PASSWORD$MARIADB_PASSWORD_HASH ]] || return 0
	account="$(string "$MARIADB_USER")@$(string "$MARIADB_USER_HOST")"
	identified="BY $(string "$MARIADB_PASSWORD")"
	[[ -z $MARIADB_PASSWORD_HASH ]] || identified="BY PASSWORD $(string "$MARIADB_PASSWORD_HASH")"
	echo "CREATE USER $account IDENTIFIED $identified;"
	if [[ -n $MARIADB_DATABASE ]]; then
		# In a grant an underscore stands for any character.
		echo "GRANT ALL ON \`${MARIADB_DATABASE//_/\\_}\`.* TO $account;"
	fi
}

# set_up_accounts : root, the health check, the database and its user, in one go.
set_up_accounts() {
	if [[ -z $MARIADB_INITDB_SKIP_TZINFO ]]; then
		mariadb-tzinfo-to-sql --skip-write-binlog /usr/share/zoneinfo |
			docker_process_sql --dont-use-mysql-root-password --database=mysql
	fi
	if [[ -n $MARIADB_RANDOM_ROOT_PASSWORD ]]; then
		MARIADB_ROOT_PASSWORD=$(random_password)
		export MARIADB_ROOT_PASSWORD MYSQL_ROOT_PASSWORD=$MARIADB_ROOT_PASSWORD
		mysql_note "GENERATED ROOT PASSWORD: $MARIADB_ROOT_PASSWORD"
	fi
	[[ -z $MARIADB_DATABASE ]] || mysql_note "Creating database $MARIADB_DATABASE"
	[[ -z $MARIADB_USER ]] || mysql_note "Creating user $MARIADB_USER"
	mysql_note 'Securing system users (equivalent to running mysql_secure_installation)'
	# Strings are escaped for the default SQL mode, and system accounts are this server's own affair.
	docker_process_sql --dont-use-mysql-root-password --database=mysql --binary-mode <<-SQL
		SET SESSION sql_mode = REPLACE(@@SESSION.sql_mode, 'NO_BACKSLASH_ESCAPES', '');
		SET @binlog = @@SESSION.sql_log_bin, SESSION sql_log_bin = 0;
		$(root_sql)
		$(healthcheck_sql)
		SET SESSION sql_log_bin = @binlog;
		$(user_sql)
	SQL
}

# run_init_files FILE... : what the user put into /docker-entrypoint-initdb.d.
run_init_files() {
	local file
	# shellcheck disable=SC2034 # for sourced scripts, which use "${mysql[@]}"
	mysql=(docker_process_sql)
	for file; do
		case $file in
		*.sql | *.sql.gz | *.sql.xz | *.sql.zst | *.sh) mysql_note "$0: running $file" ;;
		*)
			mysql_warn "$0: ignoring $file"
			continue
			;;
		esac
		case $file in
		*.sql) docker_process_sql <"$file" ;;
		*.sql.gz) gunzip -c "$file" | docker_process_sql ;;
		*.sql.xz) xzcat "$file" | docker_process_sql ;;
		*.sql.zst) zstd -dc "$file" | docker_process_sql ;;
		*.sh)
			if [[ -x $file ]]; then
				"$file"
			else
				# shellcheck source=/dev/null
				. "$file"
			fi
			;;
		esac
	done
}

# initialise COMMAND... : from an empty directory to one that the server can serve.
initialise() {
	# Unreadable init scripts are found out now, not after the files are made.
	ls /docker-entrypoint-initdb.d/ >/dev/null
	install_files "$@"
	start_temporary "$@"
	set_up_accounts
	run_init_files /docker-entrypoint-initdb.d/*
	if [[ -n $MARIADB_ROOT_PASSWORD_HASH ]]; then
		# Last, because a hash is no password to log in with.
		docker_process_sql --dont-use-mysql-root-password --binary-mode \
			<<<"SET SESSION sql_log_bin = 0; SET PASSWORD FOR root@localhost = $(string "$MARIADB_ROOT_PASSWORD_HASH");"
	fi
	stop_temporary
	mysql_note 'MariaDB init process done. Ready for start up.'
}

# needs_upgrade COMMAND... : whether an older minor version wrote the directory, or health checks are not set up.
needs_upgrade() {
	local ours theirs
	if [[ ! -f $upgrade_info ]]; then
		mysql_note 'MariaDB upgrade information missing, assuming required'
		return 0
	fi
	ours=$("$1" --version)
	[[ $ours =~ Ver\ ([0-9]+)\.([0-9]+) ]] || mysql_error "no version in: $ours"
	ours=$((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2]))
	theirs=$(<"$upgrade_info")
	[[ $theirs =~ ^([0-9]+)\.([0-9]+) ]] || return 0
	((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] >= ours)) || return 0
	if [[ ! -f $DATADIR/.my-healthcheck.cnf ]]; then
		mysql_note 'MariaDB healthcheck configuration file missing, assuming desirable'
		return 0
	fi
	mysql_note 'MariaDB upgrade not required'
	return 1
}

# upgrade COMMAND... : brings the system tables up to this server, having saved them.
upgrade() {
	local version=unknown_version backup
	if [[ ${MARIADB_AUTO_UPGRADE:-0} == 0 ]]; then
		mysql_note "MariaDB upgrade (mariadb-upgrade or creating healthcheck users) required, but skipped due to \$MARIADB_AUTO_UPGRADE setting"
		return
	fi
	start_temporary "$@" --skip-grant-tables --loose-innodb-buffer-pool-dump-at-shutdown=0
	if [[ $MARIADB_DISABLE_UPGRADE_BACKUP == 1 ]]; then
		mysql_note "MariaDB upgrade backup disabled due to \$MARIADB_DISABLE_UPGRADE_BACKUP=1 setting"
	else
		[[ ! -s $upgrade_info ]] || version=$(<"$upgrade_info")
		backup=system_mysql_backup_$version.sql.zst
		mysql_note "Backing up system database to $backup"
		mariadb-dump --socket="$SOCKET" --skip-ssl --skip-lock-tables --replace --databases mysql | zstd >"$DATADIR/$backup" ||
			mysql_error "Unable backup system database for upgrade from $version."
		mysql_note 'Backing up complete'
	fi
	if [[ ! -f $DATADIR/.my-healthcheck.cnf ]]; then
		mysql_note 'Creating healthcheck users'
		docker_process_sql --dont-use-mysql-root-password --binary-mode \
			<<<"SET SESSION sql_log_bin = 0; FLUSH PRIVILEGES; $(healthcheck_sql)"
		stop_temporary
		needs_upgrade "$@" || return 0
		# FLUSH PRIVILEGES ended the time without passwords.
		start_temporary "$@" --skip-grant-tables --loose-innodb-buffer-pool-dump-at-shutdown=0
	fi
	mysql_note 'Starting mariadb-upgrade'
	mariadb-upgrade --socket="$SOCKET" --skip-ssl --upgrade-system-tables
	mysql_note 'Finished mariadb-upgrade'
	stop_temporary
}

# only_asks COMMAND... : whether an option makes the server print something and stop.
only_asks() {
	local argument
	for argument; do
		case $argument in
		-'?' | --help | --print-defaults | -V | --version) return 0 ;;
		esac
	done
	return 1
}

# prepare COMMAND... : everything that must be true before the server starts.
prepare() {
	mysql_note "Entrypoint script for MariaDB Server $MARIADB_VERSION started."
	read_configuration "$@"
	read_environment
	own_directories
	if ((EUID == 0)); then
		mysql_note "Switching to dedicated user 'mysql'"
		exec gosu mysql "${BASH_SOURCE[0]}" "$@"
	fi
	# Before 11.0 the server kept its version under the old name.
	upgrade_info=$DATADIR/mariadb_upgrade_info
	[[ $MARIADB_VERSION != 10.* ]] || upgrade_info=$DATADIR/mysql_upgrade_info

	if [[ ! -d $DATADIR/mysql ]]; then
		check_environment
		initialise "$@"
	elif needs_upgrade "$@"; then
		upgrade "$@"
	fi
	# Nothing that the server starts has use for them.
	unset {MARIADB,MYSQL}_{,ROOT_}PASSWORD MARIADB_{,ROOT_}PASSWORD_HASH {MARIADB,MYSQL}_ROOT_HOST
}

main() {
	[[ $1 != -* ]] || set -- mariadbd "$@"
	if [[ $1 == mariadbd || $1 == mysqld ]] && ! only_asks "$@"; then
		prepare "$@"
	fi
	exec "$@"
}

# Sourced, this file only lends its functions.
[[ ${BASH_SOURCE[0]} != "$0" ]] || main "$@"
