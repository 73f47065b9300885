import type { BrowserContext, Response } from '@playwright/test'

/** The requests that the tabs of one browser send to the API. */
export interface Traffic {
  /** The number of requests with the operation. */
  count(operation: string): number
  /** The HTTP status of each response, with its operation. */
  readonly responses: readonly { operation: string; status: number }[]
  /** The generation of each access token that a refresh returned. */
  generations(): Promise<number[]>
  clear(): void
}

/** Watches the GraphQL requests of all present and future tabs. */
export function watchTraffic(context: BrowserContext): Traffic {
  const sent: string[] = []
  const responses: { operation: string; status: number }[] = []
  const refreshes: Promise<number | null>[] = []
  context.on('request', (request) => {
    const operation = operationOf(request.postData())
    if (operation) sent.push(operation)
  })
  context.on('response', (response) => {
    const operation = operationOf(response.request().postData())
    if (operation) responses.push({ operation, status: response.status() })
    if (operation === 'SilentRefresh') refreshes.push(generationOf(response))
  })
  return {
    responses,
    count: (operation) => sent.filter((one) => one === operation).length,
    generations: async () => (await Promise.all(refreshes)).filter((generation) => generation !== null),
    clear() {
      sent.length = 0
      responses.length = 0
      refreshes.length = 0
    },
  }
}

function operationOf(body: string | null): string | null {
  return body?.match(/(?:query|mutation|subscription) (\w+)/)?.[1] ?? null
}

/** Null for a refusal, and for a response whose page has been closed. */
async function generationOf(response: Response): Promise<number | null> {
  try {
    const { data } = (await response.json()) as { data: { refreshToken: { accessToken: string } } }
    const [, claims = ''] = data.refreshToken.accessToken.split('.')
    return JSON.parse(Buffer.from(claims, 'base64url').toString()).gen
  } catch {
    return null
  }
}
