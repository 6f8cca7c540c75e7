/**
 * Sends a signal to a process of a container from inside it, with only a shell. The kernel drops a signal
 * from within that would end process 1 of a pid namespace: SIGKILL always, others unless it has a handler
 * (pid_namespaces(7)). The script checks this first and reports it, instead of sending a signal that cannot
 * arrive.
 */
import type { Executed } from '../client/exec.ts';

export type SignalOutcome =
  | { readonly kind: 'sent'; readonly pid: number }
  /** Its container died during the command: by this signal or otherwise; the proof decides. */
  | { readonly kind: 'unheard' }
  | { readonly kind: 'refused'; readonly expected: string; readonly got: string; readonly next: string };

/**
 * The container's processes are those of our own cgroup: in a shared namespace others are visible as well.
 * Its main process is the oldest. $1 KILL or TERM, $2 a name as in /proc/PID/comm or nothing, $3 `look` to
 * send nothing. Only builtins: images have little more than a shell.
 */
const SCRIPT = `
group() { found=; while read -r line; do found="$found$line|"; done <"/proc/$1/cgroup"; }
group self; mine=$found
best=; names=; count=0
for folder in /proc/[0-9]*; do
  pid=\${folder#/proc/}
  [ "$pid" = $$ ] && continue
  { group "$pid" && read -r line <"/proc/$pid/stat"; } 2>/dev/null || continue
  [ "$found" = "$mine" ] || continue
  name=\${line#*(}; name=\${name%)*}; rest=\${line##*) }
  signal=$1 wanted=$2 mode=$3
  set -- $rest
  state=$1; shift 19; start=$1
  set -- "$signal" "$wanted" "$mode"
  [ "$state" = Z ] && continue
  names="$names $name"
  [ -n "$2" ] && [ "$name" != "$2" ] && continue
  count=$((count + 1))
  if [ -z "$best" ] || [ "$start" -lt "$first" ]; then best=$pid; first=$start; who=$name; fi
done
if [ -z "$best" ]; then echo "none$names"; exit 0; fi
if [ -n "$2" ] && [ "$count" -gt 1 ]; then echo "several $count"; exit 0; fi
if [ "$best" = 1 ]; then
  caught=
  while read -r key value; do [ "$key" = SigCgt: ] && caught=$value; done </proc/1/status
  caught=\${caught%???}; digit=\${caught#"\${caught%?}"}
  case "$1$digit" in TERM[4-7c-fC-F]) ;; *) echo "ignored $who"; exit 0 ;; esac
fi
echo "signalling $best $who"
[ "$3" = look ] && exit 0
kill -"$1" "$best" && echo done
`;

/** @param mode `look`: only reports what it would do. */
export const signalCommand = (
  signal: 'SIGKILL' | 'SIGTERM',
  process: string | null,
  mode: 'send' | 'look',
): readonly string[] => ['sh', '-c', SCRIPT, 'gauntlet', signal.slice('SIG'.length), process ?? '', mode];

export const DELETE_INSTEAD = 'Leave out via: signal: the pod is then deleted.';

/** @param signal only for the text. */
export function readOutcome(
  { stdout, stderr, ended, exitCode, why }: Executed,
  signal: string,
): SignalOutcome {
  const lines = stdout.split('\n').filter((line) => line !== '');
  const [word = '', ...rest] = lines[0]?.split(' ') ?? [];
  const refused = (expected: string, got: string, next: string): SignalOutcome => ({
    kind: 'refused',
    expected,
    got,
    next,
  });
  switch (word) {
    case 'signalling':
      if (!lines.includes('done') && exitCode !== null && stderr.trim() !== '') {
        return refused(`${signal} to process ${rest.join(' ')}`, stderr.trim(), DELETE_INSTEAD);
      }
      return { kind: 'sent', pid: Number(rest[0]) };
    case 'ignored':
      return refused(
        `a process that ${signal} from inside its container can end`,
        signal === 'SIGKILL'
          ? `${rest.join(' ')} as process 1, for which the kernel drops SIGKILL from within`
          : `${rest.join(' ')} as process 1 without a handler for ${signal}, for which the kernel drops it`,
        `Set shareProcessNamespace: true in the pod, or name another process. ${DELETE_INSTEAD}`,
      );
    case 'none':
      return refused(
        'a process of that name in the container',
        `only ${[...new Set(rest)].join(', ')}`,
        'Names are those of /proc/PID/comm.',
      );
    case 'several':
      return refused(
        'one process of that name in the container',
        `${rest[0]} of them`,
        'Leave out process: the main one is signalled.',
      );
    default:
      if (why !== null && /executable file not found|no such file/i.test(why)) {
        return refused('a shell (sh) in the image, which sends the signal', why, DELETE_INSTEAD);
      }
      // 137: the namespace ended with its process 1, and with it the command.
      if (exitCode === 137 || ended === 'unheard') return { kind: 'unheard' };
      return refused(
        'a shell that can send a signal',
        why ?? (stderr.trim() || `exit code ${exitCode}`),
        DELETE_INSTEAD,
      );
  }
}
