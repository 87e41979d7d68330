# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` installs for those who use find_package(gtestnet). The programs that the library starts go to
# libexec/gtestnet, where gtestnetConfig.cmake says that they are.
include_guard(GLOBAL)
include(CMakePackageConfigHelpers)

set(package_directory "${CMAKE_INSTALL_LIBDIR}/cmake/gtestnet")

install(TARGETS gtestnet_core gtestnet_chain gtestnet_nomos gtestnet_framework
    gtestnet_matchers_core gtestnet_matchers_chain gtestnet_matchers_nomos gtestnet_matchers gtestnet_fixtures gtestnet_main
    EXPORT gtestnetTargets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(TARGETS gtestnet-must-fail EXPORT gtestnetTargets RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/gtestnet")
if(TARGET nomos-node)
  install(TARGETS nomos-node nomos-executor RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/gtestnet")
endif()
install(EXPORT gtestnetTargets NAMESPACE gtestnet:: DESTINATION "${package_directory}")

configure_package_config_file(
    "${CMAKE_CURRENT_LIST_DIR}/gtestnetConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/gtestnetConfig.cmake"
    INSTALL_DESTINATION "${package_directory}"
    PATH_VARS CMAKE_INSTALL_LIBEXECDIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/gtestnetConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES
    "${PROJECT_BINARY_DIR}/gtestnetConfig.cmake"
    "${PROJECT_BINARY_DIR}/gtestnetConfigVersion.cmake"
    "${CMAKE_CURRENT_LIST_DIR}/GtestnetDiscoverTests.cmake"
    "${CMAKE_CURRENT_LIST_DIR}/GtestnetListTests.cmake"
    "${CMAKE_CURRENT_LIST_DIR}/GtestnetMustFail.cmake"
    "${CMAKE_CURRENT_LIST_DIR}/GtestnetSelection.cmake"
    "${CMAKE_CURRENT_LIST_DIR}/helper_directory.cc.in"
    DESTINATION "${package_directory}")
