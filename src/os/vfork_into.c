/* clone3 with CLONE_VFORK and CLONE_INTO_CGROUP, for which the C library has no function.
 *
 * The child runs on its parent's stack and the parent goes on with that stack later, so nothing may return in
 * the child, and nothing that the compiler arranged here may be touched by it: it would spoil the return
 * address, or a value that was put aside, of a function that for the compiler returns once. Hence one statement
 * of assembly holds all that the child does here. It leaves what lies within reach of the stack pointer alone
 * (the red zone of the x86-64 ABI), aligns the stack, and calls a function that never comes back. What the
 * compiler sees is a system call that returns in the parent alone: whose registers the kernel gives back, and
 * below whose stack pointer nobody has kept anything. So there is nothing here for `returns_twice`, and it
 * may be inlined. A shadow stack is shared as the stack is: the child writes beyond its parent's end of it.
 *
 * AddressSanitizer, which knows of vfork, does not know of this. The frames of the child's functions are marked
 * around their variables, and as these functions never return the marks stay; they are wiped behind the child.
 */
#include "os/vfork_into.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define HAS_ADDRESS_SANITIZER
#endif
#if __has_feature(thread_sanitizer)
#define HAS_THREAD_SANITIZER
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define HAS_ADDRESS_SANITIZER
#endif
#ifdef __SANITIZE_THREAD__
#define HAS_THREAD_SANITIZER
#endif

#ifdef HAS_THREAD_SANITIZER
#elif defined __x86_64__ && !defined __ILP32__
#define HAS_VFORK_INTO
#elif defined __aarch64__ && !defined __ILP32__
#define HAS_VFORK_INTO
#endif

#ifdef HAS_VFORK_INTO

#ifdef HAS_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>

#define CHILD_STACK ((size_t)64 * 1024) /* more than the child's functions need */

static void forget_frames(void)
{
    char *here = __builtin_frame_address(0);
    __asan_unpoison_memory_region(here - CHILD_STACK, CHILD_STACK);
}
#else
static void forget_frames(void)
{
}
#endif

/* The kernel's struct clone_args as it is since Linux 5.7; headers may be older. */
struct arguments {
    uint64_t flags;
    uint64_t pidfd;
    uint64_t child_tid;
    uint64_t parent_tid;
    uint64_t exit_signal;
    uint64_t stack; /* 0: the parent's */
    uint64_t stack_size;
    uint64_t tls;
    uint64_t set_tid;
    uint64_t set_tid_size;
    uint64_t cgroup;
};

#define NUMBER_CLONE3 435L
#define SHARES_MEMORY UINT64_C(0x100)
#define PARENT_SLEEPS UINT64_C(0x4000)
#define INTO_CGROUP   UINT64_C(0x200000000)

#ifdef __x86_64__
static long clone_and_call(const struct arguments *a, void (*child)(const void *), const void *argument)
{
    long got;
    __asm__ volatile("syscall\n\t"
                     "testq %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "leaq -128(%%rsp), %%rsp\n\t"
                     "andq $-16, %%rsp\n\t"
                     "movq %[argument], %%rdi\n\t"
                     "callq *%[child]\n\t"
                     "ud2\n"
                     "1:"
                     : "=a"(got)
                     : "0"(NUMBER_CLONE3), "D"(a),
                       "S"(sizeof *a), [child] "r"(child), [argument] "r"(argument)
                     : "rcx", "r11", "cc", "memory");
    return got;
}
#else
static long clone_and_call(const struct arguments *a, void (*child)(const void *), const void *argument)
{
    register long x0 __asm__("x0") = (long)(uintptr_t)a;
    register long x1 __asm__("x1") = (long)sizeof *a;
    register long x8 __asm__("x8") = NUMBER_CLONE3;
    __asm__ volatile("svc #0\n\t"
                     "cbnz x0, 1f\n\t"
                     "mov x0, %[argument]\n\t"
                     "blr %[child]\n\t"
                     "brk #1\n"
                     "1:"
                     : "+r"(x0)
                     : "r"(x1), "r"(x8), [child] "r"(child), [argument] "r"(argument)
                     : "cc", "memory");
    return x0;
}
#endif

bool vfork_into_exists(void)
{
    return true;
}

pid_t vfork_into(int cgroup_fd, void (*child)(const void *argument), const void *argument)
{
    const struct arguments a = {
        .flags = SHARES_MEMORY | PARENT_SLEEPS | INTO_CGROUP,
        .exit_signal = SIGCHLD,
        .cgroup = (uint64_t)cgroup_fd,
    };
    long got = clone_and_call(&a, child, argument);
    forget_frames();
    if (got >= 0)
        return (pid_t)got;
    errno = (int)-got;
    return -1;
}

#else

bool vfork_into_exists(void)
{
    return false;
}

pid_t vfork_into(int cgroup_fd, void (*child)(const void *argument), const void *argument)
{
    (void)cgroup_fd, (void)child, (void)argument;
    errno = ENOSYS;
    return -1;
}

#endif
