/* SPDX-License-Identifier: GPL-2.0 */
/* The system calls that work on files: which one a number is, and where it begins in the file. */
#ifndef GADGET_FILE_CALL_H
#define GADGET_FILE_CALL_H

#include <gadget/syscall_regs.h>

enum gadget_file_call {
	GADGET_NO_FILE_CALL,
	GADGET_FILE_OPEN, /* of all kinds */
	GADGET_FILE_READ, /* at the file's position */
	GADGET_FILE_WRITE,
	GADGET_FILE_PREAD, /* at a position of its own */
	GADGET_FILE_PWRITE,
	GADGET_FILE_PREADV, /* the same, given in two words */
	GADGET_FILE_PWRITEV,
	GADGET_FILE_SENDFILE,	/* out, in, position of in, size */
	GADGET_FILE_SENDFILE32, /* the same with a position of 32 bits */
	GADGET_FILE_COPY,	/* in, position, out, position, size: copy_file_range, splice */
	GADGET_FILE_SYNC,
	GADGET_FILE_FSTATFS,
	GADGET_FILE_STATFS,
};

#if defined(__TARGET_ARCH_x86)

/* x32's own numbers are among them. */
static __always_inline enum gadget_file_call gadget_file_call_64(__u64 nr)
{
	switch (nr) {
	case 2:	  /* open */
	case 85:  /* creat */
	case 257: /* openat */
	case 437: /* openat2 */
		return GADGET_FILE_OPEN;
	case 0:
	case 19:  /* readv */
	case 515: /* readv of x32 */
		return GADGET_FILE_READ;
	case 1:
	case 20:  /* writev */
	case 516: /* writev of x32 */
		return GADGET_FILE_WRITE;
	case 17:
		return GADGET_FILE_PREAD;
	case 18:
		return GADGET_FILE_PWRITE;
	case 295: /* preadv */
	case 327: /* preadv2 */
	case 534: /* preadv of x32 */
	case 546: /* preadv2 of x32 */
		return GADGET_FILE_PREADV;
	case 296: /* pwritev */
	case 328: /* pwritev2 */
	case 535: /* pwritev of x32 */
	case 547: /* pwritev2 of x32 */
		return GADGET_FILE_PWRITEV;
	case 40:
		return GADGET_FILE_SENDFILE;
	case 275: /* splice */
	case 326: /* copy_file_range */
		return GADGET_FILE_COPY;
	case 74: /* fsync */
	case 75: /* fdatasync */
		return GADGET_FILE_SYNC;
	case 138:
		return GADGET_FILE_FSTATFS;
	case 137:
		return GADGET_FILE_STATFS;
	}
	return GADGET_NO_FILE_CALL;
}

#define __GADGET_FSTATFS64    269
#define __GADGET_STATFS64     268
#define __GADGET_OPENAT32     295
#define __GADGET_SPLICE32     313
#define __GADGET_COPY_RANGE32 377
#define __GADGET_PREADV32     333
#define __GADGET_PWRITEV32    334
#define __GADGET_PREADV2_32   378
#define __GADGET_PWRITEV2_32  379

#elif defined(__TARGET_ARCH_arm64)

static __always_inline enum gadget_file_call gadget_file_call_64(__u64 nr)
{
	switch (nr) {
	case 56:  /* openat */
	case 437: /* openat2 */
		return GADGET_FILE_OPEN;
	case 63:
	case 65: /* readv */
		return GADGET_FILE_READ;
	case 64:
	case 66: /* writev */
		return GADGET_FILE_WRITE;
	case 67:
		return GADGET_FILE_PREAD;
	case 68:
		return GADGET_FILE_PWRITE;
	case 69:  /* preadv */
	case 286: /* preadv2 */
		return GADGET_FILE_PREADV;
	case 70:  /* pwritev */
	case 287: /* pwritev2 */
		return GADGET_FILE_PWRITEV;
	case 71:
		return GADGET_FILE_SENDFILE;
	case 76:  /* splice */
	case 285: /* copy_file_range */
		return GADGET_FILE_COPY;
	case 82: /* fsync */
	case 83: /* fdatasync */
		return GADGET_FILE_SYNC;
	case 44:
		return GADGET_FILE_FSTATFS;
	case 43:
		return GADGET_FILE_STATFS;
	}
	return GADGET_NO_FILE_CALL;
}

#define __GADGET_FSTATFS64    267
#define __GADGET_STATFS64     266
#define __GADGET_OPENAT32     322
#define __GADGET_SPLICE32     340
#define __GADGET_COPY_RANGE32 391
#define __GADGET_PREADV32     361
#define __GADGET_PWRITEV32    362
#define __GADGET_PREADV2_32   392
#define __GADGET_PWRITEV2_32  393

#endif

/* i386 and arm have most numbers in common. */
static __always_inline enum gadget_file_call gadget_file_call_32(__u64 nr)
{
	switch (nr) {
	case 5: /* open */
	case 8: /* creat */
	case __GADGET_OPENAT32:
	case 437: /* openat2 */
		return GADGET_FILE_OPEN;
	case 3:
	case 145: /* readv */
		return GADGET_FILE_READ;
	case 4:
	case 146: /* writev */
		return GADGET_FILE_WRITE;
	case 180:
		return GADGET_FILE_PREAD;
	case 181:
		return GADGET_FILE_PWRITE;
	case __GADGET_PREADV32:
	case __GADGET_PREADV2_32:
		return GADGET_FILE_PREADV;
	case __GADGET_PWRITEV32:
	case __GADGET_PWRITEV2_32:
		return GADGET_FILE_PWRITEV;
	case 187:
		return GADGET_FILE_SENDFILE32;
	case 239: /* sendfile64 */
		return GADGET_FILE_SENDFILE;
	case __GADGET_SPLICE32:
	case __GADGET_COPY_RANGE32:
		return GADGET_FILE_COPY;
	case 118: /* fsync */
	case 148: /* fdatasync */
		return GADGET_FILE_SYNC;
	case 100:
	case __GADGET_FSTATFS64:
		return GADGET_FILE_FSTATFS;
	case 99:
	case __GADGET_STATFS64:
		return GADGET_FILE_STATFS;
	}
	return GADGET_NO_FILE_CALL;
}

static __always_inline enum gadget_file_call
gadget_file_call_of(const struct gadget_syscall_regs *call)
{
	return gadget_is_32bit(call) ? gadget_file_call_32(call->nr)
				     : gadget_file_call_64(call->nr);
}

/* Of GADGET_FILE_PREAD to GADGET_FILE_PWRITEV; -1 means the file's position (preadv2, pwritev2). */
static __always_inline __s64 gadget_file_call_position(const struct gadget_syscall_regs *call,
						       enum gadget_file_call kind)
{
	if (!gadget_is_32bit(call))
		return gadget_arg3(call);
	/* arm begins a pair of words at an even register, but for preadv and pwritev. */
	if (call->arch == arm && (kind == GADGET_FILE_PREAD || kind == GADGET_FILE_PWRITE))
		return gadget_arg4(call) | gadget_arg5(call) << 32;
	return gadget_arg3(call) | gadget_arg4(call) << 32;
}

#endif
