#!/bin/bash
# Checks that MariaDB can be used. The first time after a start it also sets the accounts and passwords as configured, which may have
# changed since the data was written. With the argument "serving", a replica that has no complete copy yet is not ready.
set -euo pipefail

state=/var/lib/mediawiki-stack
secrets=/etc/mediawiki-secrets

healthcheck.sh --connect --innodb_initialized
if [[ -e /run/mysqld/open ]]; then
	[[ ${1-} != serving || -e /run/mysqld/serving ]]
	exit
fi

# The server answers, so the data directory is complete and is kept from now on. Accounts that could write to it are created after that.
rm -f "$state/unfinished"
sync -f "$state"

# quote TEXT : prints TEXT as an SQL string.
quote() {
	local text=${1//\\/\\\\}
	printf "'%s'" "${text//\'/\\\'}"
}

# account NAME PRIVILEGES : prints SQL for an account with these privileges on the wiki's database only, and the password from the Secret.
account() {
	local user
	user="$(quote "$(<"$secrets/$1-user")")@'%'"
	cat <<-SQL
		CREATE USER IF NOT EXISTS $user;
		ALTER USER $user IDENTIFIED BY $(quote "$(<"$secrets/$1-password")");
		REVOKE ALL PRIVILEGES, GRANT OPTION FROM $user;
		GRANT $2 ON \`${DATABASE_NAME//_/\\_}\`.* TO $user;
	SQL
	# MediaWiki asks a replica how far it is behind.
	[[ -z ${MEMBER-} ]] || echo "GRANT SLAVE MONITOR ON *.* TO $user;"
}

# replication : prints SQL for the account with which the other one of two servers copies this one, closes it for a promotion, or stops it
# from applying what it does not understand.
replication() {
	cat <<-SQL
		CREATE USER IF NOT EXISTS replication@'%';
		ALTER USER replication@'%' IDENTIFIED BY $(quote "$(<"$secrets/replication-password")");
		REVOKE ALL PRIVILEGES, GRANT OPTION FROM replication@'%';
		GRANT REPLICATION SLAVE, REPLICATION SLAVE ADMIN, BINLOG MONITOR, SLAVE MONITOR, READ_ONLY ADMIN, CONNECTION ADMIN, RELOAD,
			PROCESS ON *.* TO replication@'%';
		GRANT SELECT, LOCK TABLES, SHOW VIEW ON \`${DATABASE_NAME//_/\\_}\`.* TO replication@'%';
	SQL
}

{
	# Accounts are not replicated: each of two servers sets its own.
	echo 'SET SESSION sql_log_bin = 0;'
	echo "CREATE DATABASE IF NOT EXISTS \`$DATABASE_NAME\`;"
	account migration 'ALL PRIVILEGES'
	account database 'SELECT, INSERT, UPDATE, DELETE, CREATE TEMPORARY TABLES'
	[[ -z ${MEMBER-} ]] || replication
} | MYSQL_PWD=$(<"$state/root-password") mariadb --protocol=socket --user=root --skip-ssl --binary-mode

touch /run/mysqld/open
[[ ${1-} != serving ]]
