#!/bin/bash
# fetch_sources.sh NAME...: downloads Debian source packages, checks them against sources.sha256
# and unpacks each into the cache as sources/NAME. Does nothing for those that are there.
#
# apt's own downloader is used, so that the user's mirror and proxy apply; apt's configuration,
# lists and sources are not touched, and no root is needed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

snapshot_site=http://snapshot.debian.org/archive/debian/20260712T000000Z

# The sites to try: those that this machine's apt knows, Debian's own, and the archive of all
# versions for the day when a point release has replaced one of ours.
sites() {
    apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null |
        grep -E '/debian/?$' | sort -u || true
    echo http://deb.debian.org/debian
    echo "$snapshot_site"
}

# download POOL_PATH SHA256
download() {
    local path=$1 sha256=$2 file site
    file=$downloads_folder/$(basename "$path")
    if [ -f "$file" ] && echo "$sha256  $file" | sha256sum --check --status; then return; fi
    for site in $(sites); do
        if /usr/lib/apt/apt-helper -qq -o APT::Sandbox::User="$(id -un)" download-file \
            "${site%/}/${path//+/%2b}" "$file.part" "SHA256:$sha256" >/dev/null 2>&1 &&
            echo "$sha256  $file.part" | sha256sum --check --status; then
            mv "$file.part" "$file"
            return
        fi
        rm -f "$file.part"
    done
    fail "could not download $(basename "$path") with checksum $sha256 from: $(sites | tr '\n' ' ')"
}

# fetch NAME
fetch() {
    local name=$1 version sha256 path unpacking
    version=$(package_version "$name")
    [ -n "$version" ] || fail "sources.sha256 names no source package '$name'"
    if [ "$(cat "$sources_folder/$name.version" 2>/dev/null)" = "$version" ] &&
        [ -d "$sources_folder/$name" ]; then
        return
    fi
    say "fetching the source of $name $version"
    mkdir -p "$downloads_folder" "$sources_folder"
    while read -r sha256 path; do
        download "$path" "$sha256"
    done < <(grep "/$name/" "$dependencies_folder/sources.sha256")
    unpacking=$sources_folder/$name.unpacking
    rm -rf "$unpacking" "${sources_folder:?}/$name"
    dpkg-source --no-check -q -x "$downloads_folder/${name}_$version.dsc" "$unpacking" >/dev/null 2>&1 ||
        fail "could not unpack ${name}_$version.dsc: run dpkg-source -x on it to see why"
    rm -f "$sources_folder/${name}_"*.orig.tar.*
    mv "$unpacking" "$sources_folder/$name"
    echo "$version" >"$sources_folder/$name.version"
}

for name in "$@"; do fetch "$name"; done
