#!/usr/bin/env bash
# submit.sh RULE THREADS MIB MINUTES JOBSCRIPT - hands a job to Slurm and prints its id. The controller may be away for a
# while, or may have taken the job and been killed before it said so: the job is asked for by its comment before it is
# handed over again. SBATCH_* variables (partition, account) are heard as sbatch hears them.
set -euo pipefail
rule=$1 threads=$2 memory=$3 minutes=$4 script=$5
# shellcheck source=tag.sh
. "$(dirname "${BASH_SOURCE[0]}")/tag.sh"
comment="$(tag_of .):$$-$(date +%s%N)"
mkdir -p logs
until id=$(sbatch --parsable --requeue --comment="$comment" --job-name="sis.$rule" --output='logs/%x-%j.log' --open-mode=append \
  --cpus-per-task="$threads" --mem="${memory}M" --time="$minutes" "$script" 2>logs/.submit-$$); do
  # What the controller said is no passing trouble: it refuses the job.
  if ! grep -qiE 'unable to contact|timed out|connection refused|temporarily|zero bytes|communication|socket' "logs/.submit-$$"; then
    cat "logs/.submit-$$" >&2
    rm -f "logs/.submit-$$"
    exit 1
  fi
  sleep 2
  id=$(squeue --me --noheader --format='%i %k' 2>/dev/null | awk -v c="$comment" '$2 == c { print $1; exit }') || true
  [ -z "$id" ] || break
done
rm -f "logs/.submit-$$"
echo "${id%%;*}"
