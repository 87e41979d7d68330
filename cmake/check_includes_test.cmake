# SPDX-License-Identifier: Apache-2.0
# cmake -DDIRECTORY=<empty or missing> -P check_includes_test.cmake: check_includes.cmake fails for each sort of wrong include, with the
# file and the rule, and for nothing else.
cmake_minimum_required(VERSION 3.25)

set(check "${CMAKE_CURRENT_LIST_DIR}/check_includes.cmake")

function(begin)
  file(REMOVE_RECURSE "${DIRECTORY}")
  put(framework/core/src/base/status.h "")
  put(framework/core/include/gtestnet/runner.h "#include \"core/src/base/status.h\"\n#include <vector>\n")
  put(framework/chain/include/gtestnet/chain/index.h "#include \"gtestnet/runner.h\"\n")
  put(framework/nomos/include/gtestnet/nomos/topology.h "#include \"gtestnet/chain/index.h\"\n")
  put(matchers/core/src/finding.h "#include \"gtestnet/runner.h\"\n")
  put(matchers/chain/src/run_view.h "#include \"matchers/core/src/finding.h\"\n")
  put(matchers/nomos/include/gtestnet/nomos/lottery.h "#include \"gtestnet/nomos/topology.h\"\n")
  put(fixtures/src/seed.cc "#include \"src/seed.h\"\n")
  put(fixtures/src/seed.h "")
endfunction()

function(put file text)
  file(WRITE "${DIRECTORY}/${file}" "${text}")
endfunction()

# What the check says now: fails unless it is a refusal that says `text`; "" is for a tree that is in order.
function(expect text)
  execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${DIRECTORY}" -P "${check}"
      RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
  string(REGEX REPLACE "[ \n]+" " " said "${said}")
  if(text STREQUAL "")
    if(NOT status EQUAL 0)
      message(FATAL_ERROR "a tree that is in order is refused: ${said}")
    endif()
    return()
  endif()
  string(FIND "${said}" "${text}" at)
  if(status EQUAL 0 OR at LESS 0)
    message(FATAL_ERROR "wanted: ${text}\nsaid (${status}): ${said}")
  endif()
endfunction()

begin()
expect("")

begin()
put(framework/core/src/run/runner.cc "#include \"gtestnet/nomos/topology.h\"\n")
expect("framework/core/src/run/runner.cc includes gtestnet/nomos/topology.h: framework/core may include of itself and of nothing else, not of framework/nomos")

begin()
put(framework/core/src/run/runner_test.cc "#include \"gtestnet/nomos/topology.h\"\n")
expect("framework/core/src/run/runner_test.cc includes gtestnet/nomos/topology.h")

begin()
put(framework/core/src/base/status.cc "#include \"gtestnet/runner.h\"\n")
expect("framework/core/src/base/status.cc includes gtestnet/runner.h: the room base stands below run")

begin()
put(framework/core/src/deployer/k8s/pod.cc "#include \"core/src/deployer/compose/file.h\"\n")
put(framework/core/src/deployer/compose/file.h "")
expect("the deployers k8s and compose stand side by side")

begin()
put(matchers/core/src/finding.cc "#include \"core/src/base/status.h\"\n")
expect("matchers/core/src/finding.cc includes core/src/base/status.h: it is private to framework/core")

begin()
put(matchers/core/src/finding.cc "#include \"gtestnet/chain/index.h\"\n")
expect("matchers/core/src/finding.cc includes gtestnet/chain/index.h: matchers/core may include of itself and of framework/core, not of framework/chain")

begin()
put(matchers/chain/src/run_view.cc "#include \"gtestnet/nomos/lottery.h\"\n")
expect("matchers/chain/src/run_view.cc includes gtestnet/nomos/lottery.h: matchers/chain may include of itself and of framework/core, framework/chain, matchers/core, not of matchers/nomos")

begin()
put(fixtures/src/seed.cc "#include \"matchers/core/src/finding.h\"\n")
expect("fixtures/src/seed.cc includes matchers/core/src/finding.h: it is private to matchers/core")

begin()
put(matchers/nomos/src/lottery.cc "#include \"gtestnet/fixture.h\"\n")
put(fixtures/include/gtestnet/fixture.h "")
expect("matchers/nomos/src/lottery.cc includes gtestnet/fixture.h: matchers/nomos may include of itself and of framework/core, framework/chain, framework/nomos, matchers/core, matchers/chain, not of fixtures")

begin()
put(assets/node/src/core/block.cc "#include \"core/src/base/status.h\"\n")
expect("assets/node may include of itself and of nothing else")

begin()
put(framework/core/src/base/status.cc "#include \"core/src/base/testing/fake.h\"\n")
put(framework/core/src/base/testing/fake.h "")
expect("only tests include of testing/")

begin()
put(framework/core/src/base/status.cc "#include \"core/src/base/gone.h\"\n")
expect("core/src/base/gone.h, which is not there")

begin()
put(framework/core/include/gtestnet/novel.h "")
put(framework/core/src/base/status.cc "#include \"gtestnet/novel.h\"\n")
expect("framework/core/include/gtestnet/novel.h is in no room")

file(REMOVE_RECURSE "${DIRECTORY}")
message(STATUS "every sort of wrong include is told")
