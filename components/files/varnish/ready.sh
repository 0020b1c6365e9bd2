#!/bin/bash
# Keeps readers from a container until varnishd has compiled its settings and answers, and the network lets this Pod connect to the wiki. A
# wiki that refuses connections has no ready Pod, and is not waited for: readers of a new wiki are led here before its own Pods are ready, so
# that every node knows the way when they are.

# connects HOST : succeeds if port 8080 accepts a connection, and else says why not.
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
