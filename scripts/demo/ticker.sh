#!/bin/sh
# One line every few seconds, as a quiet service would; the first argument is its name, the second the pause.
name=${1:-ticker}
pause=${2:-5}
tick=0
trap 'echo "INFO $name: asked to stop, finishing"; exit 0' TERM INT
echo "INFO $name: started"
while :; do
  tick=$((tick + 1))
  echo "INFO $name: round $tick, nothing to do"
  # In the background, so that the signal is answered at once.
  sleep "$pause" &
  wait $!
done
