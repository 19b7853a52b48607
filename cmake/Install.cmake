# make install: headers, libraries, the command, pkg-config (corrie, corrie-io) and find_package(Corrie).
include(CMakePackageConfigHelpers)

install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set(installed corrie_static corrie_shared)
if(TARGET corrie_io_static)
  list(APPEND installed corrie_io_static corrie_io_shared)
endif()
install(TARGETS ${installed} EXPORT CorrieTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET corrie)
  install(TARGETS corrie RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(DIRECTORY data/digits DESTINATION ${CMAKE_INSTALL_DATADIR}/corrie)
endif()
# From lib/pkgconfig up to the prefix, so that an installed tree can be moved.
file(RELATIVE_PATH CORRIE_PC_UP /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
foreach(module corrie corrie-io)
  configure_file(cmake/${module}.pc.in ${CMAKE_BINARY_DIR}/${module}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/${module}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Corrie)
install(EXPORT CorrieTargets NAMESPACE Corrie:: DESTINATION ${package})
configure_package_config_file(cmake/CorrieConfig.cmake.in ${CMAKE_BINARY_DIR}/CorrieConfig.cmake
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/CorrieConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/CorrieConfig.cmake ${CMAKE_BINARY_DIR}/CorrieConfigVersion.cmake
        DESTINATION ${package})
