/**
 * The identity of callers. The sandbox runs with TOKEN_VALIDATION_ENABLED=false, because it has no Keycloak:
 * every request has this identity, and routes that need the admin role always refuse it.
 */
import type { Reply } from '../http-app.ts';

export const IDENTITY = { userId: 'test-user-123', tenant: 'gateway-intencoes', roles: ['user'] } as const;

const KEYCLOAK = 'https://keycloak.neural-hive.local/auth/realms/neural-hive';

export function authenticationFailed(message: string, environment: string): Reply {
  const inDev: Record<string, string> = {
    'x-keycloak-url': KEYCLOAK,
    'x-jwks-uri': `${KEYCLOAK}/protocol/openid-connect/certs`,
  };
  return {
    status: 401,
    body: { error: 'authentication_failed', message },
    headers: {
      'www-authenticate': 'Bearer realm="neural-hive"',
      'x-auth-error': message,
      ...(environment === 'dev' ? inDev : {}),
    },
  };
}
