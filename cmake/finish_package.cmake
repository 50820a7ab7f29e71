# SPDX-License-Identifier: Apache-2.0
# Run by CPack on the staged tree, once its binary is stripped: what a Debian package has besides.
set(doc ${CPACK_TEMPORARY_DIRECTORY}/usr/share/doc/ig)
execute_process(COMMAND gzip -9n INPUT_FILE ${CPACK_IG_SOURCE}/deploy/debian/changelog
  OUTPUT_FILE ${doc}/changelog.gz COMMAND_ERROR_IS_FATAL ANY)
file(COPY ${CPACK_IG_SOURCE}/deploy/debian/lintian/ig DESTINATION ${CPACK_TEMPORARY_DIRECTORY}/usr/share/lintian/overrides)
execute_process(COMMAND ${CPACK_IG_SOURCE}/scripts/make-sbom ${CPACK_IG_BUILD} ${CPACK_TEMPORARY_DIRECTORY}/usr/bin/ig
  OUTPUT_FILE ${doc}/ig.spdx.json COMMAND_ERROR_IS_FATAL ANY)
# Whoever builds has a umask of their own.
execute_process(COMMAND chmod -R u=rwX,go=rX ${CPACK_TEMPORARY_DIRECTORY} COMMAND_ERROR_IS_FATAL ANY)
