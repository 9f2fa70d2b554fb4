# ashlar_test(NAME SOURCES files... DEPENDS targets... [LABELS labels...])
#
# One test program, run natively or, in the wasm preset, under node from the same sources. A test
# has the label "unit" unless LABELS names others. It reads what is committed under tests/golden
# through tests/support/golden.h, which works under node too.
function(ashlar_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} ashlar_test_support GTest::gmock
    GTest::gtest_main ashlar_test_warnings)
  ashlar_add_program_test(${name} COMMAND ${name} LABELS ${arg_LABELS})
endfunction()

# ashlar_add_program_test(NAME COMMAND target [arguments...] LABELS labels...): a ctest of a program
# of ours, which the wasm build links for node and runs there.
function(ashlar_add_program_test name)
  cmake_parse_arguments(arg "" "" "COMMAND;LABELS" ${ARGN})
  list(POP_FRONT arg_COMMAND program)
  if(EMSCRIPTEN)
    # NODERAWFS gives the program node's own files, and the prelude its environment.
    target_link_options(${program} PRIVATE -sENVIRONMENT=node -sALLOW_MEMORY_GROWTH -sEXIT_RUNTIME
      -sTOTAL_STACK=1048576 -sNODERAWFS --pre-js ${CMAKE_SOURCE_DIR}/tests/support/node_prelude.js)
    set_property(TARGET ${program} APPEND PROPERTY LINK_DEPENDS
      ${CMAKE_SOURCE_DIR}/tests/support/node_prelude.js)
    add_test(NAME ${name} COMMAND ${ASHLAR_NODE} $<TARGET_FILE:${program}> ${arg_COMMAND})
  else()
    add_test(NAME ${name} COMMAND ${program} ${arg_COMMAND})
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 600
    ENVIRONMENT "ASHLAR_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
endfunction()

# ashlar_fuzz(NAME SOURCES files... DEPENDS targets... CORPUS folder)
#
# One fuzz target (a file with LLVMFuzzerTestOneInput). The fuzz preset makes a fuzzer of it; every
# other one a program that replays the corpus, as a test with the label "fuzz".
function(ashlar_fuzz name)
  cmake_parse_arguments(arg "" "CORPUS" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} ashlar_warnings)
  if(ASHLAR_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    return()
  endif()
  target_link_libraries(${name} PRIVATE ashlar_fuzz_replay)
  ashlar_add_program_test(${name} COMMAND ${name} ${CMAKE_CURRENT_SOURCE_DIR}/${arg_CORPUS}
    LABELS fuzz)
endfunction()

# The warnings of what is shipped, but for one: a test's own numbers are small, and may go from 64 to
# 32 bits where that is the width of memory.
add_library(ashlar_test_warnings INTERFACE)
target_link_libraries(ashlar_test_warnings INTERFACE ashlar_warnings)
if(EMSCRIPTEN)
  add_library(ashlar_no_shorten_warning INTERFACE)
  target_compile_options(ashlar_no_shorten_warning INTERFACE -Wno-shorten-64-to-32)
  target_link_libraries(ashlar_test_warnings INTERFACE ashlar_no_shorten_warning)
endif()
