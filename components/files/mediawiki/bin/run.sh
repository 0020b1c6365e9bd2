#!/bin/sh
# Runs one of the PHP programs in this folder, and ends it within seconds when the container has to end. MediaWiki's image sends
# SIGWINCH, which is Apache's signal for a graceful end; others send SIGTERM. As the first process of a container, PHP would ignore
# both.
#   usage: run.sh PROGRAM
exec 3<&0 # a background process would read /dev/null
php "${0%/*}/$1.php" <&3 3<&- &
child=$!
asked=
trap end TERM INT WINCH

# end : ends PHP and what PHP has started; in a container, all processes but this shell.
# shellcheck disable=SC2317 # the trap calls it
end() {
	asked=yes
	if [ $$ = 1 ]; then kill -s TERM -- -1 2>/dev/null; else kill "$child"; fi
}

wait "$child"
status=$?
if [ -n "$asked" ]; then
	wait
	echo 'interrupted: its Pod was deleted, or its node is shutting down' >/dev/termination-log
	status=143 # the status of a program that SIGTERM has ended
fi
exit "$status"
