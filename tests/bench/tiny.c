/* A child that does nothing at all: what a tool spends on a task is all that is left to measure. */
#if defined(__linux__) && defined(__x86_64__)
void _start(void);

void _start(void)
{
    __asm__ volatile("syscall" : : "a"(60), "D"(0) : "rcx", "r11", "memory");
    __builtin_unreachable();
}
#elif defined(__linux__) && defined(__aarch64__)
void _start(void);

void _start(void)
{
    register long status __asm__("x0") = 0;
    register long exit_call __asm__("x8") = 93;
    __asm__ volatile("svc 0" : : "r"(status), "r"(exit_call) : "memory");
    __builtin_unreachable();
}
#else
int main(void)
{
    return 0;
}
#endif
