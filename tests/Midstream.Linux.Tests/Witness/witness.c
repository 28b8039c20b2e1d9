/* The child the tests start: a program that knows nothing of .NET and reports what it was really given. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

extern char **environ;

static int report(void) {
  printf("pid=%d\npgid=%d\nfds=", getpid(), getpgid(0));
  for (int fd = 0; fd < 4096; fd++)
    if (fcntl(fd, F_GETFD) != -1) printf("%d ", fd);
  printf("\nignored=");
  for (int s = 1; s < 32; s++) {
    struct sigaction a;
    sigaction(s, NULL, &a);
    if (a.sa_handler != SIG_DFL) printf("%d ", s);
  }
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, NULL, &blocked);
  printf("\nblocked=");
  for (int s = 1; s < 64; s++)
    if (sigismember(&blocked, s) == 1) printf("%d ", s);
  char link[256] = "", cwd[4096] = "";
  if (readlink("/proc/self/fd/0", link, sizeof link - 1) < 0) return 9;
  printf("\nstdin=%s\ncwd=%s\n", link, getcwd(cwd, sizeof cwd));
  for (char **e = environ; *e; e++) printf("env:%s\n", *e);
  return 0;
}

static int serve(void) {
  int flags = fcntl(3, F_GETFL);
  fcntl(3, F_SETFL, flags & ~O_NONBLOCK);
  int connection = accept(3, NULL, NULL);
  if (connection < 0) return 9;
  puts("accepted");
  fflush(stdout);
  pause();
  return 0;
}

static int send_notification(int socket, struct sockaddr_un *to, socklen_t length, const char *text, int fd) {
  char control[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec vector = {(void *)text, strlen(text)};
  struct msghdr message = {to, length, &vector, 1, NULL, 0, 0};
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? errno : 0;
}

/* As sd_notify(3) and sd_notify_barrier(3) do: the state, then a pipe end whose closing says it was read. */
static int notify(const char *text) {
  const char *name = getenv("NOTIFY_SOCKET");
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(name);
  memcpy(to.sun_path, name, strlen(name));
  if (name[0] == '@') to.sun_path[0] = 0; else length++;
  int socket_ = socket(AF_UNIX, SOCK_DGRAM, 0), ends[2];
  if (pipe(ends) != 0 || send_notification(socket_, &to, length, text, -1) != 0) return 8;
  if (send_notification(socket_, &to, length, "BARRIER=1", ends[1]) != 0) return 7;
  close(ends[1]);
  struct pollfd closed = {ends[0], 0, 0};
  return poll(&closed, 1, 10000) == 1 ? 0 : 6;
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "report";
  if (!strcmp(mode, "exit")) return atoi(argv[2]);
  if (!strcmp(mode, "raise")) { raise(atoi(argv[2])); return 9; }
  if (!strcmp(mode, "serve")) return serve();
  if (!strcmp(mode, "notify")) return notify(argv[2]);
  if (!strcmp(mode, "wait")) { puts("waiting"); fflush(stdout); pause(); return 0; }
  if (!strcmp(mode, "fork")) { if (fork() == 0) { puts("forked"); fflush(stdout); pause(); } return 0; }
  if (!strcmp(mode, "pdeathsig")) { prctl(PR_SET_PDEATHSIG, SIGKILL); puts("set"); fflush(stdout); pause(); return 0; }
  return report();
}
