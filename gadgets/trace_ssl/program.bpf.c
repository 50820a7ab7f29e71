// SPDX-License-Identifier: GPL-2.0
// trace_ssl: what programs read and write through OpenSSL and GnuTLS, before it is encrypted and
// after it was decrypted; and handshakes.
//
// The arguments are there when a function is called, the result and what was read when it returns;
// `calls` keeps the former. One function may call another one of these (SSL_read_ex and SSL_read
// never do; a handshake happens within reads), so calls are kept by thread and operation.
#include <gadget/common.h>
#include <bpf/bpf_tracing.h>
#include <gadget/buffer.h>
#include <gadget/filter.h>
#include <gadget/macros.h>

enum operation {
	read = 1,
	write,
	do_handshake,
};

enum library {
	openssl = 1,
	gnutls,
};

struct event {
	gadget_timestamp timestamp_raw;
	struct gadget_process proc;
	enum operation operation_raw;
	enum library library_raw;
	gadget_duration latency_ns_raw;
	__u32 len;	/* bytes that were read or written */
	__s32 result;	/* as the function returned it */
	__u64 session;	/* address of the library's object: tells connections apart */
	__u32 data_len; /* bytes that follow the event */
};

/*
 * What follows the event is of one of three sizes, since the ring takes constants only; the rest of
 * it is nobody's and is not read. A buffer of the CPU's own is no way out: newer kernels let a
 * program at a probe be preempted by the same one of another task.
 */
#define FEW_BYTES  256
#define SOME_BYTES 2048
#define MOST_BYTES 16384 /* of a TLS record */

struct short_record {
	struct event event;
	__u8 data[FEW_BYTES];
};

struct medium_record {
	struct event event;
	__u8 data[SOME_BYTES];
};

struct long_record {
	struct event event;
	__u8 data[MOST_BYTES];
};

GADGET_TRACER_MAP(events, 8 << 20);
GADGET_TRACER(ssl, events, event);

const volatile __u32 max_bytes = 4096;
GADGET_PARAM(max_bytes);
const volatile bool record_data = true;
GADGET_PARAM(record_data);

struct call_key {
	__u64 pid_tgid;
	__u32 operation;
	__u32 library;
};

struct call {
	__u64 since;
	__u64 session;
	__u64 buf; /* user address */
	__u64
	    done; /* user address where the _ex functions put how much it was; 0 = they return it */
};

/* An LRU map, since a killed thread never returns. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, struct call_key);
	__type(value, struct call);
} calls SEC(".maps");

static __always_inline void key_of(struct call_key *key, enum operation operation,
				   enum library library)
{
	key->pid_tgid = bpf_get_current_pid_tgid();
	key->operation = operation;
	key->library = library;
}

static __always_inline int enter(enum operation operation, enum library library, __u64 session,
				 __u64 buf, __u64 done)
{
	struct call call = {.session = session, .buf = buf, .done = done};
	struct call_key key;

	if (gadget_should_discard_data_current())
		return 0;
	key_of(&key, operation, library);
	call.since = bpf_ktime_get_boot_ns();
	bpf_map_update_elem(&calls, &key, &call, BPF_ANY);
	return 0;
}

/* How many bytes it was. The _ex functions return 1 for success. */
static __always_inline __u32 length_of(const struct call *call, long result)
{
	__u64 len = 0;

	if (result <= 0 || !call->buf)
		return 0;
	if (!call->done)
		return result;
	bpf_probe_read_user(&len, sizeof(len), (void *)call->done);
	return len;
}

static __always_inline void fill(struct event *event, const struct call *call,
				 const struct call_key *key, __u32 len, long result)
{
	__builtin_memset(event, 0, sizeof(*event));
	event->timestamp_raw = bpf_ktime_get_boot_ns();
	gadget_process_populate(&event->proc);
	event->operation_raw = key->operation;
	event->library_raw = key->library;
	event->latency_ns_raw = event->timestamp_raw - call->since;
	event->len = len;
	event->result = result;
	event->session = call->session;
}

#define EMIT(type, most)                                                                           \
	({                                                                                         \
		type *record = gadget_reserve_buf(&events, sizeof(*record));                       \
                                                                                                   \
		if (record) {                                                                      \
			fill(&record->event, call, key, len, result);                              \
			if (size &&                                                                \
			    !bpf_probe_read_user(record->data, gadget_bounded_size(size, most),    \
						 (void *)call->buf))                               \
				record->event.data_len = size;                                     \
			gadget_submit_buf(ctx, &events, record, sizeof(*record));                  \
		}                                                                                  \
	})

