#!/bin/bash
# Holds a container back from readers until varnishd has compiled its settings and answers.
for ((tries = 0; tries < 600; tries++)); do
	{ exec 3<>/dev/tcp/127.0.0.1/8080; } 2>/dev/null && exit
	sleep 0.1
done
echo "varnishd does not start: see its log"
exit 1
