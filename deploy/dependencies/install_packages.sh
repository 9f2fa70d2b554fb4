#!/bin/bash
# install_packages.sh GROUP...: installs the Debian packages of these groups (debian-packages.txt)
# that are missing, and nothing when none is. Needs root or sudo only in the first case.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

declare -a missing=()

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

collect_missing() {
    local group package tested command wanted
    while read -r group package tested command; do
        case $group in '' | '#'*) continue ;; esac
        for wanted in "$@"; do
            [ "$wanted" = "$group" ] || continue
            is_installed "$package" && continue
            if [ -n "$command" ] && command -v "$command" >/dev/null; then continue; fi
            case " ${missing[*]-} " in *" $package "*) continue ;; esac
            missing+=("$package")
        done
    done <"$dependencies_folder/debian-packages.txt"
}

require_debian_12() {
    local id='' version=''
    if [ -r /etc/os-release ]; then
        # shellcheck source=/dev/null
        id=$(. /etc/os-release && echo "${ID-}")
        # shellcheck source=/dev/null
        version=$(. /etc/os-release && echo "${VERSION_ID-}")
    fi
    [ "$id $version" = "debian 12" ] ||
        fail "this machine is '$id $version', and packages are known for Debian 12 only." \
            "Install these by hand and run again: ${missing[*]}"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "installing needs root, and there is no sudo. Run as root: apt-get install ${missing[*]}"
    fi
}

# upstream VERSION: without the epoch and the Debian revision.
upstream() {
    local version=${1#*:}
    echo "${version%-*}"
}

note_untested() {
    local package candidate tested
    for package in "${missing[@]}"; do
        candidate=$(LC_ALL=C apt-cache policy "$package" | sed -n 's/^  Candidate: //p')
        tested=$(awk -v package="$package" '$2 == package { print $3; exit }' \
            "$dependencies_folder/debian-packages.txt")
        if [ -z "$candidate" ] || [ "$candidate" = "(none)" ]; then
            fail "apt offers no package $package. Check the sources of apt: main of Debian 12 has it."
        fi
        [ "$(upstream "$candidate")" = "$(upstream "$tested")" ] ||
            say "note: $package is $candidate here, and was tested as $tested"
    done
}

collect_missing "$@"
[ "${#missing[@]}" -gt 0 ] || exit 0
require_debian_12
say "installing ${#missing[@]} Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
as_root apt-get -qq update
note_untested
as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -qq -o Dpkg::Use-Pty=0 \
    install --no-install-recommends "${missing[@]}" >/dev/null
say "installed"
