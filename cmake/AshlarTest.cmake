# ashlar_test(NAME SOURCES files... DEPENDS targets... [LABELS ...])
#
# One test program, run natively or, in the wasm preset, under node from the same sources.
include(GoogleTest)
function(ashlar_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} GTest::gmock GTest::gtest_main ashlar_warnings)
  if(EMSCRIPTEN)
    # Folder access to the sources is what golden vectors are read through.
    target_link_options(${name} PRIVATE -sENVIRONMENT=node -sALLOW_MEMORY_GROWTH -sEXIT_RUNTIME
      -sSTACK_SIZE=1048576 -lnodefs.js -lnoderawfs.js)
    add_test(NAME ${name} COMMAND node $<TARGET_FILE:${name}>)
  else()
    add_test(NAME ${name} COMMAND ${name})
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "unit;${arg_LABELS}" TIMEOUT 600
    ENVIRONMENT "ASHLAR_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
endfunction()
