#!/bin/bash
# check.sh OPTION... : checks Varnish's settings, and prints the mistakes; the options name its storages. Meanwhile the network learns the
# Pod's address, so that purge requests reach the Pod before readers do.
reasons=$(varnishd -j none -n /tmp/check -C "$@" -f /etc/mediawiki-stack/wiki.vcl 2>&1 >/dev/null) && exit
echo "$reasons" | tail -n 20
exit 1
