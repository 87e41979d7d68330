# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)

# gtestnet_add_must_fail_test(NAME name TARGET program GOLDEN file [FILTER pattern] [ARGUMENTS …] [ENVIRONMENT var=value …]
#                             [ALL_OUTPUT] [STATUS n] [TIMEOUT seconds] [PROCESSORS n] [LABELS …])
#
# A test that passes when the program fails, and fails in the right words: its failures, normalised (numbers, addresses,
# hashes, times, paths), are those in the file GOLDEN. With ALL_OUTPUT all that it prints is compared. A program that
# succeeds, or skips everything, fails the test.
#
# STATUS asks for one exit status; without it any but 0 will do. (STATUS 0 is for tests of what a program prints as it
# passes.) The test always has the label must_fail.
#
# cmake --build … --target update_goldens writes all golden files anew; read what git says of them then.
function(gtestnet_add_must_fail_test)
  include("${CMAKE_CURRENT_FUNCTION_LIST_DIR}/GtestnetSelection.cmake")
  cmake_parse_arguments(PARSE_ARGV 0 arg "ALL_OUTPUT" "NAME;TARGET;FILTER;GOLDEN;STATUS;TIMEOUT;PROCESSORS"
      "ARGUMENTS;ENVIRONMENT;LABELS")
  foreach(required IN ITEMS NAME TARGET GOLDEN)
    if(NOT arg_${required})
      message(FATAL_ERROR "gtestnet_add_must_fail_test(${arg_NAME}): ${required} is missing")
    endif()
  endforeach()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "gtestnet_add_must_fail_test(${arg_NAME}): unknown argument ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(NOT arg_PROCESSORS)
    set(arg_PROCESSORS 1)
  endif()
  cmake_path(ABSOLUTE_PATH arg_GOLDEN)
  set(program_arguments ${arg_ARGUMENTS})
  if(arg_FILTER)
    list(PREPEND program_arguments "--gtest_filter=${arg_FILTER}")
  endif()
  set(options --golden "${arg_GOLDEN}" --source "${PROJECT_SOURCE_DIR}" --build "${PROJECT_BINARY_DIR}")
  if(arg_ALL_OUTPUT)
    list(APPEND options --all-output)
  endif()
  if(DEFINED arg_STATUS)
    list(APPEND options --status ${arg_STATUS})
  endif()
  foreach(setting IN LISTS arg_ENVIRONMENT)
    list(APPEND options --env "${setting}")
  endforeach()
  set(run -- "$<TARGET_FILE:${arg_TARGET}>" ${program_arguments})

  add_test(NAME ${arg_NAME} COMMAND gtestnet::must_fail ${options} ${run})
  set_tests_properties(${arg_NAME} PROPERTIES
      LABELS "must_fail;${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} PROCESSORS ${arg_PROCESSORS}
      ENVIRONMENT_MODIFICATION "${GTESTNET_WITHOUT_SELECTION}")

  if(NOT TARGET update_goldens)
    add_custom_target(update_goldens)
  endif()
  string(MAKE_C_IDENTIFIER "update_golden_${arg_NAME}" update)
  add_custom_target(${update}
      COMMAND gtestnet::must_fail --update ${options} ${run}
      DEPENDS ${arg_TARGET}
      USES_TERMINAL VERBATIM)
  add_dependencies(update_goldens ${update})
endfunction()
