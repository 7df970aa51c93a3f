#!/usr/bin/env bash
# cancelOrphans.sh BATCH - cancels jobs that a killed Snakemake has left in the queue: Snakemake 7 forgets their ids, and would
# hand the same work over again beside them. That would do no harm (see docs/clusters.md), only take twice the time.
set -euo pipefail
# shellcheck source=tag.sh
. "$(dirname "${BASH_SOURCE[0]}")/tag.sh"
tag=$(tag_of "$1")
ids=$(squeue --me --noheader --format='%i %k' | awk -v tag="$tag:" 'index($2, tag) == 1 { print $1 }')
[ -n "$ids" ] || exit 0
echo "cancelling $(wc -w <<<"$ids") jobs of a Snakemake that was killed" >&2
# shellcheck disable=SC2086
scancel $ids
