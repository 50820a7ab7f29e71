# SPDX-License-Identifier: Apache-2.0
# ig_library(NAME dependency...): the static library ig_NAME of every .cpp in this folder and in
# its own folders, but for a main.cpp. Files are found by glob, so adding one needs no edit here.
function(ig_library name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp
    ${CMAKE_CURRENT_SOURCE_DIR}/*/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/*/*/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(ig_${name} STATIC ${sources})
  target_link_libraries(ig_${name} PUBLIC ig_options ${ARGN})
endfunction()
