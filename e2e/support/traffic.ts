import type { BrowserContext, Response } from '@playwright/test'

/** What the tabs of one browser send to the API. */
export interface Traffic {
  /** How many requests carried the operation. */
  count(operation: string): number
  /** HTTP statuses of the answers, with what was asked. */
  readonly answers: readonly { operation: string; status: number }[]
  /** The generation of every access token that a refresh gave. */
  generations(): Promise<number[]>
  clear(): void
}

/** Watches every GraphQL request of all tabs, present and future. */
export function watchTraffic(context: BrowserContext): Traffic {
  const sent: string[] = []
  const answers: { operation: string; status: number }[] = []
  const refreshes: Promise<number | null>[] = []
  context.on('request', (request) => {
    const operation = operationOf(request.postData())
    if (operation) sent.push(operation)
  })
  context.on('response', (response) => {
    const operation = operationOf(response.request().postData())
    if (operation) answers.push({ operation, status: response.status() })
    if (operation === 'SilentRefresh') refreshes.push(generationOf(response))
  })
  return {
    answers,
    count: (operation) => sent.filter((one) => one === operation).length,
    generations: async () => (await Promise.all(refreshes)).filter((generation) => generation !== null),
    clear() {
      sent.length = 0
      answers.length = 0
      refreshes.length = 0
    },
  }
}

function operationOf(body: string | null): string | null {
  return body?.match(/(?:query|mutation|subscription) (\w+)/)?.[1] ?? null
}

/** Null for a refusal, and for an answer that its page did not stay for. */
async function generationOf(response: Response): Promise<number | null> {
  try {
    const { data } = (await response.json()) as { data: { refreshToken: { accessToken: string } } }
    const [, claims = ''] = data.refreshToken.accessToken.split('.')
    return JSON.parse(Buffer.from(claims, 'base64url').toString()).gen
  } catch {
    return null
  }
}
