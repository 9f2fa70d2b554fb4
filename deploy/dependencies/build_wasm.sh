#!/bin/bash
# build_wasm.sh: builds for WebAssembly, from Debian's source packages, the libraries that the
# native build links, so that both sides are the same code. Prints the folder that holds them;
# with --prefix it only prints it.
#
# The folder is named by what made it (versions, this script, the compiler), so that a change
# builds anew, an unchanged one is found again, and two checkouts do not disturb each other.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Debian's emcc looks for acorn, which every link needs, on node's global path only.
export NODE_PATH=/usr/share/nodejs
jobs=$(nproc)
flags='-O2 -fwasm-exceptions'

recipe_id() {
    {
        cat "$dependencies_folder/sources.sha256" "$dependencies_folder/build_wasm.sh"
        dpkg-query -W -f '${Package} ${Version}\n' emscripten googletest libexpected-dev \
            libkainjow-mustache-dev 2>/dev/null || true
    } | sha256sum | cut -c1-16
}

prefix=$built_folder/wasm-$(recipe_id)
work=$prefix.work

# cmake_build NAME SOURCE [ARGUMENTS...]: configures, builds and installs into the prefix.
cmake_build() {
    local name=$1 source=$2
    shift 2
    emcmake cmake -G Ninja -S "$source" -B "$work/$name" -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags" \
        -DCMAKE_C_FLAGS_RELEASE=-DNDEBUG -DCMAKE_CXX_FLAGS_RELEASE=-DNDEBUG \
        -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
        -DBUILD_SHARED_LIBS=OFF -DBUILD_TESTING=OFF "$@"
}

build_zlib() {
    cp -a "$sources_folder/zlib" "$work/zlib"
    cd "$work/zlib"
    CFLAGS=$flags emconfigure ./configure --static --prefix="$prefix"
    emmake make -j"$jobs" libz.a
    install -D -m 644 -t "$prefix/lib" libz.a
    install -D -m 644 -t "$prefix/include" zlib.h zconf.h
}

build_libsodium() {
    cp -a "$sources_folder/libsodium" "$work/libsodium"
    cd "$work/libsodium"
    autoreconf -fi
    CFLAGS=$flags emconfigure ./configure --host=wasm32-unknown-none --prefix="$prefix" \
        --disable-shared --disable-ssp --disable-asm --disable-pie
    emmake make -j"$jobs" -C src/libsodium install
}

build_capnproto() {
    # kj-async does not compile with em++ and is not needed: only kj and capnp are built.
    # ANDROID is what its CMakeLists asks before it adds -pthread, with which thread-local variables
    # lie elsewhere than a program without threads looks for them: every kj exception would crash.
    cmake_build capnproto "$sources_folder/capnproto" -DEXTERNAL_CAPNP=ON -DWITH_OPENSSL=OFF \
        -DANDROID=ON \
        -DCAPNP_EXECUTABLE=/usr/bin/capnp -DCAPNPC_CXX_EXECUTABLE=/usr/bin/capnpc-c++
    ninja -C "$work/capnproto" kj capnp
    install -D -m 644 -t "$prefix/lib" "$work"/capnproto/src/kj/libkj.a \
        "$work"/capnproto/src/capnp/libcapnp.a
    local header
    cd "$sources_folder/capnproto/src"
    find kj capnp -name '*.h' -o -name '*.capnp' -path '*capnp*' | while read -r header; do
        install -D -m 644 "$header" "$prefix/include/$header"
    done
}

build_http_parser() {
    mkdir -p "$work/http-parser"
    cd "$work/http-parser"
    # shellcheck disable=SC2086
    emcc $flags -c "$sources_folder/http-parser/http_parser.c" -o http_parser.o
    mkdir -p "$prefix/lib" "$prefix/include"
    emar rcs "$prefix/lib/libhttp_parser.a" http_parser.o
    install -m 644 -t "$prefix/include" "$sources_folder/http-parser/http_parser.h"
}

