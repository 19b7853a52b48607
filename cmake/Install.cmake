# make install: headers, both libraries, pkg-config and the CMake package.
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
