# Every examples/FOLDER/NAME.c becomes bin examples/FOLDER/NAME, linked with the shared libraries as a user's would be.
# The programs of the course read and write files: without libcorrie-io they are left out.
file(GLOB EXAMPLE_SOURCES CONFIGURE_DEPENDS examples/*/*.c)
if(NOT CORRIE_COMMAND)
  list(FILTER EXAMPLE_SOURCES EXCLUDE REGEX "/examples/course/")
endif()
foreach(source ${EXAMPLE_SOURCES})
  get_filename_component(name ${source} NAME_WE)
  get_filename_component(folder ${source} DIRECTORY)
  get_filename_component(folder ${folder} NAME)
  add_executable(example_${folder}_${name} ${source})
  set_target_properties(example_${folder}_${name} PROPERTIES OUTPUT_NAME ${name}
                        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/examples/${folder})
  target_link_libraries(example_${folder}_${name} PRIVATE corrie_shared Threads::Threads)
  if(folder STREQUAL course)
    target_link_libraries(example_${folder}_${name} PRIVATE corrie_io_shared)
  endif()
endforeach()
