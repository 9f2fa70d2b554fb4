# shellcheck shell=bash
# shellcheck disable=SC2034
# What the scripts of this folder share; read with "source".

dependencies_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# A service that runs this may have no HOME; compilers and npm keep their caches there.
export HOME="${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"
cache_folder=${ASHLAR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ashlar}
downloads_folder=$cache_folder/downloads
# CMake finds what is here by ASHLAR_DEPENDENCIES, whose default is the same folder.
built_folder=$cache_folder/dependencies
sources_folder=$built_folder/sources

say() { printf '%s\n' "dependencies: $*" >&2; }
fail() {
    say "$*"
    exit 1
}

# package_version NAME: the version that sources.sha256 names, e.g. 1.5.1+ds-1+deb12u1.
package_version() {
    sed -nE "s|^[0-9a-f]{64}  pool/.*/$1_([^/]+)\.dsc$|\1|p" "$dependencies_folder/sources.sha256"
}
