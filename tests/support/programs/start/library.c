// SPDX-License-Identifier: Apache-2.0
const char* word(void) { return "started with a library"; }
