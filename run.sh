#!/usr/bin/env bash
# The reference scenario on this machine: nodes in namespaces, HAProxy, REST, dashboard. Ctrl-C ends and removes it.
#   ./run.sh [--fast] [--warm] [--nodes N]  start, with 2 nodes (or 3, 4); --fast: heartbeats each 100 ms, dead after 400 ms
#                                  instead of 2 s / 30 s; --warm: HAProxy runs on every node, watched, and only the address moves
#   ./run.sh exec NODE COMMAND…    run a command on a node, for example: ./run.sh exec s1 ha-agent status
#   ./run.sh kill|start|cut NODE   a node dies, comes back, loses its network;  ./run.sh heal: links work again
#   ./run.sh stop                  end it from another terminal
set -euo pipefail
root=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=packaging/prepare.sh
. "$root/packaging/prepare.sh"
need_root
need_dotnet
lab=$root/artifacts/programs/ha-lab/ha-lab.dll
case "${1:-}" in
"" | --fast | --warm | --nodes)
    need_packages haproxy iproute2 nftables iputils-ping iputils-arping procps util-linux
    publish_programs "$root"
    exec dotnet "$lab" up "$@"
    ;;
exec | kill | start | cut | heal | stop)
    if [ ! -f "$lab" ]; then
        echo "the reference scenario does not run: start it with ./run.sh in another terminal" >&2
        exit 3
    fi
    exec dotnet "$lab" "$@"
    ;;
*)
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
