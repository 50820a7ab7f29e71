# SPDX-License-Identifier: Apache-2.0
# Run by `cmake --install`: recordings by the clock (docs/scheduled-recordings.md). The units name files, and only now is it
# known under which prefix those are.
get_filename_component(source ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
set(prefix ${CMAKE_INSTALL_PREFIX})
set(settings ${prefix}/etc/ig/record)
if(prefix STREQUAL "/usr")
  set(settings /etc/ig/record)
endif()
file(INSTALL ${source}/deploy/record/ DESTINATION ${settings})
file(INSTALL ${source}/deploy/prune-sessions DESTINATION ${prefix}/libexec/ig USE_SOURCE_PERMISSIONS)
file(INSTALL ${source}/deploy/systemd/ig-record@.timer DESTINATION ${prefix}/lib/systemd/system)
set(service $ENV{DESTDIR}${prefix}/lib/systemd/system/ig-record@.service)
message(STATUS "Installing: ${service}")
configure_file(${source}/deploy/systemd/ig-record@.service.in ${service} @ONLY)
