#!/usr/bin/env bash
# Builds everything and runs the tests, ring by ring. Last line: 'N passed, N failed'; exit code 0 only without failures.
#   ./test.sh                      every ring
#   ./test.sh unit                 the core's own tests: under a minute, no root, no packages
#   ./test.sh core|policy|simulation|api|web|agent|end-to-end ...
set -euo pipefail
root=$(cd "$(dirname "$0")" && pwd)
cd "$root"
# shellcheck source=packaging/prepare.sh
. packaging/prepare.sh

all_rings=(core policy simulation api web agent end-to-end)
declare -A projects=([core]=Ha.Core.Tests [policy]=Ha.Policy.Tests [web]=Ha.Web.Tests
    [simulation]=Ha.Simulation.Tests [api]=Ha.Api.Tests [agent]=Ha.Agent.Tests [end-to-end]=Ha.EndToEnd.Tests)
# How long a ring may take before it counts as failed.
declare -A limits=([core]=5m [policy]=6m [web]=8m [simulation]=10m [api]=8m [agent]=8m [end-to-end]=15m)
rings=()
for word in "${@:-all}"; do
    case "$word" in
    all) rings+=("${all_rings[@]}") ;;
    unit) rings+=(core) ;;
    *)
        if [ -z "${projects[$word]:-}" ]; then
            echo "usage: $0 [unit|${all_rings[*]// /|}]..." >&2
            exit 2
        fi
        rings+=("$word")
        ;;
    esac
done

need_dotnet
if [[ " ${rings[*]} " =~ \ (agent|end-to-end)\  ]]; then
    need_root
    need_packages cluster-glue curl e2fsprogs haproxy heartbeat iproute2 iputils-arping iputils-ping kmod \
        libxml2-utils nfs-kernel-server nftables nginx-light procps psmisc resource-agents socat systemd util-linux
fi
if [[ " ${rings[*]} " =~ \ policy\  ]]; then
    need_packages pacemaker-cli-utils
fi
if [[ " ${rings[*]} " =~ \ (web|end-to-end)\  ]]; then
    need_packages chromium
fi

started=$(date +%s)
results=$root/artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
echo "building (warnings are errors)"
build_log=$results/build.log
if ! dotnet build HaAppliance.sln -c Release >"$build_log" 2>&1; then
    grep -E 'error|warning' "$build_log" | sort -u | head -n 40 >&2 || true
    echo "the build failed; all of it: $build_log" >&2
    echo "0 passed, 1 failed"
    exit 1
fi
# The programs are published while the core's own tests run, which need none of them and leave a processor idle.
publishing=
if [[ " ${rings[*]} " =~ \ (agent|end-to-end)\  ]]; then
    publish_programs "$root" ha-agent ha-api ha-web >"$results/publish.log" 2>&1 &
    publishing=$!
    trap 'kill "$publishing" 2>/dev/null || true' EXIT
fi
await_programs() {
    [ -n "$publishing" ] || return 0
    if ! wait "$publishing"; then
        tail -n 40 "$results/publish.log" >&2
        echo "the programs cannot be published; all of it: $results/publish.log" >&2
        echo "0 passed, 1 failed"
        exit 1
    fi
    publishing=
    trap - EXIT
}

passed=0
failed=0
# count RING ATTRIBUTE : one counter of a ring's result file; empty when there is none.
count() {
    sed -n "s/.*<Counters .*\\b$2=\"\\([0-9]*\\)\".*/\\1/p" "$results/$1.trx" 2>/dev/null | head -n 1
}
for ring in "${rings[@]}"; do
    project=${projects[$ring]}
    case "$ring" in core | policy) ;; *) await_programs ;; esac
    began=$(date +%s)
    echo "ring $ring: tests/$project"
    code=0
    timeout --kill-after=30s "${limits[$ring]}" dotnet test "tests/$project" -c Release --no-build --nologo \
        --results-directory "$results" --logger "trx;LogFileName=$ring.trx" --logger "console;verbosity=minimal" \
        >"$results/$ring.log" 2>&1 || code=$?
    ok=$(count "$ring" passed)
    total=$(count "$ring" total)
    if [ -z "$total" ] || [ "$total" -eq 0 ]; then
        echo "  the ring did not run (exit code $code):"
        tail -n 30 "$results/$ring.log"
        failed=$((failed + 1))
        continue
    fi
    # Whatever has not passed has failed: a skipped test too, and a run that broke off after its last test.
    bad=$((total - ok))
    if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    fi
    if [ "$bad" -ne 0 ]; then
        cat "$results/$ring.log"
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    echo "  $ok passed, $bad failed in $(($(date +%s) - began)) s"
done
echo "everything took $(($(date +%s) - started)) s; details: ${results#"$root"/}"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
