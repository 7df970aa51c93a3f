#!/usr/bin/env bash
# slurm.sh BATCH - hands all jobs of a batch (made by `sis batch`) to Slurm, without Snakemake: for each sample prepare, for each
# model train and predict, then an array of its shards, and when all are done what gathers them. Run it again for what failed:
# what is up to date takes a second. SBATCH_* variables (partition, account) are heard; THREADS (2) is of those that compute.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "${1:?directory of a batch}"
# shellcheck source=profiles/slurm/tag.sh
. "$here/profiles/slurm/tag.sh"
tag=$(tag_of .)
threads=${THREADS:-2}
mkdir -p logs
# Jobs of an earlier call would do the same work beside those of this one.
bash "$here/profiles/slurm/cancelOrphans.sh" .

# Lines for the loop below: sample, config, run, models, shards, then MiB and minutes of each kind of stage.
read_batch() {
  "${NODE:-node}" -e '
    const { samples, shards } = JSON.parse(fs.readFileSync("batch.json", "utf8"))
    for (const { name, config, run, models, resources } of samples) {
      const needs = Object.entries(resources).map(([kind, { memoryMiB, minutes }]) => `${kind}:${memoryMiB}:${minutes}`)
      console.log([name, config, run, models.join(" "), shards, needs.join(" ")].join("\t"))
    }'
}
sis=$("${NODE:-node}" -e '
  const quoted = (word) => `\u0027${word.replaceAll("\u0027", "\u0027\\\u0027\u0027")}\u0027`
  console.log(JSON.parse(fs.readFileSync("batch.json", "utf8")).command.map(quoted).join(" "))')

submit() { # NAME KIND CPUS AFTER [--array=1-N] COMMAND: prints the job's id
  local name=$1 kind=$2 cpus=$3 after=$4 array=() need
  shift 4
  if [ $# = 2 ]; then array=("$1"); shift; fi
  need=$(tr ' ' '\n' <<<"$needs" | grep "^$kind:")
  local memory minutes
  IFS=: read -r _ memory minutes <<<"$need"
  sbatch --parsable --requeue --kill-on-invalid-dep=yes --comment="$tag:$name" --job-name="sis.$name" \
    --output=logs/%x-%j.log --open-mode=append --cpus-per-task="$cpus" --mem="${memory}M" --time="$minutes" \
    ${after:+--dependency="afterok:$after"} "${array[@]}" --wrap="$1" | cut -d ';' -f 1
}

reports=()
while IFS=$'\t' read -r sample config run models shards needs; do
  stage="$sis run '$config' --out '$run' --stage"
  prepared=$(submit "$sample.prepare" prepare 1 '' "$stage prepare")
  extracted=()
  for model in $models; do
    trained=$(submit "$sample.train.$model" train "$threads" "$prepared" "$stage train.$model predict.$model")
    if [ "$shards" = 1 ]; then
      extracted+=("$(submit "$sample.extract.$model" extract "$threads" "$trained" "$stage extract.$model")")
    else
      extracted+=("$(submit "$sample.extract.$model" extract "$threads" "$trained" "--array=1-$shards" \
        "$stage extract.$model.\${SLURM_ARRAY_TASK_ID}-of-$shards")")
    fi
  done
  gathers=$(IFS=:; echo "${extracted[*]}")
  reports+=("$(submit "$sample.report" cluster "$threads" "$gathers" "$stage merge cluster logic compare merge report")")
done < <(read_batch)

# Whatever became of single samples: those that are not finished are named.
summary=$(sbatch --parsable --comment="$tag:summary" --job-name=sis.summary --output=logs/%x-%j.log --mem=1100M --time=30 \
  --dependency="afterany:$(IFS=:; echo "${reports[*]}")" --wrap="$sis batch . --summary" | cut -d ';' -f 1)
echo "${#reports[@]} samples; the summary is job $summary"
