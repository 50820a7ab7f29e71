# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts in place besides the binary and its words (cli/), and the package that CPack makes of it:
# `scripts/package` is the one command.
set(doc ${CMAKE_INSTALL_DOCDIR})
install(FILES README.md DESTINATION ${doc})
install(DIRECTORY docs/ DESTINATION ${doc}/docs FILES_MATCHING PATTERN "*.md")
install(DIRECTORY LICENSES DESTINATION ${doc})
install(FILES deploy/debian/copyright DESTINATION ${doc})

install(SCRIPT cmake/install_units.cmake)

# A package names its date, so that the same source makes the same bytes: that of its last change.
file(STRINGS deploy/debian/changelog changes REGEX "^(ig \\(| -- )" LIMIT_COUNT 2)
if(NOT changes MATCHES "^ig \\(${PROJECT_VERSION}\\)")
  message(FATAL_ERROR "deploy/debian/changelog does not begin with version ${PROJECT_VERSION}")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The maintainers of ig <maintainers@ig.example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 1)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/finish_package.cmake)
set(CPACK_IG_SOURCE ${CMAKE_SOURCE_DIR})
set(CPACK_IG_BUILD ${CMAKE_BINARY_DIR})

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS bpftrace)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(file conffiles postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/deploy/debian/${file})
endforeach()
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "record what workloads do, then write their policies")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"ig records what containers, units and commands do on a Linux host, by eBPF or
ptrace, into one SQLite file. Afterwards it turns the file into seccomp
profiles, Kubernetes NetworkPolicies and capability lists that allow what was
seen and nothing else, and into reports of latencies, calls and connections.
.
What could not be recorded is counted in the file: where evidence is missing,
ig refuses to write a policy that would enforce.")
include(CPack)
