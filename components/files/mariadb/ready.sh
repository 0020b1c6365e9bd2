#!/bin/bash
# Tells whether MariaDB can be used. The first time it also sees to it that the accounts are as configured: what was true when the
# data was written may be so no longer.
set -euo pipefail

state=/var/lib/mediawiki-stack
secrets=/etc/mediawiki-secrets

healthcheck.sh --connect --innodb_initialized
[[ ! -e /run/mysqld/open ]] || exit 0

# The directory is complete: the server answers. From here on it is kept, and only then there are accounts that could write to it.
rm -f "$state/unfinished"
sync -f "$state"

# quote TEXT : TEXT as a string of SQL.
quote() {
	local text=${1//\\/\\\\}
	printf "'%s'" "${text//\'/\\\'}"
}

# account NAME PRIVILEGES : an account with these privileges on the wiki's database alone, and with its password from the Secret.
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
