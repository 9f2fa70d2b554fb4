# The libraries of AshlarDependencies.cmake for WebAssembly, as deploy/dependencies/build_wasm.sh
# built them.
set(build_wasm ${CMAKE_SOURCE_DIR}/deploy/dependencies/build_wasm.sh)
cmake_path(GET ASHLAR_DEPENDENCIES PARENT_PATH wasm_cache)
execute_process(COMMAND ${CMAKE_COMMAND} -E env ASHLAR_CACHE=${wasm_cache} ${build_wasm} --prefix
  OUTPUT_VARIABLE wasm_prefix OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if(NOT EXISTS ${wasm_prefix}/complete)
  message(FATAL_ERROR "${wasm_prefix} is not there or not complete: run "
    "deploy/dependencies/build_wasm.sh (./dev test does)")
endif()
set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${build_wasm} ${CMAKE_SOURCE_DIR}/deploy/dependencies/sources.sha256)

# wasm_library(NAME ARCHIVES...): an archive names those that it needs after itself.
function(wasm_library name)
  add_library(${name} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${name} SYSTEM INTERFACE ${wasm_prefix}/include)
  foreach(archive ${ARGN})
    target_link_libraries(${name} INTERFACE ${wasm_prefix}/lib/${archive})
  endforeach()
endfunction()

wasm_library(dependency_sodium libsodium.a)
wasm_library(dependency_zlib libz.a)
wasm_library(dependency_deflate libdeflate.a)
wasm_library(dependency_capnp libcapnp.a libkj.a)
wasm_library(dependency_cmark libcmark-gfm-extensions.a libcmark-gfm.a)
if(ASHLAR_TESTS)
  wasm_library(GTest::gtest libgtest.a)
  wasm_library(GTest::gmock libgmock.a libgtest.a)
  wasm_library(GTest::gtest_main libgtest_main.a libgtest.a)
endif()
# tl::expected and mustache are headers only, and their users name no target for them.
include_directories(SYSTEM ${wasm_prefix}/include)

# The schema compiler is a native program: its CMake function serves both builds.
find_program(CAPNP_EXECUTABLE capnp REQUIRED)
find_program(CAPNPC_CXX_EXECUTABLE capnpc-c++ REQUIRED)
set(CAPNP_INCLUDE_DIRECTORY ${wasm_prefix}/include)
file(GLOB capnp_macros /usr/lib/*/cmake/CapnProto/CapnProtoMacros.cmake)
if(NOT capnp_macros)
  message(FATAL_ERROR "CapnProtoMacros.cmake is not in /usr/lib: install libcapnp-dev")
endif()
include(${capnp_macros})

# Exceptions of WebAssembly itself, where they may pass: in codec/, in the schema and in the tests.
# Elsewhere nothing throws, and the code that would tidy up for it is a fourth of the module.
set(ASHLAR_EXCEPTIONS -fwasm-exceptions)
add_link_options(${ASHLAR_EXCEPTIONS})
# Debian's emcc looks for acorn, which every link needs, on node's global path only.
set(CMAKE_CXX_LINKER_LAUNCHER ${CMAKE_COMMAND} -E env NODE_PATH=/usr/share/nodejs)
# A module stands alone: addresses need no relocation.
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
# The module is fetched before anything is shown. What hashes, checks signatures and unpacks is up to
# seven times slower when it is made small: ashlar_hot_sources() names it.
set(CMAKE_C_FLAGS_RELEASE -Os)
set(CMAKE_CXX_FLAGS_RELEASE -Os)
find_program(ASHLAR_NODE node REQUIRED)