static __always_inline void emit(void *ctx, const struct call *call, const struct call_key *key,
				 long result)
{
	__u32 len = length_of(call, result);
	__u32 size = record_data ? len : 0;

	if (size > max_bytes)
		size = max_bytes;
	if (size > MOST_BYTES)
		size = MOST_BYTES;
	if (size <= FEW_BYTES)
		EMIT(struct short_record, FEW_BYTES);
	else if (size <= SOME_BYTES)
		EMIT(struct medium_record, SOME_BYTES);
	else
		EMIT(struct long_record, MOST_BYTES);
}

static __always_inline int leave(void *ctx, enum operation operation, enum library library,
				 long result)
{
	struct call_key key;
	struct call *call;

	key_of(&key, operation, library);
	call = bpf_map_lookup_elem(&calls, &key);
	if (!call)
		return 0;
	emit(ctx, call, &key, result);
	bpf_map_delete_elem(&calls, &key);
	return 0;
}

/* --- OpenSSL: int SSL_read(SSL *, void *, int), int SSL_read_ex(SSL *, void *, size_t, size_t *)
 * --- */

SEC("uprobe/libssl:SSL_read")
int BPF_KPROBE(enter_ssl_read, void *session, void *buf)
{
	return enter(read, openssl, (__u64)session, (__u64)buf, 0);
}

SEC("uretprobe/libssl:SSL_read")
int BPF_KRETPROBE(leave_ssl_read, int result)
{
	return leave(ctx, read, openssl, result);
}

SEC("uprobe/libssl:SSL_write")
int BPF_KPROBE(enter_ssl_write, void *session, void *buf)
{
	return enter(write, openssl, (__u64)session, (__u64)buf, 0);
}

SEC("uretprobe/libssl:SSL_write")
int BPF_KRETPROBE(leave_ssl_write, int result)
{
	return leave(ctx, write, openssl, result);
}

SEC("uprobe/libssl:SSL_read_ex")
int BPF_KPROBE(enter_ssl_read_ex, void *session, void *buf, __u64 size, void *done)
{
	return enter(read, openssl, (__u64)session, (__u64)buf, (__u64)done);
}

SEC("uretprobe/libssl:SSL_read_ex")
int BPF_KRETPROBE(leave_ssl_read_ex, int result)
{
	return leave(ctx, read, openssl, result);
}

SEC("uprobe/libssl:SSL_write_ex")
int BPF_KPROBE(enter_ssl_write_ex, void *session, void *buf, __u64 size, void *done)
{
	return enter(write, openssl, (__u64)session, (__u64)buf, (__u64)done);
}

SEC("uretprobe/libssl:SSL_write_ex")
int BPF_KRETPROBE(leave_ssl_write_ex, int result)
{
	return leave(ctx, write, openssl, result);
}

SEC("uprobe/libssl:SSL_do_handshake")
int BPF_KPROBE(enter_ssl_handshake, void *session)
{
	return enter(do_handshake, openssl, (__u64)session, 0, 0);
}

SEC("uretprobe/libssl:SSL_do_handshake")
int BPF_KRETPROBE(leave_ssl_handshake, int result)
{
	return leave(ctx, do_handshake, openssl, result);
}

/* --- GnuTLS: ssize_t gnutls_record_recv(gnutls_session_t, void *, size_t) --- */

SEC("uprobe/libgnutls:gnutls_record_recv")
int BPF_KPROBE(enter_gnutls_recv, void *session, void *buf)
{
	return enter(read, gnutls, (__u64)session, (__u64)buf, 0);
}

SEC("uretprobe/libgnutls:gnutls_record_recv")
int BPF_KRETPROBE(leave_gnutls_recv, long result)
{
	return leave(ctx, read, gnutls, result);
}

SEC("uprobe/libgnutls:gnutls_record_send")
int BPF_KPROBE(enter_gnutls_send, void *session, void *buf)
{
	return enter(write, gnutls, (__u64)session, (__u64)buf, 0);
}

SEC("uretprobe/libgnutls:gnutls_record_send")
int BPF_KRETPROBE(leave_gnutls_send, long result)
{
	return leave(ctx, write, gnutls, result);
}

SEC("uprobe/libgnutls:gnutls_handshake")
int BPF_KPROBE(enter_gnutls_handshake, void *session)
{
	return enter(do_handshake, gnutls, (__u64)session, 0, 0);
}

/* Its success is a result of 0, where OpenSSL's is 1. */
SEC("uretprobe/libgnutls:gnutls_handshake")
int BPF_KRETPROBE(leave_gnutls_handshake, int result)
{
	return leave(ctx, do_handshake, gnutls, result);
}

char LICENSE[] SEC("license") = "GPL";
