# ashlar_library(NAME FOLDER dir [DEPENDS targets...] [PRIVATE targets...] [SOURCES files...])
#
# One folder, one library. The library exports an include folder of its own that holds nothing but
# a link to the folder, so a target sees the headers of what it names in DEPENDS (and below) only:
# an include against the arrows does not compile.
function(ashlar_library name)
  cmake_parse_arguments(arg "" "FOLDER" "DEPENDS;PRIVATE;SOURCES" ${ARGN})
  set(include_root ${CMAKE_BINARY_DIR}/include/${name})
  get_filename_component(parent ${arg_FOLDER} DIRECTORY)
  file(MAKE_DIRECTORY ${include_root}/${parent})
  # shared/git is included as "git/...", native/storage as "native/storage/...".
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${include_root}/${arg_FOLDER} SYMBOLIC)
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_include_directories(${name} PUBLIC ${include_root})
    target_link_libraries(${name} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_PRIVATE} ashlar_warnings)
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${include_root})
    target_link_libraries(${name} INTERFACE ${arg_DEPENDS})
  endif()
  # For the tests of the house rules (tests/house).
  set_target_properties(${name} PROPERTIES ASHLAR_FOLDER ${arg_FOLDER})
  set_property(GLOBAL APPEND PROPERTY ASHLAR_LIBRARIES ${name})
endfunction()

# ashlar_hot_sources(FILES...): those that the WebAssembly build makes fast and not small.
function(ashlar_hot_sources)
  if(EMSCRIPTEN)
    set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS -O2)
  endif()
endfunction()

add_library(ashlar_warnings INTERFACE)
target_compile_options(ashlar_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these in the standard library's own code at -O2 (GCC bugs 105329, 105651).
  target_compile_options(ashlar_warnings INTERFACE -Wno-restrict -Wno-stringop-overflow
    -Wno-stringop-overread -Wno-array-bounds -Wno-maybe-uninitialized)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # g++ counts changes of sign alone apart from -Wconversion; both compilers must ask for the same.
  # And what libstdc++ 12's own std::stable_sort calls, newer clangs know as deprecated.
  target_compile_options(ashlar_warnings INTERFACE -Wno-sign-conversion
    -Wno-deprecated-declarations)
endif()
