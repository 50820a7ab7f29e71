# SPDX-License-Identifier: Apache-2.0
# Everything comes from Debian 12; README.md says what each is for.
find_package(PkgConfig REQUIRED)
pkg_check_modules(bpf REQUIRED IMPORTED_TARGET libbpf>=1.1)
pkg_check_modules(elf REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(cap_ng REQUIRED IMPORTED_TARGET libcap-ng)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp>=2.5)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3>=3.40)
pkg_check_modules(archive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(crypto REQUIRED IMPORTED_TARGET libcrypto>=3)
pkg_check_modules(netfilter_conntrack REQUIRED IMPORTED_TARGET libnetfilter_conntrack)
pkg_check_modules(ssl REQUIRED IMPORTED_TARGET libssl>=3)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(yaml_cpp REQUIRED IMPORTED_TARGET yaml-cpp)
find_package(fmt 9 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(Threads REQUIRED)
find_library(IG_IBERTY NAMES iberty REQUIRED)

# One compiler for BPF, pinned, so that the embedded programs are the same on every machine.
find_program(IG_BPF_CLANG NAMES clang-14 REQUIRED)
find_program(IG_BPF_STRIP NAMES llvm-strip-14 REQUIRED)
