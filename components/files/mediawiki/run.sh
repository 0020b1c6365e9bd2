#!/bin/sh
# Runs one of the PHP programs beside it, and ends it within seconds of being asked to. MediaWiki's image asks by SIGWINCH, which is
# Apache's signal to end gracefully, and others by SIGTERM. PHP as the first process of a container would hear neither.
#   usage: run.sh PROGRAM
exec 3<&0 # a program in the background would read /dev/null
php "/etc/mediawiki-stack/$1.php" <&3 3<&- &
child=$!
asked=
trap end TERM INT WINCH

# end : ends PHP, and what PHP has started: of a container, all but this shell.
# shellcheck disable=SC2317 # the trap calls it
end() {
	asked=yes
	if [ $$ = 1 ]; then kill -s TERM -- -1 2>/dev/null; else kill "$child"; fi
}

wait "$child"
status=$?
if [ -n "$asked" ]; then
	wait
	echo 'interrupted: its Pod was deleted, or its node is going' >/dev/termination-log
	status=143 # as of a program that SIGTERM has ended
fi
exit "$status"
