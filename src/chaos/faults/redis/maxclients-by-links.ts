/**
 * The links reject new connections in the place of Redis, with its own answer. Nothing of the server changes,
 * and the proxy ends it without a renewal: for platforms that have no connection which could raise a lowered
 * limit again.
 */
import type { LinkEffect, LinkState } from '../../../core/acts/link-acts.ts';
import { GauntletError } from '../../../core/errors.ts';
import { endpointOf } from '../../../core/topology.ts';
import type { Evidence, Proof } from '../../fault.ts';
import { theService } from '../../speakers.ts';
import { platformTimers, type World } from '../../world.ts';
import { countEffect } from '../links/link-counts.ts';
import {
  crossing,
  impairmentId,
  type LinkAct,
  type LinkUndo,
  linkFaultVerbs,
  undoFor,
} from '../links/link-impairment.ts';
import { LINK_PERMISSIONS } from '../links/link-pair.ts';
import { EXPECTED, type MaxclientsMeans, NAME, timersOf } from './maxclients-means.ts';
import { checkNode, groupOf } from './redis-nodes.ts';
import { judgeRedis } from './redis-proof.ts';

/** As Redis writes it: before it has read anything, so also to a client that begins with AUTH or HELLO. */
const ANSWER = '-ERR max number of clients reached\r\n';

export type RejectAct = LinkAct & { readonly service: string };

export const byLinks: MaxclientsMeans<RejectAct, LinkUndo> = {
  permissions: LINK_PERMISSIONS,

  async plan(spec, world) {
    const service = theService(NAME, 'redis', spec.service, world);
    checkNode(NAME, { service, node: spec.node }, world);
    const touched = await rejectingLinks(service, world);
    const id = impairmentId(NAME);
    const names = touched.map((link) => link.name);
    const open = touched.reduce((sum, link) => sum + link.connections, 0);
    const effect = effectOn(service, world);
    const by = names.length > 3 ? `${names.length} links` : names.join(', ');
    return {
      fault: NAME,
      victim: `${service} by its links (${by})`,
      victims: [service],
      probes: crossing(touched, world),
      touches: names,
      timers: [
        `By its links (${by}): the proxy rejects new connections in the place of Redis. Clients that do not take these links are not rejected.`,
        ...(effect.kind === 'reject' && effect.answer === undefined
          ? ['The links carry TLS: a new connection is closed without an answer, as Redis does it.']
          : []),
        ...timersOf(open),
        'A new connection that is rejected is the proof: clients that keep theirs and open none show nothing.',
        ...platformTimers(world, /redis/i),
      ],
      permissions: LINK_PERMISSIONS,
      impact: { services: [service], killed: [], brokersLost: [], outageAccepted: false },
      undo: { fault: NAME, data: undoFor(id, touched) },
      act: { id, links: names, effect, service },
    };
  },

  ...linkFaultVerbs<RejectAct>(NAME),

  expect: ({ act, probes }) => ({
    text: 'new connections of the links are rejected, and those that are open carry answers',
    observe: ['links'],
    judge: (evidence) => judgeRejected(act, probes, evidence),
  }),
};

/** Redis reads the client's TLS only after it has counted the connection. */
const effectOn = (service: string, { platform }: World): LinkEffect => {
  const at = endpointOf(platform.topology, service, 'redis')?.at ?? [];
  const isTls = at.some(({ access }) => access?.tls !== undefined);
  return { kind: 'reject', ...(!isTls && { answer: ANSWER }) };
};

/** The links' counters must show it, and a probe that crosses them too. */
function judgeRejected(act: RejectAct, probes: readonly string[], evidence: Evidence): Proof {
  const counted = countEffect(act.links, act.effect, evidence);
  const seen =
    probes.length === 0
      ? { kind: 'seen' as const, held: 'no probe', fresh: 'no probe' }
      : judgeRedis(act.service, EXPECTED, evidence);
  const { held, fresh } = seen;
  if (counted.kind === 'not-yet') return { kind: 'not-yet', held, fresh, evidence: counted.text };
  if (seen.kind === 'not-yet') return seen;
  const times =
    'at' in seen ? { at: seen.at, boundMs: seen.boundMs } : { at: counted.at, boundMs: counted.boundMs };
  return { kind: 'seen', ...times, held, fresh, evidence: `by its links: ${counted.text}` };
}

/** @throws refused where no link to the service can do it, with what to do. */
async function rejectingLinks(service: string, world: World): Promise<readonly LinkState[]> {
  const group = groupOf(service, world);
  if (group !== undefined) {
    const what = group.kind === 'cluster' ? 'a Redis Cluster' : 'a Redis with Sentinels';
    throw refused(service, {
      expected: 'one server that its clients dial at one address',
      got: `${what}, whose nodes send clients past a link`,
      next: 'Use redis-kill-connections or redis-pause, which act on its nodes.',
    });
  }
  const { links } = world.platform;
  // Others do not pass through a proxy, and would only be asked in vain.
  const all = links === undefined || links.preview !== undefined ? [] : await links.list();
  const found = all.filter((link) => link.to === service && link.traffic.rejected !== undefined);
  if (found.length > 0) return found;
  throw refused(service, {
    expected: `a link to ${service} that gauntlet proxy carries, or a connection to Redis that outlives the harness`,
    got: 'neither: at its client limit Redis would also turn away the undo',
    next: canHaveLinks(world)
      ? `Add one to the target file, such as links: [{ from: web, to: ${service}, listen: "127.0.0.1:16379", dial: "127.0.0.1:6379" }], and start gauntlet proxy up.`
      : 'Run it on the sandbox, or use redis-kill-connections or cut-link.',
  });
}

/** Target files of these platforms take links. */
const canHaveLinks = ({ platform }: World): boolean => platform.handle.addresses !== undefined;

const refused = (
  service: string,
  problem: { readonly expected: string; readonly got: string; readonly next: string },
): GauntletError => new GauntletError('refused', [{ subject: `${NAME} on ${service}`, ...problem }]);
