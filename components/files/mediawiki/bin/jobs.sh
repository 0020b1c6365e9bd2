#!/bin/sh
# Runs the wiki's jobs with run-jobs.php. PHP ends at its memory limit or when the database is down, and is then started again.
# While the wiki is read-only, no jobs run; a running PHP would not notice the file that makes it read-only.
set -u
programs=/etc/mediawiki-programs/bin
html=/var/www/html
version=$(sed -n "s/.*'MW_VERSION', '\([^']*\)'.*/\1/p" $html/includes/Defines.php)
readonly_file=$html/images/.read-only-$version
export MEDIAWIKI_JOBS_END=/tmp/jobs-end # run-jobs.php ends when this file appears
# Since MediaWiki 1.40, run.php starts all maintenance scripts.
runner=$html/maintenance/run.php
[ -e "$runner" ] || runner=
child=
# MediaWiki's image ends containers with SIGWINCH, Apache's signal.
trap 'end; exit 0' TERM INT WINCH

# pause SECONDS : waits. A signal ends it.
pause() {
	sleep "$1" &
	wait $!
}

# end : ends PHP after its current job. A job that takes longer than twenty seconds is killed, and released for the next runner.
end() {
	[ -n "$child" ] || return 0
	asked=$(date -u +%Y%m%d%H%M%S)
	: >"$MEDIAWIKI_JOBS_END"
	until=$(($(date +%s) + 20))
	while kill -0 "$child" 2>/dev/null && [ "$(date +%s)" -lt "$until" ]; do pause 0.2; done
	if kill "$child" 2>/dev/null; then
		wait "$child"
		php $programs/release-job.php "$asked"
	fi
}

# list_pages : writes the sitemap when this container starts and once a day. Readers get the former one until the new one is complete.
list_pages() {
	[ -n "${MEDIAWIKI_SITEMAP-}" ] && [ -z "$(find /tmp/sitemap -mmin -1440 2>/dev/null)" ] || return 0
	: >/tmp/sitemap # run-jobs.php ends when this file is a day old
	folder=$html/images/.sitemap
	rm -rf $folder.new
	php ${runner:+"$runner"} $html/maintenance/generateSitemap.php --fspath $folder.new --urlpath / --identifier wiki --skip-redirects \
		--memory-limit "$MEDIAWIKI_MEMORY" >/tmp/sitemap.log 2>&1 &
	if wait $!; then
		rm -rf $folder && mv $folder.new $folder
	else
		echo "the sitemap was not written: $(tail -n 5 /tmp/sitemap.log)" >&2
	fi
}

while :; do
	list_pages
	while [ -e "$readonly_file" ]; do pause 2; done
	rm -f "$MEDIAWIKI_JOBS_END"
	# Without the replica: a job would fail with a lost connection to it, and nobody would repeat it for an hour.
	DATABASE_REPLICA='' php ${runner:+"$runner"} $programs/run-jobs.php --memory-limit "$MEDIAWIKI_MEMORY" &
	child=$!
	while kill -0 "$child" 2>/dev/null && [ ! -e "$readonly_file" ]; do pause 2; done
	[ ! -e "$readonly_file" ] || end
	wait "$child" || echo "the job runner ended with status $?" >&2
	child=
	pause 2
done
