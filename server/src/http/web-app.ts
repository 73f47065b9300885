import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'

const ONE_YEAR_MS = 365 * 86_400_000

/** Serves the built web app. Returns false when it has not been built; the server then offers only the API. */
export async function serveWebApp(
  app: FastifyInstance,
  root: string,
  { playground }: Pick<Config, 'playground'>,
): Promise<boolean> {
  if (!existsSync(join(root, 'index.html'))) return false
  await app.register(fastifyStatic, {
    root,
    wildcard: false,
    ...(!playground && { globIgnore: ['playground.html*'] }),
    cacheControl: false,
    // The build also wrote compressed copies of each file.
    preCompressed: true,
    setHeaders: (reply, path) => {
      // Built files have a hash in their name and never change; browsers must revalidate pages.
      const immutable = path.startsWith(join(root, 'assets'))
      reply.header('vary', 'accept-encoding, origin')
      reply.header('cache-control', immutable ? `public, max-age=${ONE_YEAR_MS / 1000}, immutable` : 'no-cache')
    },
  })
  return true
}

/** True when a browser navigates to a page; API clients do not ask for HTML. */
export function wantsPage(request: FastifyRequest): boolean {
  return request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
}
