# synfire_rooms(target [ROOM name] source...): files of one folder (with ROOM, all) are compiled as one unit,
# which takes a third of the processor time that they take one by one: what they include is read once, and
# templates that several use are compiled once. Names in anonymous namespaces are therefore unique in a folder.
# -DSYNFIRE_ROOMS=OFF compiles every file by itself, which is quicker where one file changes at a time.
option(SYNFIRE_ROOMS "Compile the files of a folder as one unit" ON)
function(synfire_rooms target)
  cmake_parse_arguments(ARG "" "ROOM" "" ${ARGN})
  foreach(source ${ARG_UNPARSED_ARGUMENTS})
    set(room "${ARG_ROOM}")
    if(NOT room)
      get_filename_component(room ${source} DIRECTORY)
    endif()
    string(MAKE_C_IDENTIFIER "${target}_${room}" room)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${room})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${SYNFIRE_ROOMS} UNITY_BUILD_MODE GROUP)
endfunction()
