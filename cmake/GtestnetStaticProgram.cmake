# SPDX-License-Identifier: Apache-2.0
# Programs without a shared library, for an image that has nothing else in it.
include_guard(GLOBAL)
include(CheckLinkerFlag)

# Why there are none, or "".
function(gtestnet_static_programs_impossible result)
  set(${result} "" PARENT_SCOPE)
  if("${CMAKE_CXX_FLAGS} ${CMAKE_EXE_LINKER_FLAGS}" MATCHES "-fsanitize")
    set(${result} "a sanitizer needs shared libraries" PARENT_SCOPE)
    return()
  endif()
  foreach(archive IN ITEMS c boost_json boost_container sodium sqlite3 yaml-cpp absl_status)
    find_library(GTESTNET_ARCHIVE_${archive} "lib${archive}.a")
    mark_as_advanced(GTESTNET_ARCHIVE_${archive})
    if(NOT GTESTNET_ARCHIVE_${archive})
      set(${result} "lib${archive}.a is not there" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# gtestnet_add_static_program(NAME name OUTPUT file OBJECTS target LIBRARIES target… ARCHIVES item…)
#
# A second link of what is compiled for the shared build: OBJECTS is an object library with main, LIBRARIES are this project's
# archives, ARCHIVES those of others. (Their targets name shared libraries, which cannot be linked here, so that none is used.)
function(gtestnet_add_static_program)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;OUTPUT;OBJECTS" "LIBRARIES;ARCHIVES")
  add_executable(${arg_NAME} $<TARGET_OBJECTS:${arg_OBJECTS}>)
  set(items "")
  foreach(library IN LISTS arg_LIBRARIES)
    list(APPEND items "$<TARGET_FILE:${library}>")
    add_dependencies(${arg_NAME} ${library})
    # A changed archive is a new program.
    set_property(TARGET ${arg_NAME} APPEND PROPERTY LINK_DEPENDS "$<TARGET_FILE:${library}>")
  endforeach()
  target_link_options(${arg_NAME} PRIVATE -static -s)
  # That getaddrinfo may load the system's name services, which an image without any has no use for.
  check_linker_flag(CXX -Wl,--no-warnings GTESTNET_LINKER_CAN_BE_QUIET)
  if(GTESTNET_LINKER_CAN_BE_QUIET)
    target_link_options(${arg_NAME} PRIVATE -Wl,--no-warnings)
  endif()
  target_link_libraries(${arg_NAME} PRIVATE -Wl,--start-group ${items} ${arg_ARCHIVES} -Wl,--end-group)
  set_target_properties(${arg_NAME} PROPERTIES
      LINKER_LANGUAGE CXX
      OUTPUT_NAME "${arg_OUTPUT}"
      POSITION_INDEPENDENT_CODE OFF
      RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/image/bin")
endfunction()
