/* How long one task takes in a conversation with `jobpool run`, one at a time over two pipes, beside a bare
 * vfork and wait of the same command.
 *
 *     one_by_one COUNT JOBPOOL COMMAND
 *
 * Blocks of both alternate, so that the machine's moods reach both. Prints the two medians: microseconds
 * bare, microseconds in the conversation.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 20

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "one_by_one: %s\n", what);
    exit(1);
}

static void run_bare(char *command)
{
    char *const argv[] = {command, NULL};
    pid_t pid = vfork();
    if (pid == 0) {
        execv(command, argv);
        _exit(127);
    }
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
        give_up("the bare command failed");
}

struct conversation {
    pid_t pid;
    int to;
    FILE *from;
    char *line;
    size_t cap;
    long asked;
};

static void conversation_start(struct conversation *c, const char *jobpool)
{
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
        give_up("no pipes");
    c->pid = fork();
    if (c->pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execl(jobpool, jobpool, "run", "-j1", (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    c->to = in[1];
    c->from = fdopen(out[0], "r");
    if (c->pid < 0 || !c->from)
        give_up("cannot start jobpool");
}

static void conversation_ask(struct conversation *c, const char *command)
{
    char line[512];
    int len = snprintf(line, sizeof line, "{\"id\":\"t%ld\",\"command\":[\"%s\"]}\n", c->asked++, command);
    if (write(c->to, line, (size_t)len) != len)
        give_up("jobpool takes no more");
    if (getline(&c->line, &c->cap, c->from) < 0)
        give_up("jobpool has ended");
    if (!strstr(c->line, "\"state\":\"succeeded\""))
        give_up(c->line);
}

static void conversation_end(struct conversation *c)
{
    close(c->to);
    if (getline(&c->line, &c->cap, c->from) >= 0)
        give_up("a result too many");
    int status;
    if (waitpid(c->pid, &status, 0) < 0 || status != 0)
        give_up("jobpool did not end with status 0");
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t len)
{
    qsort(values, len, sizeof *values, compare);
    return values[len / 2];
}

int main(int argc, char **argv)
{
    size_t count = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
    if (count == 0) {
        fputs("usage: one_by_one COUNT JOBPOOL COMMAND\n", stderr);
        return 2;
    }
    double *bare = calloc(count, sizeof *bare);
    double *asked = calloc(count, sizeof *asked);
    if (!bare || !asked)
        give_up("no memory");
    struct conversation c = {0};
    conversation_start(&c, argv[2]);
    conversation_ask(&c, argv[3]); /* the first one pays for the start */

    for (size_t done = 0; done < count; done += BLOCK) {
        size_t end = done + BLOCK < count ? done + BLOCK : count;
        for (size_t i = done; i < end; i++) {
            double began = now_us();
            run_bare(argv[3]);
            bare[i] = now_us() - began;
        }
        for (size_t i = done; i < end; i++) {
            double began = now_us();
            conversation_ask(&c, argv[3]);
            asked[i] = now_us() - began;
        }
    }
    conversation_end(&c);
    printf("%.1f %.1f\n", median(bare, count), median(asked, count));
    return 0;
}
