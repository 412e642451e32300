# The program with its plugins and models (component program), and the SDK that find_package(synfire)
# gives to plugin authors (component dev); as Debian packages by scripts/package.
include(CMakePackageConfigHelpers)

install(TARGETS synfire RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(DIRECTORY models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/synfire/models COMPONENT program)
install(FILES cmake/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME synfire COMPONENT program)
# Not under GNUInstallDirs' multiarch folder: the program looks beside itself.
install(TARGETS ${SYNFIRE_PLUGINS} LIBRARY DESTINATION lib/synfire/plugins COMPONENT program)

install(TARGETS synfire_sdk EXPORT synfire-targets COMPONENT dev)
install(DIRECTORY core/sdk/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
set(package_dir lib/cmake/synfire)
install(EXPORT synfire-targets NAMESPACE synfire:: DESTINATION ${package_dir} COMPONENT dev)
configure_package_config_file(cmake/synfire-config.cmake.in
  ${PROJECT_BINARY_DIR}/synfire-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/synfire-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/synfire-config.cmake
              ${PROJECT_BINARY_DIR}/synfire-config-version.cmake
              cmake/SynfirePlugin.cmake
        DESTINATION ${package_dir} COMPONENT dev)

if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
# Made by scripts/package; absent where nobody asked for them.
install(DIRECTORY ${PROJECT_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
        COMPONENT program OPTIONAL)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright COMPONENT program)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/synfire-dev RENAME copyright
        COMPONENT dev)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME synfire)
set(CPACK_PACKAGE_VENDOR Synfire)
set(CPACK_PACKAGE_CONTACT "Synfire <synfire@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME synfire)
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "${PROJECT_DESCRIPTION}
 Program, plugins and models: STDP, S-TLLR and BPTT as interchangeable rules,
 networks as JSON, recordings of event cameras as downloaded.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "gnuplot-nox")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME synfire-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_DESCRIPTION "Headers and CMake config for plugins of Synfire
 Neurons, learning rules, losses and releases of your own, for the spiking
 neural network simulator synfire.")
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "synfire (= ${PROJECT_VERSION}), g++, cmake (>= 3.25)")
include(CPack)
