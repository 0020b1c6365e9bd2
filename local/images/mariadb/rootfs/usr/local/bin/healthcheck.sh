#!/bin/bash
# Says by its exit status whether the server passes the named tests, in their order:
#   --connect                    it listens on the network, as it does once its set-up is over
#   --innodb_initialized         InnoDB has recovered and serves
#   --innodb_buffer_pool_loaded  the buffer pool of the last run is back in memory
#   --mariadbupgrade             no mariadb-upgrade is running
# Without --connect (or --no-connect) the first of them runs at the end. Options before the tests:
# --su USER, --su-mysql, --datadir DIR, --no-defaults, --defaults-file, --defaults-extra-file and
# --defaults-group-suffix. The official image's tests of Galera and of replication are not offered.
set -eo pipefail

datadir=/var/lib/mysql
defaults=()
connected=

fail() {
	echo "healthcheck $*" >&2
	exit 1
}

# ask OPTION... : one value from the server, over its socket unless told otherwise.
ask() {
	mariadb "${defaults[@]}" --skip-ssl --protocol=socket --batch --skip-column-names "$@"
}

connect() {
	local answer
	connected=yes
	if ! answer=$(ask -e 'SELECT @@skip_networking' 2>/dev/null); then
		# An account that is refused has been answered all the same: SQLSTATE 28000 and its kin.
		answer=$(ask --protocol=tcp --host=127.0.0.1 -e 'SELECT @@skip_networking' 2>&1) || true
	fi
	case $answer in
	0 | 'ERROR '*' (28000)'* | 'ERROR 1820 '* | 'ERROR 4151 '* | 'ERROR 1226 '*) ;;
	*) return 1 ;;
	esac
}

innodb_initialized() {
	[[ $(ask -e "SELECT 1 FROM information_schema.ENGINES WHERE engine = 'InnoDB' AND support IN ('YES', 'DEFAULT', 'ENABLED')") == 1 ]]
}

innodb_buffer_pool_loaded() {
	[[ $(ask -e "SELECT variable_value FROM information_schema.GLOBAL_STATUS WHERE variable_name = 'Innodb_buffer_pool_load_status'") == *'load completed'* ]]
}

mariadbupgrade() {
	local info=$datadir/mariadb_upgrade_info
	[[ ! -r $info ]] || flock --exclusive --nonblock "$info" true
}

own_defaults() {
	defaults=()
	[[ ! -f $datadir/.my-healthcheck.cnf ]] || defaults=("--defaults-extra-file=$datadir/.my-healthcheck.cnf")
}

(($#)) || fail 'needs at least one test, such as --connect'
own_defaults
while (($#)); do
	option=$1
	shift
	case $option in
	--su | --datadir | --defaults-file | --defaults-extra-file | --defaults-group-suffix)
		(($#)) || fail "option $option needs a value"
		option+=$'='$1
		shift
		;;
	esac
	case $option in
	--su-mysql) exec gosu mysql "$0" "$@" ;;
	--su=*) exec gosu "${option#*=}" "$0" "$@" ;;
	--datadir=*)
		datadir=${option#*=}
		own_defaults
		;;
	--no-defaults | --defaults-file=* | --defaults-extra-file=*) defaults=("$option") ;;
	--defaults-group-suffix=*) defaults+=("$option") ;;
	--no-connect) connected=yes ;;
	--connect | --innodb_initialized | --innodb_buffer_pool_loaded | --mariadbupgrade)
		"${option#--}" || fail "${option#--} failed"
		;;
	*) fail "knows no option or test '$option'" ;;
	esac
done
[[ -n $connected ]] || connect || fail 'connect failed'
