#!/usr/bin/env bash
# A night from cron, for one machine that reaches the target. It prints nothing after PASS, so that cron's mail is news.
#
#   /etc/gauntlet/nightly.env   secrets and settings, NAME=value lines, mode 0600 and owned by the user of the job
#   nightly.sh --bootstrap      the first night; without that, a missing history is an error
#
# Exit code: that of `gauntlet nightly`; 75 when the last night still runs.
set -euo pipefail

settings=${GAUNTLET_SETTINGS:-/etc/gauntlet/nightly.env}
if [ -e "$settings" ]; then
  set -a
  # shellcheck source=/dev/null
  . "$settings"
  set +a
fi

project=${GAUNTLET_PROJECT:-/opt/gauntlet}   # where campaigns/, targets/ and node_modules/ are
data=${GAUNTLET_DATA:-/var/lib/gauntlet}     # the history and the run folders
keep_days=${GAUNTLET_KEEP_DAYS:-30}          # run folders; records of the history stay
history=${GAUNTLET_HISTORY:-$data/history}   # or git:BRANCH
campaign=${GAUNTLET_CAMPAIGN:-nightly}
target=${GAUNTLET_TARGET:-staging}

umask 077
mkdir -p "$data/runs"
# One night at a time: a night that hangs is told, not joined.
exec 9>"$data/nightly.lock"
if ! flock --nonblock 9; then
  echo "gauntlet: the last night still runs (its lock: $data/nightly.lock)" >&2
  exit 75
fi

run=$data/runs/$(date -u +%Y-%m-%dT%H-%M-%SZ)
log=$run.log
cd "$project"
code=0
npx --no-install gauntlet nightly "$campaign" --target "$target" --history "$history" --out "$run" --yes "$@" \
  >"$log" 2>&1 9>&- || code=$?

# For a node_exporter on this machine: a file that appears whole, with all that the history says, after every verdict.
if [ -n "${GAUNTLET_TEXTFILE_DIR:-}" ]; then
  metrics=$GAUNTLET_TEXTFILE_DIR/gauntlet.prom
  npx --no-install gauntlet report "$history" --format prom --out "$metrics.$$" >>"$log" 2>&1 9>&- || true
  if [ -s "$metrics.$$" ]; then
    chmod 0644 "$metrics.$$"
    mv -f "$metrics.$$" "$metrics"
  fi
fi

find "$data/runs" -mindepth 1 -maxdepth 1 -mtime "+$keep_days" -exec rm -rf {} +

if [ "$code" -ne 0 ]; then
  echo "gauntlet: the night ended with $code; log: $log"
  tail -n 20 "$log"
fi
exit "$code"
