/* SPDX-License-Identifier: GPL-2.0 */
/* What nearly every gadget includes. */
#ifndef GADGET_COMMON_H
#define GADGET_COMMON_H

#include <vmlinux.h>
#include <gadget/types.h>
#include <gadget/identity.h>
#include <gadget/process.h>

#endif