build_libgit2() {
    cmake_build libgit2 "$sources_folder/libgit2" -DBUILD_TESTS=OFF -DBUILD_CLI=OFF \
        -DUSE_SSH=OFF -DUSE_HTTPS=OFF -DUSE_THREADS=OFF -DREGEX_BACKEND=regcomp \
        -DUSE_SHA1=CollisionDetection -DUSE_HTTP_PARSER=system -DUSE_BUNDLED_ZLIB=OFF \
        -DHTTP_PARSER_INCLUDE_DIR="$prefix/include" -DHTTP_PARSER_LIBRARY="$prefix/lib/libhttp_parser.a" \
        -DZLIB_INCLUDE_DIR="$prefix/include" -DZLIB_LIBRARY="$prefix/lib/libz.a"
    ninja -C "$work/libgit2" install
}

build_cmark_gfm() {
    cmake_build cmark-gfm "$sources_folder/cmark-gfm" -DCMARK_TESTS=OFF -DCMARK_SHARED=OFF \
        -DCMARK_STATIC=ON
    ninja -C "$work/cmark-gfm" libcmark-gfm_static libcmark-gfm-extensions_static
    install -D -m 644 -t "$prefix/lib" "$work"/cmark-gfm/src/libcmark-gfm.a \
        "$work"/cmark-gfm/extensions/libcmark-gfm-extensions.a
    install -D -m 644 -t "$prefix/include" "$sources_folder"/cmark-gfm/src/cmark-gfm.h \
        "$sources_folder"/cmark-gfm/src/cmark-gfm-extension_api.h \
        "$sources_folder"/cmark-gfm/extensions/cmark-gfm-core-extensions.h \
        "$work"/cmark-gfm/src/cmark-gfm_export.h "$work"/cmark-gfm/src/cmark-gfm_version.h \
        "$work"/cmark-gfm/extensions/cmark-gfm-extensions_export.h
}

build_libdeflate() {
    local source=$sources_folder/libdeflate file
    mkdir -p "$work/libdeflate"
    cd "$work/libdeflate"
    for file in "$source"/lib/*.c; do
        # shellcheck disable=SC2086
        emcc $flags -I"$source" -c "$file" -o "$(basename "$file" .c).o"
    done
    emar rcs "$prefix/lib/libdeflate.a" ./*.o
    install -m 644 -t "$prefix/include" "$source/libdeflate.h"
}

build_googletest() {
    cmake_build googletest /usr/src/googletest -DBUILD_GMOCK=ON -DINSTALL_GTEST=ON \
        -Dgtest_disable_pthreads=ON
    ninja -C "$work/googletest" install
}

# Libraries that are headers only: em++ must see them without seeing the rest of /usr/include.
build_headers() {
    mkdir -p "$prefix/include"
    cp -aL /usr/include/tl /usr/include/kainjow "$prefix/include/"
}

# step NUMBER NAME FUNCTION
step() {
    local number=$1 name=$2 function=$3 started=$SECONDS log=$work/$2.log
    [ ! -f "$prefix/steps/$name" ] || return 0
    say "WebAssembly library $number of $step_count: $name"
    # In the background, for within a condition bash would go on after a command that failed.
    (
        set -e
        "$function"
    ) >"$log" 2>&1 &
    if ! wait $!; then
        tail -n 40 "$log" >&2
        fail "building $name for WebAssembly failed; the whole log is $log"
    fi
    touch "$prefix/steps/$name"
    say "  $name took $((SECONDS - started)) s"
}

build_all() {
    local step_count=9
    "$dependencies_folder/fetch_sources.sh" zlib libsodium capnproto http-parser libgit2 cmark-gfm \
        libdeflate
    # What an interrupted build finished is kept: steps/ names it.
    rm -rf "$work"
    mkdir -p "$work" "$prefix/steps" "$prefix/lib" "$prefix/include"
    step 1 headers build_headers
    step 2 zlib build_zlib
    step 3 http-parser build_http_parser
    step 4 libdeflate build_libdeflate
    step 5 capnproto build_capnproto
    step 6 cmark-gfm build_cmark_gfm
    step 7 googletest build_googletest
    step 8 libgit2 build_libgit2
    step 9 libsodium build_libsodium
    rm -rf "$work"
    touch "$prefix/complete"
}

if [ "${1-}" != --prefix ] && [ ! -f "$prefix/complete" ]; then
    mkdir -p "$built_folder"
    # Two builds at once (two checkouts, say) wait for each other.
    exec 9>"$built_folder/wasm.lock"
    flock 9
    [ -f "$prefix/complete" ] || build_all
fi
echo "$prefix"
