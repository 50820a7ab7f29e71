# SPDX-License-Identifier: Apache-2.0
# Finds the gadgets (every folder of gadgets/ that has a program.bpf.c) and compiles their BPF
# programs, and those of bpf/, for each architecture into build/bpf/<arch>/<name>.bpf.o.
# Sets IG_BPF_NAMES, IG_BPF_OBJECTS (this machine's architecture), IG_GADGET_NAMES and
# IG_GADGET_MANIFESTS for whoever embeds them. No kernel and no privilege is needed to build.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(IG_BPF_ARCH arm64)
else()
  set(IG_BPF_ARCH x86_64)
endif()

set(IG_BPF_TARGET_x86_64 x86)
set(IG_BPF_TARGET_arm64 arm64)

function(ig_compile_bpf name source arch output)
  set(object ${CMAKE_BINARY_DIR}/bpf/${arch}/${name}.bpf.o)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/bpf/${arch}
    COMMAND ${IG_BPF_CLANG} -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_${IG_BPF_TARGET_${arch}}
      -Wall -Werror -I ${CMAKE_SOURCE_DIR}/bpf/include
      -I ${CMAKE_SOURCE_DIR}/bpf/include/vmlinux/${arch}
      -fdebug-prefix-map=${CMAKE_SOURCE_DIR}=. -MD -MF ${object}.d -c ${source} -o ${object}
    # DWARF is of no use to the kernel; BTF stays.
    COMMAND ${IG_BPF_STRIP} -g ${object}
    DEPENDS ${source} DEPFILE ${object}.d
    COMMENT "BPF ${arch} ${name}" VERBATIM)
  set(${output} ${object} PARENT_SCOPE)
endfunction()

# A folder is a gadget as soon as it has a gadget.yaml.
file(GLOB ig_bpf_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bpf/*.bpf.c
  ${CMAKE_SOURCE_DIR}/gadgets/*/gadget.yaml)
if(IG_EXTRA_GADGETS)
  file(GLOB extra CONFIGURE_DEPENDS ${IG_EXTRA_GADGETS}/*/gadget.yaml)
  list(APPEND ig_bpf_sources ${extra})
endif()
list(TRANSFORM ig_bpf_sources REPLACE "/gadget.yaml$" "/program.bpf.c")

set(all_objects "")
foreach(source IN LISTS ig_bpf_sources)
  get_filename_component(folder ${source} DIRECTORY)
  if(source MATCHES "/program.bpf.c$")
    get_filename_component(name ${folder} NAME)
    list(APPEND IG_GADGET_NAMES ${name})
    list(APPEND IG_GADGET_MANIFESTS ${folder}/gadget.yaml)
  else()
    get_filename_component(name ${source} NAME)
    string(REPLACE ".bpf.c" "" name ${name})
  endif()
  foreach(arch x86_64 arm64)
    ig_compile_bpf(${name} ${source} ${arch} object)
    list(APPEND all_objects ${object})
    if(arch STREQUAL IG_BPF_ARCH)
      list(APPEND IG_BPF_NAMES ${name})
      list(APPEND IG_BPF_OBJECTS ${object})
    endif()
  endforeach()
endforeach()
add_custom_target(bpf_objects ALL DEPENDS ${all_objects})
