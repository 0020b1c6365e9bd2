#!/bin/sh
# Runs the wiki's jobs as they come (jobs.php). PHP ends at its memory limit, or when the database goes; then it is started again. While the
# wiki is read-only no jobs are run: PHP would not see the mark that appears under it.
set -u
html=/var/www/html
version=$(sed -n "s/.*'MW_VERSION', '\([^']*\)'.*/\1/p" $html/includes/Defines.php)
mark=$html/images/.read-only-$version
export MEDIAWIKI_JOBS_END=/tmp/jobs-end # jobs.php looks for this file
# Since MediaWiki 1.40 there is one entry for all maintenance scripts.
if [ -e $html/maintenance/run.php ]; then
	set -- $html/maintenance/run.php /etc/mediawiki-stack/jobs.php
else
	set -- /etc/mediawiki-stack/jobs.php
fi
child=
# MediaWiki's image asks a container to end by SIGWINCH, Apache's signal.
trap 'end; exit 0' TERM INT WINCH

# pause SECONDS : waits; a signal ends it.
pause() {
	sleep "$1" &
	wait $!
}

# end : ends PHP when the job that it runs is done. One that takes longer than twenty seconds is killed, and released for the next runner.
end() {
	[ -n "$child" ] || return 0
	asked=$(date -u +%Y%m%d%H%M%S)
	: >"$MEDIAWIKI_JOBS_END"
	until=$(($(date +%s) + 20))
	while kill -0 "$child" 2>/dev/null && [ "$(date +%s)" -lt "$until" ]; do pause 0.2; done
	if kill "$child" 2>/dev/null; then
		wait "$child"
		php /etc/mediawiki-stack/release.php "$asked"
	fi
}

while :; do
	while [ -e "$mark" ]; do pause 2; done
	rm -f "$MEDIAWIKI_JOBS_END"
	php "$@" --memory-limit "$MEDIAWIKI_MEMORY" &
	child=$!
	while kill -0 "$child" 2>/dev/null && [ ! -e "$mark" ]; do pause 2; done
	[ ! -e "$mark" ] || end
	wait "$child" || echo "the job runner ended with status $?" >&2
	child=
	pause 2
done
