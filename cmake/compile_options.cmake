# SPDX-License-Identifier: Apache-2.0
# The warnings and sanitizers of everything that is ours.
add_library(ig_options INTERFACE)
target_include_directories(ig_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(ig_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror>
  # g++ 12 sees overlaps in std::string's own code when it optimises (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # libstdc++ 12 itself uses what C++17 deprecated, in std::stable_partition.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
  # The same file names in every build, whatever folder it was made in.
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(ig_options INTERFACE -ffile-prefix-map=${CMAKE_BINARY_DIR}=build)
  # What the loader has resolved stays as it is.
  target_link_options(ig_options INTERFACE -Wl,-z,relro,-z,now)
endif()
if(IG_SANITIZE)
  # g++ 12 takes what the sanitizers add for uses of what is not set yet.
  target_compile_options(ig_options INTERFACE -fsanitize=${IG_SANITIZE} -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(ig_options INTERFACE -fsanitize=${IG_SANITIZE})
endif()

if(IG_FUZZERS)
  target_compile_options(ig_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(ig_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(IG_CCACHE ccache)
if(IG_CCACHE)
  # Debug information names the build folder; a second one may all the same use what is cached.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1 ${IG_CCACHE})
endif()
