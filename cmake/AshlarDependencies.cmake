# Libraries from outside, under one name for both compilers: Debian's packages for the native build,
# and for WebAssembly the same versions built from Debian's sources (deploy/dependencies).

# Where deploy/dependencies puts what it fetches and builds: $ASHLAR_CACHE/dependencies.
set(cache_folder $ENV{ASHLAR_CACHE})
if(NOT cache_folder AND DEFINED ENV{XDG_CACHE_HOME})
  set(cache_folder $ENV{XDG_CACHE_HOME}/ashlar)
elseif(NOT cache_folder)
  set(cache_folder $ENV{HOME}/.cache/ashlar)
endif()
set(ASHLAR_DEPENDENCIES ${cache_folder}/dependencies CACHE PATH "folder made by deploy/dependencies")

# Of libgit2 two parts are used, and built here for both compilers: collision-detecting SHA-1 and
# xdiff, which compares lines. The whole of it would weigh 300 KB in the WebAssembly module.
set(libgit2_folder ${ASHLAR_DEPENDENCIES}/sources/libgit2/src)
set(sha1dc_folder ${libgit2_folder}/util/hash)
if(NOT EXISTS ${sha1dc_folder}/sha1dc/sha1.c)
  message(FATAL_ERROR "${sha1dc_folder} is not there: run deploy/dependencies/fetch_sources.sh "
    "libgit2 (./dev build does), or name its folder by -DASHLAR_DEPENDENCIES=...")
endif()
add_library(dependency_sha1dc STATIC
  ${sha1dc_folder}/sha1dc/sha1.c ${sha1dc_folder}/sha1dc/ubc_check.c)
target_include_directories(dependency_sha1dc SYSTEM PUBLIC ${sha1dc_folder})
target_compile_definitions(dependency_sha1dc PRIVATE SHA1DC_NO_STANDARD_INCLUDES=1
  SHA1DC_CUSTOM_INCLUDE_SHA1_C="stdint.h" SHA1DC_CUSTOM_INCLUDE_UBC_CHECK_C="stdint.h")
target_compile_options(dependency_sha1dc PRIVATE -O3 "SHELL:-include string.h" "SHELL:-include stdlib.h" -w
  # It reads words wherever they lie, as processors allow.
  "$<$<C_COMPILER_ID:Clang>:-fno-sanitize=undefined>")

set(xdiff_folder ${libgit2_folder}/libgit2/xdiff)
add_library(dependency_xdiff STATIC ${xdiff_folder}/xdiffi.c ${xdiff_folder}/xemit.c
  ${xdiff_folder}/xhistogram.c ${xdiff_folder}/xpatience.c ${xdiff_folder}/xprepare.c
  ${xdiff_folder}/xutils.c)
target_include_directories(dependency_xdiff SYSTEM PUBLIC ${libgit2_folder}/libgit2
  ${CMAKE_SOURCE_DIR}/deploy/dependencies/xdiff)
target_compile_options(dependency_xdiff PRIVATE -w "$<$<C_COMPILER_ID:Clang>:-fno-sanitize=undefined>")

if(EMSCRIPTEN)
  include(AshlarDependenciesWasm)
  return()
endif()

find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(deflate REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(capnp REQUIRED IMPORTED_TARGET capnp)
pkg_check_modules(cmark REQUIRED IMPORTED_TARGET libcmark-gfm)
pkg_check_modules(rocksdb REQUIRED IMPORTED_TARGET rocksdb)
pkg_check_modules(simdjson REQUIRED IMPORTED_TARGET simdjson)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)
find_package(CapnProto REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
if(ASHLAR_TESTS)
  find_package(GTest REQUIRED)
endif()

add_library(dependency_sodium ALIAS PkgConfig::sodium)
add_library(dependency_zlib ALIAS PkgConfig::zlib)
add_library(dependency_deflate ALIAS PkgConfig::deflate)
add_library(dependency_capnp ALIAS PkgConfig::capnp)
add_library(dependency_cmark INTERFACE)
target_link_libraries(dependency_cmark INTERFACE cmark-gfm-extensions PkgConfig::cmark)
