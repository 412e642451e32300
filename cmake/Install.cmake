# The program, its plugins, and the SDK that find_package(synfire) gives to plugin authors.
include(CMakePackageConfigHelpers)

install(TARGETS synfire RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS synfire_sdk EXPORT synfire-targets)
install(DIRECTORY core/sdk/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/synfire/models)

# Not under GNUInstallDirs' multiarch folder: the program looks beside itself.
install(TARGETS ${SYNFIRE_PLUGINS} LIBRARY DESTINATION lib/synfire/plugins)

set(package_dir lib/cmake/synfire)
install(EXPORT synfire-targets NAMESPACE synfire:: DESTINATION ${package_dir})
configure_package_config_file(cmake/synfire-config.cmake.in
  ${PROJECT_BINARY_DIR}/synfire-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/synfire-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/synfire-config.cmake
              ${PROJECT_BINARY_DIR}/synfire-config-version.cmake
              cmake/SynfirePlugin.cmake
        DESTINATION ${package_dir})
