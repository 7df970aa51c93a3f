#!/usr/bin/env bash
# slurmLab.sh - a real SLURM cluster (munged + slurmctld + N slurmd) on loopback,
# all state under one directory, for tests.  Debian: slurmctld slurmd slurm-client munge.
#   slurmLab.sh start DIR        bring the cluster up, wait until every node is IDLE
#   slurmLab.sh env DIR          print the exports a client needs (eval it)
#   slurmLab.sh kill-node DIR N  node loss: SIGKILL slurmd, slurmstepd and the job's processes
#   slurmLab.sh lose-slurmd DIR N  partition: SIGKILL only slurmd; steps stay alive (zombie writers)
#   slurmLab.sh kill-ctld|start-ctld DIR   SIGKILL the controller; start it from its saved state
#   slurmLab.sh start-node DIR N start (again) the slurmd of node N
#   slurmLab.sh stop DIR         stop everything that start started; the directory stays
# Environment: LAB_NODES (3), LAB_CPUS (2), LAB_MEM (4000 MB), LAB_PORT (17000),
#              LAB_EXTRA_CONF (more lines of slurm.conf), LAB_SLURMD_TIMEOUT (5), LAB_CRED_EXPIRE (5)
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
cmd=${1:?start|env|status|kill-node|lose-slurmd|start-node|stop}; D=${2:?directory}
NODES=${LAB_NODES:-3}; CPUS=${LAB_CPUS:-2}; MEM=${LAB_MEM:-4000}; BASE=${LAB_PORT:-17000}
mkdir -p "$D"; D=$(cd "$D" && pwd)
export SLURM_CONF=$D/slurm.conf
me=$(id -un)

