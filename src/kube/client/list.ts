/** The objects of a collection as they are now: asked anew each time, page by page, so that memory does not grow with the cluster. */
import type { EpochMs } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { ApiError } from './api-error.ts';
import type { KubeApi } from './client.ts';

interface ListJson<T> {
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
  readonly items?: readonly T[];
}

export interface Listed<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  /** What is newer than the list happened after this. */
  readonly sentAt: EpochMs;
}

/** Measured with 5,000 pods of 6.6 kB: pages of 500 (as kubectl) peak at 148 MB, of 100 some 20 MB lower in the same time. */
const PAGE = 100;
/** A list that outlives its snapshot (5 minutes by default) is begun again, this often. */
const RESTARTS = 2;

/** @throws ApiError, ApiUnreachable. */
export async function listAll<Json, T>(
  client: KubeApi,
  request: {
    readonly path: string;
    readonly what: string;
    readonly selector?: string;
    readonly page?: number;
  },
  pick: (json: Json) => T,
): Promise<Listed<T>> {
  for (let restart = 0; ; restart += 1) {
    try {
      return await listPages(client, request, pick);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 410 || restart === RESTARTS) throw error;
    }
  }
}

async function listPages<Json, T>(
  client: KubeApi,
  { path, what, selector, page = PAGE }: { path: string; what: string; selector?: string; page?: number },
  pick: (json: Json) => T,
): Promise<Listed<T>> {
  const items: T[] = [];
  let next: string | undefined;
  const sentAt = monotonicClock.now();
  for (;;) {
    const query = { limit: page, labelSelector: selector, continue: next };
    const { body } = await client.ask<ListJson<Json>>({ method: 'GET', path, what, query });
    for (const item of body.items ?? []) items.push(pick(item));
    next = body.metadata?.continue;
    if (next === undefined || next === '')
      return { items, resourceVersion: body.metadata?.resourceVersion ?? '', sentAt };
  }
}

export const podsPath = (namespace: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
