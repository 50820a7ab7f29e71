# SPDX-License-Identifier: Apache-2.0
# ig_embed(TARGET target SYMBOL symbol NAMES name... FILES file...)
# Puts files into the binary as a table `const std::span<const ig::EmbeddedFile> ig::symbol`
# (declared by the user in a header, see base/embedded.h). The assembler's .incbin copies the
# bytes, so no file is turned into source text.
function(ig_embed)
  cmake_parse_arguments(arg "" "TARGET;SYMBOL" "NAMES;FILES" ${ARGN})
  set(assembly "  .section .rodata\n")
  set(externs "")
  set(entries "")
  set(index 0)
  foreach(name file IN ZIP_LISTS arg_NAMES arg_FILES)
    set(label "${arg_SYMBOL}_${index}")
    string(APPEND assembly "  .balign 16\n  .global ${label}_begin, ${label}_end\n${label}_begin:\n"
      "  .incbin \"${file}\"\n${label}_end:\n  .byte 0\n")
    string(APPEND externs "extern \"C\" const char ${label}_begin[], ${label}_end[];\n")
    string(APPEND entries "    {\"${name}\", {${label}_begin, ${label}_end}},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembly "  .section .note.GNU-stack,\"\",%progbits\n")
  set(base ${CMAKE_CURRENT_BINARY_DIR}/${arg_SYMBOL})
  file(CONFIGURE OUTPUT ${base}.S CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${base}.cpp @ONLY CONTENT
"// Made by cmake/embed.cmake.
#include \"base/embedded.h\"
${externs}namespace ig {
namespace {
const std::array<EmbeddedFile, ${index}> files = {{
${entries}}};
}
extern const std::span<const EmbeddedFile> ${arg_SYMBOL};
const std::span<const EmbeddedFile> ${arg_SYMBOL}{files};
}  // namespace ig
")
  set_source_files_properties(${base}.S PROPERTIES OBJECT_DEPENDS "${arg_FILES}")
  target_sources(${arg_TARGET} PRIVATE ${base}.S ${base}.cpp)
endfunction()
