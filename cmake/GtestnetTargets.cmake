# SPDX-License-Identifier: Apache-2.0
# The functions by which every folder of gtestnet declares its targets.
include("${CMAKE_CURRENT_LIST_DIR}/GtestnetSelection.cmake")

# Warnings are for this project's own sources, never for those who use it. GTESTNET_WERROR is set by presets.
option(GTESTNET_WERROR "Treat warnings as errors" OFF)
if(NOT TARGET gtestnet_warnings)
  add_library(gtestnet_warnings INTERFACE)
  target_compile_options(gtestnet_warnings INTERFACE
      -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor $<$<BOOL:${GTESTNET_WERROR}>:-Werror>)
endif()

# Headers of others that many sources include are read once for all of them. Sources include what they use all the same: as a part
# of another project gtestnet is built without this.
option(GTESTNET_PRECOMPILE "Precompile headers of other libraries" ${PROJECT_IS_TOP_LEVEL})

# gtestnet_add_library(NAME name SOURCES … [HEADERS …] [DEPS …] [PRIVATE_DEPS …] [PRECOMPILE …])
#
# A static library gtestnet_<name> with the alias gtestnet::<name>. HEADERS are the public ones, relative to include/. PRECOMPILE
# names headers for all of its sources.
function(gtestnet_add_library)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;HEADERS;DEPS;PRIVATE_DEPS;PRECOMPILE")
  set(target gtestnet_${arg_NAME})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(gtestnet::${arg_NAME} ALIAS ${target})
  list(TRANSFORM arg_HEADERS PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/include/")
  target_sources(${target} PUBLIC FILE_SET HEADERS
      BASE_DIRS "${CMAKE_CURRENT_SOURCE_DIR}/include" FILES ${arg_HEADERS})
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PUBLIC ${arg_DEPS}
      PRIVATE ${arg_PRIVATE_DEPS} $<BUILD_INTERFACE:gtestnet_warnings>)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${arg_NAME} CXX_EXTENSIONS OFF
      POSITION_INDEPENDENT_CODE ON)
  if(GTESTNET_PRECOMPILE AND arg_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${arg_PRECOMPILE})
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:gtestnet_false_errors>)
  endif()
endfunction()

# At -O1, and of what it has from a precompiled header, g++ 12 warns of overflows inside its own std::string. Where the header is the
# only reason these stay warnings; the unit tests, at -O1, go without.
if(NOT TARGET gtestnet_false_warnings)
  add_library(gtestnet_false_warnings INTERFACE)
  add_library(gtestnet_false_errors INTERFACE)
  foreach(name IN ITEMS array-bounds restrict stringop-overflow stringop-overread)
    target_compile_options(gtestnet_false_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-${name}>)
    target_compile_options(gtestnet_false_errors INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-error=${name}>)
  endforeach()
endif()

# GoogleMock for all unit tests: 1.5 s less for each file. A precompiled header is only good for files that are compiled with the
# same options.
function(gtestnet_test_headers)
  if(TARGET gtestnet_test_headers)
    return()
  endif()
  set(source "${PROJECT_BINARY_DIR}/test_headers.cc")
  file(CONFIGURE OUTPUT "${source}" CONTENT "// So that the headers have a target to be compiled for.\n")
  add_library(gtestnet_test_headers OBJECT "${source}")
  target_compile_features(gtestnet_test_headers PRIVATE cxx_std_20)
  set_target_properties(gtestnet_test_headers PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(gtestnet_test_headers PRIVATE $<$<CONFIG:Release>:-O1>)
  target_link_libraries(gtestnet_test_headers PRIVATE GTest::gmock gtestnet_warnings)
  target_precompile_headers(gtestnet_test_headers PRIVATE <gmock/gmock.h>)
endfunction()

# gtestnet_add_test(NAME name SOURCES … [DEPS …] [NEEDS …] [DEFINES …] [LABELS …] [TIMEOUT seconds])
#
# A GoogleTest program gtestnet_<name>_test, one entry of CTest per program: unit tests are fast and start nothing. NEEDS names
# the programs that it starts, which are built before it.
function(gtestnet_add_test)
  if(NOT GTESTNET_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT" "SOURCES;DEPS;LABELS;NEEDS;DEFINES")
  set(target gtestnet_${arg_NAME}_test)
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_compile_features(${target} PRIVATE cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_link_libraries(${target} PRIVATE ${arg_DEPS} GTest::gmock_main gtestnet_warnings gtestnet_false_warnings)
  target_compile_definitions(${target} PRIVATE ${arg_DEFINES})
  if(arg_NEEDS)
    add_dependencies(${target} ${arg_NEEDS})
  endif()
  # Half of a build from nothing would go into optimising tests that run for milliseconds, and into reading GoogleMock again.
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  if(GTESTNET_PRECOMPILE)
    gtestnet_test_headers()
    target_precompile_headers(${target} REUSE_FROM gtestnet_test_headers)
  endif()
  add_test(NAME unit.${arg_NAME} COMMAND ${target})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  set_tests_properties(unit.${arg_NAME} PROPERTIES
      LABELS "unit;${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
      ENVIRONMENT_MODIFICATION "${GTESTNET_WITHOUT_SELECTION}")
endfunction()
