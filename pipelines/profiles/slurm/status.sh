#!/usr/bin/env bash
# status.sh ID - prints running, success or failed. It asks the controller and, of jobs that that has forgotten, sacct where it
# works; not sacct alone, which many clusters do not have. While the controller is away a job is taken to run.
id=$1
if ! told=$(scontrol --oneliner show job "$id" 2>&1); then
  case $told in
    *'Invalid job id'*) state=$(sacct -X -n -P -o State -j "$id" 2>/dev/null | head -n 1) ;;
    *) state=RUNNING ;;
  esac
else
  state=$(sed -n 's/.*\bJobState=\([A-Z_]*\).*/\1/p' <<<"$told")
fi
case $state in
  COMPLETED) echo success ;;
  PENDING | CONFIGURING | RUNNING | COMPLETING | SUSPENDED | STOPPED | REQUEUED | REQUEUE_HOLD | REQUEUE_FED | SPECIAL_EXIT | RESIZING | SIGNALING | STAGE_OUT) echo running ;;
  # A job that the controller lost is run again; if it was done, its second run sees that in a second.
  *) echo failed ;;
esac
