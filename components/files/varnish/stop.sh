#!/bin/bash
# Gives every node time to learn that the Pod is ending, then waits until the running responses are complete.
touch /tmp/draining
sleep 8
for ((tries = 0; tries < 400; tries++)); do
	grep -qsE ':1F90 [0-9A-F]+:[0-9A-F]{4} 01 ' /proc/net/tcp /proc/net/tcp6 || exit 0 # 8080, established
	sleep 0.1
done
