# SPDX-License-Identifier: Apache-2.0
# c-kzg-4844, which does the bundled node's KZG commitments: C sources and assembly, from the npm package c-kzg.
#
# GTESTNET_CKZG_DIR names a tree that is there already (what the package has in deps/: blst and c-kzg). Without it, the package is
# fetched once by npm into build/third_party of the source tree (of the build tree where the sources cannot be written to), and its
# hash is compared.
option(GTESTNET_WITH_DA "Build the bundled node with data availability (needs c-kzg)" ON)
set(GTESTNET_CKZG_DIR "" CACHE PATH "A tree with blst and c-kzg; empty: fetched by npm")

set(ckzg_version 4.1.0)
set(ckzg_sha512
    7a588e041d862a84f9364e0bc0de35f0ef2459f5c2c1ea478f791deb3d332abcc87496ebcb463c2033d8cc4e43c70fdfb37f3a3c63bacd046acbc2d256d479b5)

# Sets `result` to the tree, and fetches it if it is not there.
function(gtestnet_find_ckzg result)
  if(GTESTNET_CKZG_DIR)
    if(NOT EXISTS "${GTESTNET_CKZG_DIR}/c-kzg/ckzg.c" OR NOT EXISTS "${GTESTNET_CKZG_DIR}/blst/src/server.c")
      message(FATAL_ERROR "GTESTNET_CKZG_DIR is ${GTESTNET_CKZG_DIR}, which lacks c-kzg/ckzg.c or blst/src/server.c.")
    endif()
    set(${result} "${GTESTNET_CKZG_DIR}" PARENT_SCOPE)
    return()
  endif()
  set(home "${PROJECT_SOURCE_DIR}/build/third_party")
  # A tree gets its name when it is whole.
  if(NOT EXISTS "${home}/c-kzg-${ckzg_version}/deps/c-kzg/ckzg.c")
    execute_process(COMMAND "${CMAKE_COMMAND}" -E make_directory "${home}" RESULT_VARIABLE made ERROR_QUIET)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E touch "${home}/lock" RESULT_VARIABLE touched ERROR_QUIET)
    if(made OR touched)
      set(home "${PROJECT_BINARY_DIR}/third_party")
      file(MAKE_DIRECTORY "${home}")
    endif()
  endif()
  set(tree "${home}/c-kzg-${ckzg_version}")
  if(EXISTS "${tree}/deps/c-kzg/ckzg.c")
    set(${result} "${tree}/deps" PARENT_SCOPE)
    return()
  endif()
  file(LOCK "${home}/lock" GUARD FUNCTION TIMEOUT 300)
  if(NOT EXISTS "${tree}/deps/c-kzg/ckzg.c")
    gtestnet_fetch_ckzg("${home}" "${tree}")
  endif()
  set(${result} "${tree}/deps" PARENT_SCOPE)
endfunction()

function(gtestnet_fetch_ckzg home tree)
  set(instead "or set GTESTNET_CKZG_DIR to a tree of its deps/, or GTESTNET_WITH_DA=OFF for a node without data availability")
  set(archive "${home}/c-kzg-${ckzg_version}.tgz")
  if(NOT EXISTS "${archive}")
    find_program(NPM_PROGRAM npm)
    if(NOT NPM_PROGRAM)
      message(FATAL_ERROR "c-kzg ${ckzg_version} is not there, and no npm to fetch it: install npm, ${instead}.")
    endif()
    message(STATUS "Fetching c-kzg ${ckzg_version} by npm")
    execute_process(COMMAND "${NPM_PROGRAM}" pack --silent "c-kzg@${ckzg_version}"
                    WORKING_DIRECTORY "${home}" RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE output)
    if(failed OR NOT EXISTS "${archive}")
      message(FATAL_ERROR "npm could not fetch c-kzg ${ckzg_version} (${output}): try again, ${instead}.")
    endif()
  endif()
  file(SHA512 "${archive}" found)
  if(NOT found STREQUAL ckzg_sha512)
    file(REMOVE "${archive}")
    message(FATAL_ERROR "c-kzg ${ckzg_version} as fetched is not the one that this project was made with "
                        "(SHA-512 ${found}); it was removed.")
  endif()
  file(REMOVE_RECURSE "${home}/package" "${tree}")
  file(ARCHIVE_EXTRACT INPUT "${archive}" DESTINATION "${home}" PATTERNS "package/deps/*")
  file(RENAME "${home}/package" "${tree}")
endfunction()

# The target gtestnet_ckzg. The caller has enabled the languages C and ASM.
function(gtestnet_add_ckzg)
  gtestnet_find_ckzg(tree)
  add_library(gtestnet_ckzg STATIC
      "${tree}/c-kzg/ckzg.c" "${tree}/blst/src/server.c" "${tree}/blst/build/assembly.S")
  target_include_directories(gtestnet_ckzg SYSTEM PUBLIC "${tree}/c-kzg" "${tree}/blst/bindings")
  # One program for every machine of an architecture: what the processor can do is asked at run time.
  target_compile_definitions(gtestnet_ckzg PRIVATE __BLST_PORTABLE__)
  # Seconds of arithmetic per test are no place for an unoptimised build.
  target_compile_options(gtestnet_ckzg PRIVATE -O2 -w $<$<COMPILE_LANGUAGE:C>:-fno-sanitize=all>)
  set_target_properties(gtestnet_ckzg PROPERTIES POSITION_INDEPENDENT_CODE ON C_STANDARD 11 C_CLANG_TIDY "")
endfunction()
