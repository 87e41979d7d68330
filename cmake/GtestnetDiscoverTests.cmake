# SPDX-License-Identifier: Apache-2.0
include_guard(GLOBAL)

set(GTESTNET_DISCOVER_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/GtestnetListTests.cmake"
    CACHE INTERNAL "What gtestnet_discover_tests runs after a build")

# gtestnet_discover_tests(target SUITE name TIMEOUT seconds [SHARED] [PROCESSORS n] [LABELS …] [DEPLOYERS …] [SMOKE test…]
#                         [XML_OUTPUT_DIR directory])
#
# Registers each test of a program that uses gtestnet::main with CTest, after each build of the program. Reading the list
# of tests starts nothing.
#
#   name        <suite>.<GoogleTest's full name>: "consensus.Star/ConsensusTest.StaysLive/local_star_3v"
#   LABELS      the suite; the deployer, by the parameter's name ("local", "compose", "k8s", or one of
#               your own that DEPLOYERS names); those that are given; and
#               "smoke" for the tests that SMOKE names, without their parameter ("Star/ConsensusTest.StaysLive"). Where
#               it names some, the others are labelled "matrix" on other deployers than local
#   TIMEOUT     as given for local, twice that for compose and for your own, three times for k8s; times the variable
#               GTESTNET_TIMEOUT_SCALE as it is when CTest runs. The program knows it, and stops itself at 90 % of it
#   PROCESSORS  as given: how many cores a test keeps busy. Default 1
#
# An entry runs what its name says, and all of it, whatever variables of GoogleTest (GTEST_FILTER, GTEST_TOTAL_SHARDS, GTEST_REPEAT,
# …) are set where CTest runs, or where the program is built; one that has run no test fails. A program without tests has one entry
# that fails.
#
# XML_OUTPUT_DIR has each entry write a report of its own, <directory>/<name of the entry>.xml, in which a slash is a hyphen; it is
# relative to the current binary directory. Without it, where GTEST_OUTPUT names a directory, as in xml:reports/, each entry has a
# file of its own there, too.
#
# A test whose name has DISABLED_ in it is registered as disabled. A skipped test is told by the exit status 77 alone,
# whatever it prints.
#
# SHARED is for suites of SharedClusterTest: one entry for all tests of a suite that have one parameter, so that they do
# share a cluster: "api.Star/ApiTest/local_star_3v". TIMEOUT is then that of all of them together.
function(gtestnet_discover_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SHARED" "SUITE;TIMEOUT;PROCESSORS;XML_OUTPUT_DIR" "LABELS;DEPLOYERS;SMOKE")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "gtestnet_discover_tests(${target}): unknown argument ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT TARGET ${target})
    message(FATAL_ERROR "gtestnet_discover_tests(${target}): there is no such target")
  endif()
  foreach(required IN ITEMS SUITE TIMEOUT)
    if(NOT arg_${required})
      message(FATAL_ERROR "gtestnet_discover_tests(${target}): ${required} is missing")
    endif()
  endforeach()
  if(NOT arg_TIMEOUT MATCHES "^[1-9][0-9]*$")
    message(FATAL_ERROR "gtestnet_discover_tests(${target}): TIMEOUT must be a whole number of seconds, "
        "not \"${arg_TIMEOUT}\"")
  endif()
  if(NOT arg_PROCESSORS)
    set(arg_PROCESSORS 1)
  endif()
  if(arg_XML_OUTPUT_DIR)
    cmake_path(ABSOLUTE_PATH arg_XML_OUTPUT_DIR BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
  endif()

  set(list "${CMAKE_CURRENT_BINARY_DIR}/${target}_tests.cmake")
  set(include "${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake")
  # The labels travel with '|' in place of ';', which add_custom_command would take apart.
  string(REPLACE ";" "|" labels "${arg_LABELS}")
  string(REPLACE ";" "|" smoke "${arg_SMOKE}")
  string(REPLACE ";" "|" deployers "${arg_DEPLOYERS}")
  add_custom_command(TARGET ${target} POST_BUILD
      BYPRODUCTS "${list}"
      COMMAND "${CMAKE_COMMAND}"
          -D "PROGRAM=$<TARGET_FILE:${target}>" -D "OUTPUT=${list}" -D "SUITE=${arg_SUITE}"
          -D "TIMEOUT=${arg_TIMEOUT}" -D "SHARED=${arg_SHARED}" -D "PROCESSORS=${arg_PROCESSORS}"
          -D "LABELS=${labels}" -D "DEPLOYERS=${deployers}" -D "SMOKE=${smoke}" -D "XML_OUTPUT_DIR=${arg_XML_OUTPUT_DIR}" -D "WORKING_DIRECTORY=${CMAKE_CURRENT_BINARY_DIR}"
          -P "${GTESTNET_DISCOVER_SCRIPT}"
      COMMENT "Listing the tests of ${target}"
      VERBATIM)
  file(WRITE "${include}"
      "if(EXISTS [==[${list}]==])\n"
      "  include([==[${list}]==])\n"
      "else()\n"
      "  add_test([==[${arg_SUITE}.${target}_NOT_BUILT]==] [==[${target}_NOT_BUILT]==])\n"
      "  set_tests_properties([==[${arg_SUITE}.${target}_NOT_BUILT]==] PROPERTIES LABELS [==[${arg_SUITE};${arg_LABELS}]==])\n"
      "endif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${include}")
endfunction()
