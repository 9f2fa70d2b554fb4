# How everything is compiled: the compiler cache, optimization and the checking builds.

option(ASHLAR_FUZZ "Build the fuzz targets as fuzzers (clang)" OFF)
set(ASHLAR_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize= takes them")

find_program(ASHLAR_CCACHE ccache)
if(ASHLAR_CCACHE)
  foreach(language C CXX)
    if(NOT CMAKE_${language}_COMPILER_LAUNCHER)
      set(CMAKE_${language}_COMPILER_LAUNCHER ${ASHLAR_CCACHE})
    endif()
  endforeach()
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "kind of build" FORCE)
endif()
if(ASHLAR_SANITIZE)
  add_compile_options(-fsanitize=${ASHLAR_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ASHLAR_SANITIZE})
endif()
if(ASHLAR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
