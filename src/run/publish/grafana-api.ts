/** The annotations of a Grafana (HTTP API, `/api/annotations`), as far as one run needs them. */
import { z } from 'zod';
import type { FaultAnnotation } from '../../core/annotation.ts';
import { ask, type HttpAnswer, type HttpLimits, type HttpRequest } from '../../system/http/ask.ts';
import type { Endpoint } from './endpoint.ts';
import { isGood, Refusal, refusalOf } from './refusal.ts';

/** Without a limit it answers with 100, and says nothing of the others. */
const PAGE = 1000;
/** A run has no more faults; more annotations than this are not ours. */
const MOST = 10_000;
const MOST_BYTES = 32 * 1024 * 1024;

const placed = z.object({
  id: z.number(),
  time: z.number(),
  /** 0 or `time`: an instant. */
  timeEnd: z.number().nullish(),
  text: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  /** Absent in old versions. */
  dashboardUID: z.string().nullish(),
});
export type Placed = z.output<typeof placed>;

export class GrafanaApi {
  readonly #endpoint: Endpoint;
  readonly #limits: HttpLimits;

  constructor(endpoint: Endpoint, limits: HttpLimits) {
    this.#endpoint = endpoint;
    this.#limits = limits;
  }

  /** All that have every one of the tags. */
  async find(tags: readonly string[]): Promise<readonly Placed[]> {
    for (let limit = PAGE; ; limit = MOST) {
      const query = new URLSearchParams([
        ...tags.map((one): [string, string] => ['tags', one]),
        ['limit', String(limit)],
      ]);
      const answer = await this.#send('read annotations', 'annotations:read', {
        ...{ method: 'GET', url: `?${query}`, repeatable: true, most: MOST_BYTES },
      });
      const found = z.array(placed).safeParse(jsonOf(answer));
      if (!found.success)
        throw new Refusal(
          'its answer is not a list of annotations',
          'Check that the URL is that of Grafana.',
        );
      if (found.data.length < limit) return found.data;
      if (limit === MOST)
        throw new Refusal(`it has ${MOST.toLocaleString('en')} annotations or more of this run`, null);
    }
  }

  async create(annotation: FaultAnnotation, dashboard: string | null): Promise<void> {
    const body = { ...bodyOf(annotation), ...(dashboard !== null && { dashboardUID: dashboard }) };
    // After a lost answer it may be there: the next push finds it by its tags.
    await this.#send('create an annotation', 'annotations:create', {
      ...{ method: 'POST', url: '', body: JSON.stringify(body), repeatable: false },
    });
  }

  async change(id: number, annotation: FaultAnnotation): Promise<void> {
    await this.#send('change an annotation', 'annotations:write', {
      ...{ method: 'PATCH', url: `/${id}`, body: JSON.stringify(bodyOf(annotation)), repeatable: true },
    });
  }

  async remove(id: number): Promise<void> {
    await this.#send('delete an annotation', 'annotations:delete', {
      ...{ method: 'DELETE', url: `/${id}`, repeatable: true },
    });
  }

  async #send(what: string, permission: string, request: Omit<HttpRequest, 'headers'>): Promise<HttpAnswer> {
    const url = `${this.#endpoint.base}/api/annotations${request.url}`;
    const headers = { ...this.#endpoint.headers, 'content-type': 'application/json' };
    const answer = await ask({ ...request, url, headers }, this.#limits);
    // Deleted by somebody else meanwhile.
    if (isGood(answer) || (request.method === 'DELETE' && answer.status === 404)) return answer;
    throw refusalOf(`to ${what}`, answer, {
      401: 'Check its token: it may have expired, or belong to another Grafana.',
      403: `Give the service account of its token the permission ${permission}.`,
      404: 'Check the path in its URL, and the uid of its dashboard.',
    });
  }
}

/** An open region has no end. */
const bodyOf = ({ time, timeEnd, tags, text }: FaultAnnotation): object => ({
  ...{ time, tags, text },
  timeEnd: timeEnd ?? time,
});

function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
