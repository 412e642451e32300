# Run at every build: writes OUTPUT, a header with the commit that is built, where that has changed.
# In an archive of the source the commit stands in cmake/commit.txt.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --exclude=*
                OUTPUT_VARIABLE commit ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT EXISTS ${SOURCE}/.git OR commit STREQUAL "")
  file(STRINGS ${SOURCE}/cmake/commit.txt commit LIMIT_COUNT 1)
  if(commit MATCHES "Format")
    set(commit "unknown")
  endif()
endif()
set(text "#define SYNFIRE_COMMIT \"${commit}\"\n")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} before)
endif()
if(NOT "${before}" STREQUAL "${text}")
  file(WRITE ${OUTPUT} "${text}")
endif()
