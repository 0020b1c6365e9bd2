#!/bin/bash
# Checks that MariaDB can be used. The first time after a start it also sets the accounts and passwords as configured, which may have
# changed since the data was written.
set -euo pipefail

state=/var/lib/mediawiki-stack
secrets=/etc/mediawiki-secrets

healthcheck.sh --connect --innodb_initialized
[[ ! -e /run/mysqld/open ]] || exit 0

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
}

{
	echo "CREATE DATABASE IF NOT EXISTS \`$DATABASE_NAME\`;"
	account migration 'ALL PRIVILEGES'
	account database 'SELECT, INSERT, UPDATE, DELETE, CREATE TEMPORARY TABLES'
} | MYSQL_PWD=$(<"$state/root-password") mariadb --protocol=socket --user=root --skip-ssl --binary-mode

touch /run/mysqld/open
