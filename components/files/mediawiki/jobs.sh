#!/bin/sh
# Runs the wiki's jobs as they come. PHP ends at its memory limit, or when the database goes; then it is started anew. While the wiki is
# read-only no jobs are run: PHP would not see the mark that appears under it.
set -u
html=/var/www/html
version=$(sed -n "s/.*'MW_VERSION', '\([^']*\)'.*/\1/p" $html/includes/Defines.php)
mark=$html/images/.read-only-$version
# Since MediaWiki 1.40 there is one entry for all maintenance scripts.
if [ -e $html/maintenance/run.php ]; then
	set -- $html/maintenance/run.php runJobs
else
	set -- $html/maintenance/runJobs.php
fi
child=
trap '[ -z "$child" ] || kill "$child"; wait; exit 0' TERM INT

# pause : as long as it takes to notice what has changed. A signal ends it.
pause() {
	sleep 2 &
	wait $!
}

while :; do
	while [ -e "$mark" ]; do pause; done
	php "$@" --memory-limit "$MEDIAWIKI_MEMORY" --wait &
	child=$!
	while kill -0 "$child" 2>/dev/null && [ ! -e "$mark" ]; do pause; done
	[ ! -e "$mark" ] || kill "$child"
	wait "$child" || echo "runJobs ended with status $?" >&2
	pause
done
