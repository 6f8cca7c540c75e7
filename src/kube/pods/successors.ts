/**
 * Which controller replaces a pod, from its current state. The reference on the pod gives the kind; the
 * controller's own object shows whether it still creates successors. A pod without a replacement is reported
 * with the reason; nothing is guessed.
 */

import type { PodSelector } from '../../core/acts/kubernetes-handle.ts';
import type { Successor, SuccessorActs } from '../../core/acts/successors.ts';
import { own } from '../../core/own.ts';
import { ApiError } from '../client/api-error.ts';
import type { KubeApi } from '../client/client.ts';
import { OWNER_KINDS, type OwnerJson, type OwnerKind, PARENT_KINDS } from './owner-kinds.ts';
import { listPods } from './pod-list.ts';
import { controllerOf, isOver, type OwnerRef, type PodRecord } from './pod-record.ts';

type Services = Readonly<Record<string, PodSelector>>;

export function successorActs(client: KubeApi, services: Services): SuccessorActs {
  return {
    async of(victims) {
      const pods = new Map<string, PodRecord>();
      for (const service of new Set(victims.map((one) => one.service))) {
        const where = own(services, service);
        for (const pod of where ? (await listPods(client, where)).items : []) pods.set(pod.uid, pod);
      }
      const found = victims.map((one) => ('uid' in one ? pods.get(one.uid) : undefined));
      const siblings = (pod: PodRecord): number =>
        found.filter((one) => one !== undefined && keyOf(one) === keyOf(pod)).length;
      const answers: Successor[] = [];
      for (const [index, pod] of found.entries()) {
        const service = victims[index]?.service ?? '';
        const replacedBy = own(services, service)?.replacedBy;
        answers.push(
          pod === undefined
            ? { kind: 'none', why: 'it no longer exists' }
            : await successorOf(client, pod, { service, replacedBy, victims: siblings(pod) }),
        );
      }
      return answers;
    },
  };
}

const keyOf = ({ namespace, owner }: PodRecord): string =>
  owner === null ? '' : [namespace, owner.group, owner.kind, owner.name].join('/');

interface Asked {
  readonly service: string;
  /** The owner's declaration in the target file. */
  readonly replacedBy: string | undefined;
  /** Pods of the same owner, including this one. */
  readonly victims: number;
}

const none = (why: string, fix?: string): Successor => ({
  kind: 'none',
  why,
  ...(fix !== undefined && { fix }),
});

async function successorOf(client: KubeApi, pod: PodRecord, asked: Asked): Promise<Successor> {
  const { owner } = pod;
  if (pod.isMirror || (owner?.kind === 'Node' && owner.group === '')) {
    const fix = 'Its kubelet reads it from a file of the node: deleting the pod ends no process.';
    return none(`it is a static pod of node ${owner?.name ?? pod.node ?? '(not known)'}`, fix);
  }
  if (owner === null) return none('it has no owner');
  if (isOver(pod)) return none(`it is over (${pod.phase})`);
  const by = `${owner.kind} ${owner.name}`;
  const kind = OWNER_KINDS.get(`${owner.group}/${owner.kind}`);
  if (kind === undefined) return byDeclaration(owner, by, asked);
  const seen = await look(client, kind, owner, pod.namespace);
  if (seen.kind === 'gone') return none(`its owner ${by} is gone`);
  if (seen.kind === 'not-seen') {
    return kind.mustBeSeen ? none(`its owner ${by} cannot be read (${seen.why})`) : { kind: 'comes', by };
  }
  const why =
    whyNot(seen.object, owner) ??
    kind.judge(seen.object, pod.name, asked.victims) ??
    (await whyNotItsParent(client, seen.object, pod.namespace));
  return why === null ? { kind: 'comes', by } : none(`its owner is ${by}, and ${why}`);
}

/** An unknown kind counts as replacing pods only when the target file says so. */
function byDeclaration(owner: OwnerRef, by: string, { service, replacedBy }: Asked): Successor {
  if (replacedBy === owner.kind) return { kind: 'comes', by };
  const said =
    replacedBy === undefined
      ? `its owner ${by} is of a kind that is not known to replace pods`
      : `its owner is ${by}, and the target file says replacedBy: ${replacedBy}`;
  return none(
    said,
    `If that controller creates new pods, declare replacedBy: ${owner.kind} in the target file, where ${service} is found: services.${service}.find.kubernetes, in older files kubernetes.services.${service}.`,
  );
}

/** For any owner. */
function whyNot({ metadata }: OwnerJson, { uid }: Pick<OwnerRef, 'uid'>): string | null {
  if (metadata?.deletionTimestamp !== undefined) return 'it is being deleted';
  const isOther = uid !== null && metadata?.uid !== undefined && metadata.uid !== uid;
  return isOther ? 'it was replaced by another of its name' : null;
}

async function whyNotItsParent(
  client: KubeApi,
  object: OwnerJson,
  namespace: string,
): Promise<string | null> {
  const parent = controllerOf(object.metadata ?? {});
  const kind = parent === null ? undefined : PARENT_KINDS.get(`${parent.group}/${parent.kind}`);
  if (parent === null || kind === undefined) return null;
  const seen = await look(client, kind, parent, namespace);
  const by = `its ${parent.kind} ${parent.name}`;
  if (seen.kind === 'gone') return `${by} is gone`;
  if (seen.kind === 'not-seen') return null;
  const why = whyNot(seen.object, parent) ?? kind.judge(seen.object, '', 1);
  return why === null ? null : `of ${by}: ${why}`;
}

type Seen =
  | { readonly kind: 'seen'; readonly object: OwnerJson }
  | { readonly kind: 'gone' }
  | { readonly kind: 'not-seen'; readonly why: string };

/**
 * `gone` only when the server reports that this object does not exist: a path that it does not serve proves
 * nothing.
 * @throws ApiError for a missing permission that `gauntlet rbac` would give; ApiUnreachable.
 */
async function look(
  client: KubeApi,
  { plural, version, isBuiltIn }: OwnerKind,
  { group, name, kind }: OwnerRef,
  namespace: string,
): Promise<Seen> {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const path = `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`;
  const what = `get ${kind} ${name} in ${namespace}`;
  try {
    return { kind: 'seen', object: (await client.ask<OwnerJson>({ method: 'GET', path, what })).body };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404 && error.answer.details?.name === name) return { kind: 'gone' };
    if (error.status === 404 || (error.status === 403 && !isBuiltIn)) {
      return { kind: 'not-seen', why: String(error.status) };
    }
    throw error;
  }
}
