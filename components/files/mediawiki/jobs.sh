#!/bin/sh
# Runs the wiki's jobs as they come. PHP ends at its memory limit, or when the database goes; then it is started anew.
set -u
trap 'kill "$child"; wait "$child"; exit 0' TERM INT
while :; do
	php /var/www/html/maintenance/run.php runJobs --wait &
	child=$!
	wait "$child" || echo "runJobs ended with status $?, starting again" >&2
	sleep 2 &
	child=$!
	wait "$child"
done
