#!/bin/bash
# Starts MariaDB by way of the image's own entry point, which makes the data directory where there is none. It does that in steps, and
# a kill between them leaves a directory that never starts again; so until ready.sh has seen the server answer, before there is any
# account that could write to it, the directory counts as unfinished and is made anew.
set -euo pipefail

data=/var/lib/mysql
state=/var/lib/mediawiki-stack

say() { printf '%s mediawiki-stack: %s\n' "$(date --rfc-3339=seconds)" "$*"; }

# Block devices bring a lost+found of their own.
contents() { find "$data" -mindepth 1 -maxdepth 1 ! -name lost+found "$@"; }

rm -f /run/mysqld/open
if [[ -e $state/unfinished ]] && compgen -G "$data/$DATABASE_NAME/page.*" >/dev/null; then
	say "$data counts as unfinished, but holds a wiki: keeping it"
	rm "$state/unfinished"
fi
if [[ -e $state/unfinished && -n $(contents -print -quit) ]]; then
	say "the first start was interrupted before anyone could connect: making $data anew"
	contents -exec rm -rf {} +
fi
if [[ -z $(contents -print -quit) ]]; then
	touch "$state/unfinished"
	# Root can be used inside this container alone, and its password is nowhere else.
	(umask 077 && head -c 32 /dev/urandom | base64 | tr -d '\n' >"$state/root-password")
	sync "$state"/*
fi
export MARIADB_ROOT_PASSWORD_FILE=$state/root-password MARIADB_ROOT_HOST=localhost MARIADB_AUTO_UPGRADE=1 MARIADB_INITDB_SKIP_TZINFO=1
exec docker-entrypoint.sh mariadbd
