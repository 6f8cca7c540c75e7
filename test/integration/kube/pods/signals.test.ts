/** A signal from inside a container: the script under a real shell in a pid namespace's stead, and what is made of its words. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { epochMs, ms } from '../../../../src/core/units.ts';
import { type ExecRequest, type Executed, endOf } from '../../../../src/kube/client/exec.ts';
import { containerActs } from '../../../../src/kube/pods/container-acts.ts';
import { ContainerRuns } from '../../../../src/kube/pods/container-runs.ts';
import { PodLives } from '../../../../src/kube/pods/pod-lives.ts';
import { type PodJson, podRecord } from '../../../../src/kube/pods/pod-record.ts';
import { readOutcome, signalCommand } from '../../../../src/kube/pods/signal-script.ts';
import { ScriptedApi } from '../../../unit/kube/scripted-api.ts';

const at = epochMs(0);
const said = (given: Partial<Executed>): Executed => ({
  stdout: '',
  stderr: '',
  ended: 'exited',
  exitCode: 0,
  why: null,
  sentAt: at,
  answeredAt: at,
  ...given,
});

describe('the script', () => {
  it('is understood by the shell of this machine, and says when no process has that name', () => {
    const [shell = '', ...args] = signalCommand('SIGTERM', 'no-such-name', 'look');
    const out = execFileSync(shell, args, { encoding: 'utf8' });
    expect(out).toMatch(/^none( \S+)*\n$/);
  });
});

describe('the words of the script', () => {
  const refusal = (given: Partial<Executed>, signal = 'SIGTERM') => {
    const outcome = readOutcome(said(given), signal);
    if (outcome.kind !== 'refused') throw new Error(outcome.kind);
    return `expected ${outcome.expected}, got ${outcome.got}`;
  };

  it('that it signals count as sent, even when the answer breaks off after them', () => {
    expect(readOutcome(said({ stdout: 'signalling 7 app\ndone\n' }), 'SIGKILL')).toEqual({
      kind: 'sent',
      pid: 7,
    });
    expect(readOutcome(said({ stdout: 'signalling 1 app\n', exitCode: 137 }), 'SIGTERM').kind).toBe('sent');
  });

  it('that never came because the container died under it leave it to the proof', () => {
    expect(readOutcome(said({ exitCode: 137 }), 'SIGTERM').kind).toBe('unheard');
    expect(readOutcome(said({ ...endOf('') }), 'SIGTERM').kind).toBe('unheard');
  });

  it('and those of the kernel and the runtime are reasons', () => {
    expect(refusal({ stdout: 'ignored java\n' }, 'SIGKILL')).toBe(
      'expected a process that SIGKILL from inside its container can end, got java as process 1, for which the kernel drops SIGKILL from within',
    );
    expect(refusal({ stdout: 'ignored java\n' })).toContain('without a handler for SIGTERM');
    expect(refusal({ stdout: 'none sh java sh\n' })).toBe(
      'expected a process of that name in the container, got only sh, java',
    );
    expect(refusal({ stdout: 'several 3\n' })).toBe(
      'expected one process of that name in the container, got 3 of them',
    );
    expect(
      refusal({ stdout: 'signalling 7 app\n', stderr: 'kill: Operation not permitted\n', exitCode: 1 }),
    ).toBe('expected SIGTERM to process 7 app, got kill: Operation not permitted');
    const why = 'exec: "sh": executable file not found in $PATH: unknown';
    expect(refusal({ exitCode: null, why })).toBe(
      `expected a shell (sh) in the image, which sends the signal, got ${why}`,
    );
    expect(refusal({ exitCode: 2, stderr: 'syntax error' })).toBe(
      'expected a shell that can send a signal, got syntax error',
    );
  });
});

describe('the end of an exec', () => {
  it('is its exit code, or the reason why there is none', () => {
    expect(endOf('{"status":"Success"}')).toEqual({ ended: 'exited', exitCode: 0, why: null });
    const failed = { status: 'Failure', details: { causes: [{ reason: 'ExitCode', message: '3' }] } };
    expect(endOf(JSON.stringify(failed))).toEqual({ ended: 'exited', exitCode: 3, why: null });
    expect(endOf('{"status":"Failure","message":"no shell"}')).toEqual({
      ...{ ended: 'failed', exitCode: null, why: 'no shell' },
    });
    expect(endOf('')).toEqual({
      ...{ ended: 'unheard', exitCode: null, why: 'the connection ended without a status' },
    });
  });
});

const T0 = Date.parse('2026-11-21T07:00:00Z');
const iso = (second: number): string => new Date(T0 + second * 1000).toISOString();
interface Shown {
  readonly id: string | null;
  readonly startedAt?: number;
  readonly ready?: boolean;
  readonly ended?: { readonly id: string; readonly at: number; readonly code: number };
}
function pod({ id, startedAt = 0, ready = false, ended }: Shown): PodJson {
  const terminated = ended && { containerID: ended.id, finishedAt: iso(ended.at), exitCode: ended.code };
  return {
    metadata: { uid: 'u1', name: 'web-1', namespace: 'shop', resourceVersion: '1' },
    spec: { containers: [{ name: 'web' }] },
    status: {
      phase: 'Running',
      conditions: ready ? [{ type: 'Ready', status: 'True', lastTransitionTime: iso(startedAt) }] : [],
      containerStatuses: [
        {
          name: 'web',
          ready,
          ...(id !== null && { containerID: id }),
          state: id === null ? {} : { running: { startedAt: iso(startedAt) } },
          ...(terminated && { lastState: { terminated } }),
        },
      ],
    },
  };
}

describe('the runs of a container', () => {
  it('are told apart by id, with the stamps of the kubelet and the endpoints that came back', () => {
    const runs = new ContainerRuns();
    const time = (second: number) => epochMs(T0 + second * 1000);
    runs.seen(podRecord(pod({ id: 'a', startedAt: 1, ready: true })), time(2), time(1));
    runs.endpoint('u1', true, time(2), ms(5));
    const ended = { id: 'a', at: 10, code: 137 };
    runs.seen(podRecord(pod({ id: null, ended })), time(10.4), time(10));
    runs.endpoint('u1', false, time(10.5), ms(5));
    runs.seen(podRecord(pod({ id: 'b', startedAt: 10, ended })), time(12), time(11));
    runs.seen(podRecord(pod({ id: 'b', startedAt: 10, ready: true, ended })), time(13), time(12));
    runs.endpoint('u1', true, time(13.1), ms(5));
    const [first, second] = runs.lives('web', 'web');
    expect(first).toMatchObject({ run: { container: 'web', id: 'a' }, endedAt: time(10.4) });
    // The truncated stamp is 10, and the kubelet reported it at 12: the event was before 11.
    expect(second).toMatchObject({ run: { id: 'b' }, startedAt: time(11), readyAt: time(13), endedAt: null });
    expect(second?.marks?.find((one) => one.name === 'endpoint ready')?.at).toBe(time(13.1));
    expect(runs.lives('web', 'sidecar')).toEqual([]);
  });

  it('end with their pod', () => {
    const runs = new ContainerRuns();
    runs.seen(podRecord(pod({ id: 'a', startedAt: 1 })), epochMs(T0 + 5000), epochMs(T0));
    runs.gone('u1', epochMs(T0 + 9000), epochMs(T0 + 8000));
    expect(runs.lives('web', 'web')[0]?.endedAt).toBe(T0 + 9000);
  });
});

describe('a signal to one run of a container', () => {
  const VICTIM = {
    service: 'web',
    instance: 'web-1',
    namespace: 'shop',
    uid: 'u1',
    run: { container: 'web', id: 'a' },
  };
  function rig(now: Shown, uid = 'u1') {
    const api = new ScriptedApi();
    const json = pod(now);
    api.answers.set('/api/v1/namespaces/shop/pods/web-1', () => ({
      ...json,
      metadata: { ...json.metadata, uid },
    }));
    const asked: ExecRequest[] = [];
    const exec = async (request: ExecRequest) => {
      asked.push(request);
      return said({ stdout: 'ignored app\n' });
    };
    const where = { namespace: 'shop', selector: 'app=web' };
    return { acts: containerActs(api, exec, () => new PodLives(api, 'web', where)), asked };
  }

  it('is not sent to a pod of the same name, nor to the next run', async () => {
    for (const { acts, asked } of [rig({ id: 'a' }, 'u2'), rig({ id: 'b' }), rig({ id: null })]) {
      await acts.checkSignal(VICTIM, 'SIGTERM', null);
      expect(asked).toEqual([]);
    }
  });

  it('that cannot arrive is refused with container and pod', async () => {
    const { acts, asked } = rig({ id: 'a' });
    await expect(acts.checkSignal(VICTIM, 'SIGTERM', null)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(
        /^SIGTERM in container web of pod web-1: expected a process that SIGTERM/,
      ),
    });
    expect(asked.map((one) => [one.pod, one.container, one.command.slice(-3)])).toEqual([
      ['web-1', 'web', ['TERM', '', 'look']],
    ]);
  });
});
