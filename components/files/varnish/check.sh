#!/bin/bash
# check.sh OPTION... : finds mistakes in Varnish's settings, and prints them; the options name its storages. Meanwhile the Pod's address
# becomes known: changes of pages are sent to it from then on, which is before it has readers.
reasons=$(varnishd -j none -n /tmp/check -C "$@" -f /etc/mediawiki-stack/wiki.vcl 2>&1 >/dev/null) && exit
echo "$reasons" | tail -n 20
exit 1
