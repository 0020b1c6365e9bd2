#!/bin/bash
# Holds a container back from readers until varnishd has compiled its settings and answers, and the network lets this Pod to the wiki. For
# the wiki itself it does not wait: of a new one, readers are led here before its own Pods are ready, so that they are when it is.
reaches() { timeout 1 bash -c "exec 3<>/dev/tcp/$1/8080" 2>/dev/null; }

for ((tries = 0; tries < 600; tries++)); do
	if reaches 127.0.0.1; then
		for ((until = SECONDS + 5; SECONDS < until; )); do
			reaches "$WIKI" && exit
			sleep 0.1
		done
		exit
	fi
	sleep 0.1
done
echo "varnishd does not start: see its log"
exit 1
