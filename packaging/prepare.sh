# Shared by run.sh and test.sh: what a machine needs before the project can run on it. Sourced, not run.
# shellcheck shell=bash

need_root() {
    if [ "$(id -u)" -ne 0 ]; then
        echo "$0: run me as root: packages are installed, namespaces, addresses and mounts are made" >&2
        exit 2
    fi
}

need_dotnet() {
    if ! command -v dotnet >/dev/null; then
        echo "$0: the .NET 10 SDK is missing (dotnet is not in PATH); install it, then run me again" >&2
        exit 2
    fi
    export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
}

# need_packages NAME... : installs the Debian packages that are missing; a second try when the first breaks off.
need_packages() {
    local missing=() name
    for name in "$@"; do
        if [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" != installed ]; then
            missing+=("$name")
        fi
    done
    if [ ${#missing[@]} -eq 0 ]; then
        return
    fi
    need_root
    echo "installing Debian packages: ${missing[*]}"
    local log
    log=$(mktemp)
    for _ in 1 2; do
        if apt-get update >"$log" 2>&1 && DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
            rm -f "$log"
            return
        fi
    done
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "$0: these packages could not be installed: ${missing[*]}" >&2
    exit 1
}

runtime_identifier() {
    case "$(uname -m)" in
    x86_64) echo linux-x64 ;;
    aarch64) echo linux-arm64 ;;
    *)
        echo "$0: no .NET runtime for $(uname -m)" >&2
        exit 2
        ;;
    esac
}

# publish_programs ROOT [NAME...] : ha-agent (trimmed, one file), ha-api, ha-web and ha-lab, or only some of them, into
# ROOT/artifacts/programs.
publish_programs() {
    local root=$1 rid log name
    shift
    rid=$(runtime_identifier)
    log=$(mktemp)
    [ $# -gt 0 ] || set -- ha-agent ha-api ha-web ha-lab
    for name in "$@"; do
        case "$name" in
        ha-agent)
            publish_one "$root" Ha.Agent "$name" -r "$rid" --self-contained -p:PublishTrimmed=true \
                -p:PublishSingleFile=true -p:PublishReadyToRun=true
            ;;
        ha-api) publish_one "$root" Ha.Api "$name" -r "$rid" --no-self-contained -p:PublishReadyToRun=true ;;
        ha-web) publish_one "$root" Ha.Web "$name" -r "$rid" --no-self-contained -p:PublishReadyToRun=true ;;
        ha-lab) publish_one "$root" tests/Ha.Lab "$name" -r "$rid" --no-self-contained -p:PublishReadyToRun=true ;;
        esac
    done
    rm -f "$log"
}

# publish_one ROOT PROJECT NAME OPTION... : skipped when nothing is newer than the last time.
publish_one() {
    local root=$1 project=$2 name=$3
    shift 3
    local target=$root/artifacts/programs/$name stamp=$root/artifacts/programs/$name.stamp
    if [ -f "$stamp" ] && [ -z "$(find "$root/Ha.Core" "$root/$project" "$root"/Directory.* "$root/global.json" \
        -newer "$stamp" -type f -print -quit)" ]; then
        return
    fi
    mkdir -p "$root/artifacts/programs"
    touch "$stamp.new" # what changes while it is built is newer
    echo "publishing $name"
    if ! dotnet publish "$root/$project" -c Release --artifacts-path "$root/artifacts/publishing" -o "$target" \
        -p:Analyze=false "$@" >"$log" 2>&1; then
        cat "$log" >&2
        echo "$0: $project cannot be published" >&2
        exit 1
    fi
    mv "$stamp.new" "$stamp"
}
