/**
 * The smallest service there is, so that starting it costs next to nothing: a
 * program in C that listens. Without a compiler it is one in Perl, which takes
 * a few milliseconds more of each start.
 *
 * Words: the port, then `stubborn` for one that ignores SIGTERM, or the path of
 * a file that gets the epoch milliseconds of the moment in which it listens.
 */

const IN_C = String.raw`
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
int main(int count, char **words) {
  int stubborn = count > 2 && !strcmp(words[2], "stubborn");
  if (stubborn) signal(SIGTERM, SIG_IGN);
  int server = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {0};
  address.sin_family = AF_INET;
  address.sin_port = htons(atoi(words[1]));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (count > 2 && !stubborn) usleep(150000);
  if (bind(server, (void *)&address, sizeof address)) return 1;
  listen(server, 16);
  if (count > 2 && !stubborn) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    FILE *file = fopen(words[2], "w");
    fprintf(file, "%.3f", now.tv_sec * 1e3 + now.tv_nsec / 1e6);
    fclose(file);
  }
  for (;;) close(accept(server, 0, 0));
}
`;

const IN_PERL = String.raw`
use Socket; use Time::HiRes qw(time sleep);
my ($port, $word) = @ARGV;
my $stubborn = defined $word && $word eq "stubborn";
$SIG{TERM} = "IGNORE" if $stubborn;
socket(my $server, PF_INET, SOCK_STREAM, 0);
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
sleep 0.15 if defined $word && !$stubborn;
bind($server, sockaddr_in($port, INADDR_LOOPBACK)) or exit 1;
listen($server, 16);
if (defined $word && !$stubborn) {
  open my $file, ">", $word; printf $file "%.3f", time * 1e3; close $file;
}
while (accept(my $client, $server)) { close $client }
`;

/** Puts the program into a directory; returns the words that start it. */
export async function makeListener(directory: string): Promise<string> {
  const source = `${directory}/listener.c`;
  const program = `${directory}/listener`;
  await Deno.writeTextFile(source, IN_C);
  try {
    const { success } = await new Deno.Command("cc", {
      args: ["-O2", "-w", "-o", program, source],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    if (success) return program;
  } catch {
    // There is no compiler.
  }
  await Deno.writeTextFile(`${program}.pl`, IN_PERL);
  return `perl ${program}.pl`;
}