now() { date +%s%3N; }
wait_for() { # SECONDS COMMAND...: poll every 0.1 s
  local end=$(( $(now) + $1 * 1000 )); shift
  until "$@" >/dev/null 2>&1; do [ "$(now)" -lt "$end" ] || return 1; sleep 0.1; done
}
running() { # PID: is there, and not a zombie that pid 1 has yet to reap (some container inits are slow)
  [ -r "/proc/$1/stat" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}
gone() { local p; for p in "$@"; do ! running "$p" || return 1; done; }
alive() { [ -s "$1" ] && running "$(cat "$1")"; }
stop_pidfiles() { # FILES: TERM to all, KILL after 3 s; only pids that we recorded
  local f p=()
  for f in "$@"; do if alive "$f"; then p+=("$(cat "$f")"); fi; rm -f "$f"; done
  [ ${#p[@]} -gt 0 ] || return 0
  kill -TERM "${p[@]}" 2>/dev/null || true
  wait_for 3 gone "${p[@]}" || { kill -KILL "${p[@]}" 2>/dev/null || true; wait_for 2 gone "${p[@]}"; }
}
job_pids() { # NODE: the jobs' processes there, known by the environment that slurmd gives them
  local f
  f=$(grep -lzxF "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ 2>/dev/null || true)
  # shellcheck disable=SC2086
  [ -z "$f" ] || { grep -lzxF "SLURMD_NODENAME=$1" $f 2>/dev/null || true; } | tr -dc '0-9\n'
}
step_pids() { # NODE: its slurmstepd's, found as parents of the jobs' processes
  local p pp
  for p in $(job_pids "$1"); do
    pp=$(awk '/^PPid/{print $2}' "/proc/$p/status" 2>/dev/null || true)
    if [ -n "$pp" ] && grep -q '^slurmstepd' "/proc/$pp/comm" 2>/dev/null; then echo "$pp"; fi
  done | sort -u
}
start_ctld() {
  ( cd "$D"; exec setsid slurmctld -D "$@" -f "$SLURM_CONF" -L "$D/log/slurmctld.log" </dev/null >"$D/log/slurmctld.out" 2>&1 ) &
  echo $! > "$D/run/slurmctld.pid.lab"
  wait_for 15 scontrol ping || { tail -n 20 "$D"/log/slurmctld.*; exit 1; }
}
start_node() {
  ( cd "$D"; exec setsid slurmd -D -N "$1" -f "$SLURM_CONF" -L "$D/log/$1.log" </dev/null >"$D/log/$1.out" 2>&1 ) &
  echo $! > "$D/run/$1.pid.lab"
}

case $cmd in
start)
  t0=$(now)
  mkdir -p "$D"/{log,run,state,spool,munge}
  chmod 755 "$D"; chmod 700 "$D/munge"      # munged refuses a group/world-writable path
  # -- munged: own key, own socket, so nothing of the host's /etc/munge or /run/munge is used
  [ -s "$D/munge/key" ] || ( umask 077; head -c 1024 /dev/urandom > "$D/munge/key" )
  chmod 600 "$D/munge/key"
  mkdir -p "$D/munge/sock"; chmod 711 "$D/munge" "$D/munge/sock"
  # --force: /tmp itself is sticky world-writable, which munged otherwise refuses in the socket's path
  ( exec setsid munged --foreground --force --key-file="$D/munge/key" --socket="$D/munge/sock/munge.s" \
      --pid-file="$D/munge/pid" --seed-file="$D/munge/seed" --log-file="$D/log/munged.log" \
      --num-threads=2 </dev/null >"$D/log/munged.out" 2>&1 ) &
  echo $! > "$D/run/munged.pid.lab"
  wait_for 10 test -S "$D/munge/sock/munge.s" || { cat "$D"/log/munged.*; exit 1; }
  # -- the nodes' addresses: loopback ports, or hosts of their own
  CTL=127.0.0.1; COMM=NoInAddrAny,NoCtldInAddrAny; ADDR="NodeAddr=127.0.0.1 Port=[$((BASE+1))-$((BASE+NODES))]"
  # -- slurm.conf
  cat > "$SLURM_CONF" <<CONF
ClusterName=lab
SlurmctldHost=localhost($CTL)
SlurmctldPort=$BASE
SlurmUser=$me
SlurmdUser=$me
AuthType=auth/munge
CredType=cred/munge
# cred_expire also is how long a requeued job waits before it may start again (default 120 s)
AuthInfo=socket=$D/munge/sock/munge.s,cred_expire=${LAB_CRED_EXPIRE:-5}
${COMM:+CommunicationParameters=$COMM}
StateSaveLocation=$D/state
SlurmdSpoolDir=$D/spool/%n
SlurmctldPidFile=$D/run/slurmctld.pid
SlurmdPidFile=$D/run/%n.pid
SlurmctldLogFile=$D/log/slurmctld.log
SlurmdLogFile=$D/log/%n.log
SlurmctldDebug=info
SlurmdDebug=info
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
# no cgroups: memory is polled each second and a job over its --mem is killed
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill,UsePss
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=100
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2,sched_min_interval=0
ReturnToService=2
SlurmctldTimeout=10
SlurmdTimeout=${LAB_SLURMD_TIMEOUT:-5}
TCPTimeout=2
MessageTimeout=${LAB_MSG_TIMEOUT:-5}
KillWait=2
CompleteWait=0
UnkillableStepTimeout=30
JobRequeue=1
MinJobAge=3600
MaxArraySize=10001
JobCompType=jobcomp/filetxt
JobCompLoc=$D/log/jobcomp.log
AccountingStorageType=accounting_storage/none
SlurmdParameters=config_overrides
NodeName=n[1-$NODES] $ADDR CPUs=$CPUS RealMemory=$MEM State=UNKNOWN
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
${LAB_EXTRA_CONF:-}
CONF
  start_ctld -i
  for i in $(seq 1 "$NODES"); do start_node "n$i"; done
  all_idle() { [ "$(sinfo -h -N -t idle -o %N | sort -u | wc -l)" = "$NODES" ]; }
  wait_for 30 all_idle || { sinfo -N -l; tail -n 20 "$D"/log/*.log; exit 1; }
  echo "slurmLab: $NODES nodes idle after $(( $(now) - t0 )) ms; export SLURM_CONF=$SLURM_CONF" ;;
env) echo "export SLURM_CONF=$SLURM_CONF" ;;
status) scontrol ping; sinfo -N -o '%N %T %C %E' ;;
kill-ctld) kill -KILL "$(cat "$D/run/slurmctld.pid.lab")"; rm -f "$D/run/slurmctld.pid.lab" ;;
start-ctld) start_ctld ;;
start-node) start_node "${3:?node}" ;;
lose-slurmd) p=$(cat "$D/run/$3.pid.lab"); kill -KILL "$p"; rm -f "$D/run/$3.pid.lab" ;;
kill-node)
  p=$(cat "$D/run/$3.pid.lab"); s=$(step_pids "$3"); j=$(job_pids "$3")
  # shellcheck disable=SC2086
  kill -KILL "$p" $s $j 2>/dev/null || true; rm -f "$D/run/$3.pid.lab" ;;
stop)
  t0=$(now)
  if alive "$D/run/slurmctld.pid.lab"; then
    scancel -u "$me" 2>/dev/null || true
    none_left() { [ -z "$(squeue -h -o %i)" ]; }
    wait_for 8 none_left || true
  fi
  stop_pidfiles "$D/run/slurmctld.pid.lab"      # before the slurmd's, else it waits for their answers
  n=$(sed -n 's/^NodeName=n\[1-\([0-9]*\)\].*/\1/p' "$SLURM_CONF" 2>/dev/null || echo "$NODES")
  for i in $(seq 1 "${n:-0}"); do
    # shellcheck disable=SC2046
    kill -KILL $(step_pids "n$i") $(job_pids "n$i") 2>/dev/null || true
  done
  stop_pidfiles "$D"/run/n*.pid.lab
  stop_pidfiles "$D/run/munged.pid.lab"
  echo "slurmLab: stopped in $(( $(now) - t0 )) ms" ;;
*) echo "unknown: $cmd" >&2; exit 2 ;;
esac
