# SPDX-License-Identifier: Apache-2.0
# `ctest -R SUITE` and `ctest -L ^SUITE$` must pick the same tests, and some.
cmake_minimum_required(VERSION 3.25)

foreach(by IN ITEMS "-R;${SUITE}" "-L;^${SUITE}$")
  execute_process(COMMAND "${CTEST}" -N ${by} WORKING_DIRECTORY "${BINARY_DIR}"
    OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "Test +#[0-9]+: [^\n]+" tests "${output}")
  list(LENGTH tests count)
  if(count EQUAL 0)
    message(FATAL_ERROR "ctest ${by} picks no test")
  endif()
  if(NOT DEFINED first)
    set(first "${tests}")
  elseif(NOT first STREQUAL tests)
    message(FATAL_ERROR "ctest -R ${SUITE} picks\n${first}\nbut ctest -L ^${SUITE}$ picks\n${tests}")
  endif()
endforeach()
message(STATUS "${count} tests, either way")
