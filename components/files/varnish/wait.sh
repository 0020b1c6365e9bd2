#!/bin/bash
# Holds a new Pod back until its name leads to it, to which the wiki's Pods send what has changed. An address is known only once a container
# runs, so this is one of its own.
while address=$(getent hosts "$NAME"); [[ ${address%% *} != "$ADDRESS" ]]; do
	((SECONDS < 300)) || { echo "the name $NAME leads to ${address:-nothing} and not to $ADDRESS: is the cluster's DNS on?"; exit 1; }
	sleep 0.2
done
