/* SPDX-License-Identifier: GPL-2.0 */
/* The contract's name for what identity.h offers. */
#ifndef GADGET_MNTNS_H
#define GADGET_MNTNS_H

#include <gadget/identity.h>

#endif
