#!/usr/bin/env bash
# Failover benchmarks against Heartbeat 3.0.6, in the lab: prints a markdown table (docs/performance.md).
#   ./bench.sh failover [--runs 11] [--out FILE]     node death, standby, graceful stop, cold start
#   ./bench.sh warm     [--runs 11]                  HAProxy on both nodes: node death, planned move, standby, graceful
#                                                    stop, HAProxy killed and stopped
#   ./bench.sh cold     [--runs 11]                  the same with HAProxy started where the address goes
#   ./bench.sh move     [--runs 11]                  warm: the planned move alone, and of what its outage consists
#   ./bench.sh lease    [--runs 5]                   the agent of the active node killed and frozen for good
#   ./bench.sh arp      [--runs 11]                  decision to first gratuitous ARP, virtual address only
#   ./bench.sh heal     [--runs 20]                  a cut of 8 s heals: until one owner, and the client's outage
#   ./bench.sh reference [--runs 11]                 node death with the reference times (30 s and more a run)
#   ./bench.sh idle     [--minutes 1]                memory and CPU at rest, reference times
#   ./bench.sh lateness [--minutes 10]               lateness of heartbeats beside four busy loops
#   ./bench.sh monitors [--minutes 1]                200 resources watched each second: lateness, cost of the agent
#   ./bench.sh transitions [--runs 1000]             forced transitions in a row: what they leave behind
#   ./bench.sh soak     [--minutes 10]               side by side with a real Heartbeat
# With --shield as the last word the lab gets nearly all of a busy machine's processor (cgroup version 1).
set -euo pipefail
root=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=packaging/prepare.sh
. "$root/packaging/prepare.sh"
need_root
need_dotnet
need_packages haproxy heartbeat resource-agents cluster-glue iproute2 nftables iputils-ping iputils-arping procps util-linux
publish_programs "$root"
exec dotnet "$root/artifacts/programs/ha-lab/ha-lab.dll" bench "$@"
