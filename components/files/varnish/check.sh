#!/bin/bash
# Finds mistakes in what Varnish is told, and says them. Meanwhile the Pod's address becomes known: what changes is sent to it from then on,
# which is before it has readers.
reasons=$(varnishd -j none -n /tmp/check -C -f /etc/mediawiki-stack/wiki.vcl 2>&1 >/dev/null) && exit
echo "$reasons" | tail -n 20
exit 1
