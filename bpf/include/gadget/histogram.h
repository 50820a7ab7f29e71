/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Histograms of powers of two: slot 0 counts 0 and 1, slot n from 2^n to 2^(n+1)-1, the last one
 *all that is larger. A field of them is
 *
 *	gadget_histogram_slot__u32 latency[GADGET_HISTOGRAM_SLOTS];
 */
#ifndef GADGET_HISTOGRAM_H
#define GADGET_HISTOGRAM_H

#include <vmlinux.h>
#include <gadget/types.h>

#define GADGET_HISTOGRAM_SLOTS 27

static __always_inline void gadget_histogram_count(gadget_histogram_slot__u32 *slots, __u64 value)
{
	__u32 slot = 0;

	for (__u32 half = 32; half; half /= 2) {
		if (value >> half) {
			value >>= half;
			slot += half;
		}
	}
	if (slot > GADGET_HISTOGRAM_SLOTS - 1)
		slot = GADGET_HISTOGRAM_SLOTS - 1;
	__sync_fetch_and_add(&slots[slot], 1);
}

#endif
