import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../../src/kube/client/api-error.ts';

const said = (status: number, message: string): string =>
  new ApiError('https://api.test', 'add a container', status, { message }).message;

describe('what an API server answers instead', () => {
  it.each([
    [
      401,
      'Unauthorized',
      'expected credentials that the API server accepts, got 401 Unauthorized. The token or certificate of this context has expired or was revoked: log in again and repeat.',
    ],
    [
      403,
      'pods is forbidden',
      'expected the permission for it, got pods is forbidden. The minimal Role that Gauntlet needs: gauntlet rbac <target>',
    ],
    [
      403,
      'pods "a" is forbidden: violates PodSecurity "restricted:latest"',
      'expected a namespace whose Pod Security level admits it, got pods "a" is forbidden: violates PodSecurity "restricted:latest". ' +
        'Rules in a pod need its level privileged; kubernetes: { network: network-policy } and deletion of pods do not.',
    ],
    [409, 'exists', 'expected an answer, got 409 exists.'],
  ])('%s %s is said with what to do next', (status, message, text) => {
    expect(said(status, message)).toBe(`add a container at https://api.test: ${text}`);
  });
});
