# The tag of a batch's jobs, in their comments: whoever runs the batch again finds those of a Snakemake that was killed.
tag_of() { # DIRECTORY
  printf 'sis-batch-%s' "$(cd "$1" && pwd -P | cksum | cut -d ' ' -f 1)"
}
