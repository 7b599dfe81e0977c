/*
 * The built-in pause: the process that holds a pod's namespaces open. It sleeps, reaps the orphans that come to it when
 * it is PID 1 of a PID namespace that the pod shares, and ends with status 0 on SIGINT and SIGTERM.
 *
 * There is no libc and no signal handler. The three signals are blocked once and then taken one at a time, so none can
 * slip in between a check and the sleep; and a blocked signal is queued even to PID 1, which the kernel otherwise
 * spares every signal that it has no handler for.
 */
#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/wait.h>

/* Signal n is bit n - 1 of the kernel's signal set, 8 bytes wide on both architectures. */
#define BIT(signal) (1UL << ((signal) - 1))
#define ANY_CHILD (-1)

#if defined(__x86_64__)

static long syscall4(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
}

#elif defined(__aarch64__)

static long syscall4(long number, long a, long b, long c, long d)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}

#else
#error "pause knows the system calls of amd64 and arm64 only"
#endif

/* Pending SIGCHLDs merge into one, so each stands for every child that has ended by now. */
static void reap(void)
{
	while (syscall4(__NR_wait4, ANY_CHILD, 0, WNOHANG, 0) > 0)
		;
}

__attribute__((noreturn)) void _start(void)
{
	const unsigned long signals = BIT(SIGINT) | BIT(SIGTERM) | BIT(SIGCHLD);

	syscall4(__NR_rt_sigprocmask, SIG_BLOCK, (long)&signals, 0, sizeof(signals));
	/* Children that ended before the mask was set have sent their SIGCHLD already. */
	reap();
	for (;;) {
		/* The signal's number; -EINTR after a stop and a continue, which asks for nothing. */
		switch (syscall4(__NR_rt_sigtimedwait, (long)&signals, 0, 0, sizeof(signals))) {
		case SIGCHLD:
			reap();
			break;
		case SIGINT:
		case SIGTERM:
			syscall4(__NR_exit_group, 0, 0, 0, 0);
		}
	}
}
