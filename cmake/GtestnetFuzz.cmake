# SPDX-License-Identifier: Apache-2.0
# Programs that feed a reader with whatever clang's libFuzzer makes up. The preset `fuzz` builds them, and nothing else does;
# `./dev fuzz` is its door.
option(GTESTNET_FUZZ "Build the fuzz targets, with clang" OFF)

# gtestnet_add_fuzz(NAME name SOURCES … DEPS … [INCLUDE directory …])
#
# A program <name>_fuzz, and an entry fuzz.<name> of CTest that runs it for two seconds. Its seeds are in its source: sound inputs, made
# by the encoders, and what once went wrong.
function(gtestnet_add_fuzz)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;DEPS;INCLUDE")
  if(GTESTNET_FUZZ)
    set(target ${arg_NAME}_fuzz)
    add_executable(${target} EXCLUDE_FROM_ALL ${arg_SOURCES})
    target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}" ${arg_INCLUDE})
    target_compile_features(${target} PRIVATE cxx_std_20)
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
    target_link_libraries(${target} PRIVATE ${arg_DEPS} gtestnet_warnings)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    if(NOT TARGET fuzz)
      add_custom_target(fuzz)
    endif()
    add_dependencies(fuzz ${target})
  elseif(PROJECT_IS_TOP_LEVEL AND GTESTNET_BUILD_TESTS)
    # The first of these tests builds all targets in build/fuzz, which takes minutes: `./dev test --all` does. Where clang's runtime is missing, all are skipped and say so.
    set(dev "${PROJECT_SOURCE_DIR}/dev")
    get_property(has_build GLOBAL PROPERTY GTESTNET_HAS_FUZZ_BUILD)
    if(NOT has_build)
      set_property(GLOBAL PROPERTY GTESTNET_HAS_FUZZ_BUILD TRUE)
      add_test(NAME fuzz.build COMMAND "${dev}" fuzz --build)
      set_tests_properties(fuzz.build PROPERTIES LABELS "fuzz;matrix" TIMEOUT 3600 SKIP_RETURN_CODE 77 PROCESSORS 2
          FIXTURES_SETUP fuzz_programs)
    endif()
    add_test(NAME fuzz.${arg_NAME} COMMAND "${dev}" fuzz --built ${arg_NAME} 2)
    set_tests_properties(fuzz.${arg_NAME} PROPERTIES LABELS "fuzz;matrix" TIMEOUT 120 SKIP_RETURN_CODE 77
        FIXTURES_REQUIRED fuzz_programs)
  endif()
endfunction()
