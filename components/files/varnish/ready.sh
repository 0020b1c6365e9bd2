#!/bin/bash
# Keeps readers away until varnishd has compiled its settings and answers, and NetworkPolicies let this Pod connect to the wiki. A wiki
# that refuses connections has no ready Pod; this does not wait for it, so that every node already routes to this Pod when the wiki is
# ready.

# connects HOST : succeeds if port 8080 accepts a connection; otherwise prints why not.
connects() { timeout 1 bash -c "exec 3<>/dev/tcp/$1/8080" 2>&1; }

for ((tries = 0; tries < 600; tries++)); do
	if connects 127.0.0.1 >/dev/null; then
		for ((until = SECONDS + 5; SECONDS < until; )); do
			reason=$(connects "$WIKI") && exit
			[[ $reason != *refused* ]] || exit 0 # NetworkPolicies drop what they do not let through
			sleep 0.1
		done
		exit
	fi
	sleep 0.1
done
echo "varnishd does not start: see its log"
exit 1
