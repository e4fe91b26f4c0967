#!/bin/sh
# Takes a minute to be useful, says how far it is, then is quiet and content.
shard=1
while [ "$shard" -le 12 ]; do
  echo "INFO loading shard $shard of 12"
  sleep 5
  shard=$((shard + 1))
done
echo "INFO index ready: 4,812,330 documents"
while :; do
  sleep 20
  echo "DEBUG merged 2 segments"
done
