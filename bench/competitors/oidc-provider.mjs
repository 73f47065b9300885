// node-oidc-provider with a public client whose refresh tokens rotate. Without DATABASE_URL it stores everything in memory,
// as it ships.
import { generateKeyPairSync } from 'node:crypto'
import Provider from 'oidc-provider'
import { createPostgresAdapter } from './oidc-postgres-adapter.mjs'

const { PORT, DATABASE_URL, CONNECTIONS, SCOPE = 'openid offline_access' } = process.env
const clientId = 'bench'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const provider = new Provider(`http://127.0.0.1:${PORT}`, {
  ...(DATABASE_URL !== undefined && { adapter: await createPostgresAdapter(DATABASE_URL) }),
  clients: [
    {
      client_id: clientId,
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['https://app.example.com/callback'],
    },
  ],
  cookies: { keys: ['a key that only this benchmark uses'] },
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  rotateRefreshToken: true,
  features: { devInteractions: { enabled: false } },
  ttl: { AccessToken: 3_600, Grant: 1_209_600, IdToken: 3_600, RefreshToken: 1_209_600 },
})

/** What a sign-in in the browser would have stored. */
async function signIn(accountId) {
  const grant = new provider.Grant({ accountId, clientId })
  grant.addOIDCScope(SCOPE)
  const token = new provider.RefreshToken({
    accountId,
    client: await provider.Client.find(clientId),
    grantId: await grant.save(),
    gty: 'authorization_code',
    scope: SCOPE,
    authTime: Math.floor(Date.now() / 1_000),
    claims: {},
  })
  return token.save()
}

const tokens = []
for (let index = 1; index <= Number(CONNECTIONS); index += 1) tokens.push(await signIn(`account-${index}`))
provider.listen(Number(PORT), '127.0.0.1', () => process.send?.({ tokens }))
