/**
 * Ends our children when we are killed with -9 and cannot do it ourselves: a tiny `sh` in a session of its own
 * reads from a pipe whose other end only we hold, so the end of input means that we are gone.
 */
import { spawn } from 'node:child_process';
import type { Watch } from './child.ts';

export interface Reaper extends Watch {
  /** This directory is removed, too, if we die. */
  discard(directory: string): void;
  keep(): void;
  /** Lets the reaper go; what is still watched is ended. */
  close(): void;
}

/** Word and operand per line: `add TERM 12`, `remove 12`, `discard /tmp/x`, `keep`. */
const SCRIPT = `
trap '' INT TERM HUP
pids= directory=
while read -r word a b; do
  case $word in
    add) pids="$pids $b:$a" ;;
    remove) rest=; for p in $pids; do [ "\${p%%:*}" = "$a" ] || rest="$rest $p"; done; pids=$rest ;;
    discard) directory="$a\${b:+ $b}" ;;
    keep) directory= ;;
  esac
done
for p in $pids; do kill -s "\${p#*:}" "\${p%%:*}"; done
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
  alive=; for p in $pids; do kill -0 "\${p%%:*}" && alive=1; done
  [ "$alive" ] || break
  sleep 0.2
done
for p in $pids; do kill -s KILL "\${p%%:*}"; done
[ -z "$directory" ] || rm -rf -- "$directory"
`;

export function startReaper(): Reaper {
  const sh = spawn('sh', ['-c', SCRIPT], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const pipe = sh.stdin;
  // Without `sh` there is no safety net, but nothing else is lost.
  sh.on('error', () => undefined);
  pipe.on('error', () => undefined);
  sh.unref();
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  return {
    add: (pid, signal) => void pipe.write(`add ${signal.replace('SIG', '')} ${pid}\n`),
    remove: pid => void pipe.write(`remove ${pid}\n`),
    discard: directory => void pipe.write(`discard ${directory}\n`),
    keep: () => void pipe.write('keep\n'),
    close: () => void pipe.end(),
  };
}
