import type { Fetcher, FetcherParams } from '@graphiql/toolkit'
import { OperationTypeNode } from 'graphql'
import { silentRefreshFetch } from '../../fetch/silent-refresh-fetch.ts'
import { RefreshFailedError, type Session, SessionEndedError } from '../../index.ts'
import { endWords } from '../session/end-words.ts'
import { authorizationByHand } from './authorization-by-hand.ts'
import { fillInSession } from './fill-in-session.ts'
import { hasOperation, type Operation, readOperation, rootFieldsOf } from './read-operation.ts'
import { runSubscription } from './run-subscription.ts'
import { watchTokens } from './watch-tokens.ts'

export interface PlaygroundFetcherOptions {
  readonly session: Session
  readonly url: string
  /** Called before an operation uses the session's token. */
  readonly onTokenUse: () => void
  /** Called before a `logout` of this session is sent. @returns what is called when the logout is done or has failed. */
  readonly expectSignOut: () => () => void
  /** Receives what the user should know about the last operation, if anything. */
  readonly notify: (words: string | null) => void
  /** Receives why the page has no schema, and null once it has one. */
  readonly reportSchema: (words: string | null) => void
  /** Receives the state of the subscription. */
  readonly reportSubscription: (words: string | null, isRunning: boolean) => void
}

const visitorWords = (what: string) => `Sign in with the bar at the top of the page to run this ${what}.`

const NO_SCHEMA =
  'The server does not publish its schema, so there is no documentation and no completion. `PUBLISH_SCHEMA=true` publishes it.'

type TabHeaders = Record<string, string>

/**
 * Sends the operations of the editor with the session of the page. A header `Authorization` in the tab takes the place of
 * the session: then no token is added and nothing is refreshed.
 */
export function createPlaygroundFetcher(options: PlaygroundFetcherOptions): Fetcher {
  const { session, url, notify, reportSubscription } = options
  const withSession = silentRefreshFetch(session)

  async function post(params: FetcherParams, headers: TabHeaders, send: typeof fetch) {
    const all = new Headers({ 'content-type': 'application/json', accept: ACCEPT })
    for (const [name, value] of Object.entries(headers)) all.set(name, String(value))
    const response = await send(url, { method: 'POST', headers: all, body: JSON.stringify(params) })
    const text = await response.text()
    try {
      return JSON.parse(text)
    } catch {
      throw new Error(`The server answered with the status ${response.status}, but not with JSON.`)
    }
  }

  async function subscribe(params: FetcherParams, headers: TabHeaders, byHand: string | undefined) {
    await session.ready
    if (byHand === undefined && session.userId === null) {
      const words = visitorWords('subscription')
      reportSubscription(words, false)
      return failure(words)
    }
    const socketUrl = new URL(url, location.href)
    socketUrl.protocol = socketUrl.protocol.replace('http', 'ws')
    const { operationName, ...rest } = params
    const payload = { ...rest, ...(operationName ? { operationName } : {}) }
    const common = { session, url: socketUrl.href, payload, headers, byHand }
    return runSubscription({ ...common, report: reportSubscription })
  }

  async function run(params: FetcherParams, operation: Operation | undefined, headers: TabHeaders) {
    const byHand = authorizationByHand(headers)
    const usesSession = byHand === undefined && !(operation && isPublic(operation))
    if (usesSession) options.onTokenUse()
    const filled = { ...params, variables: await fillInSession(params.variables, session, byHand) }
    if (operation?.definition.operation === OperationTypeNode.SUBSCRIPTION) return subscribe(filled, headers, byHand)
    const { expectSignOut } = options
    const isMutation = operation?.definition.operation === OperationTypeNode.MUTATION
    const tokens = isMutation ? await watchTokens(session, operation, { byHand, expectSignOut }) : undefined
    const result = await post(filled, headers, usesSession ? withSession : fetch).catch(async (error: unknown) => {
      await tokens?.adopt(null)
      throw error
    })
    const isVisitor = usesSession && session.userId === null && session.endReason === null
    const isRefused = result?.errors?.[0]?.extensions?.code === 'UNAUTHENTICATED'
    const adopted = await tokens?.adopt(result?.data)
    notify(adopted ?? (isVisitor && isRefused ? visitorWords('operation') : null))
    return result
  }

  /** Reading the schema needs no token, and works while the session cannot be refreshed. */
  async function introspect(params: FetcherParams, headers: TabHeaders) {
    const result = await post(params, headers, fetch)
    const isRefused = !result?.data && result?.errors?.[0]?.extensions?.code === 'GRAPHQL_VALIDATION_FAILED'
    options.reportSchema(isRefused ? NO_SCHEMA : null)
    // Without `data`, GraphiQL would ask once more.
    return isRefused ? { data: null, ...failure(NO_SCHEMA) } : result
  }

  return async (given, { headers = {} } = {}) => {
    if (given.operationName === 'IntrospectionQuery') return introspect(given, headers)
    notify(null)
    reportSubscription(null, false)
    try {
      const params = withoutStaleName(given)
      return await run(params, readOperation(params.query, params.operationName, params.variables ?? {}), headers)
    } catch (error) {
      return failure(failureWords(error))
    }
  }
}

/** Fields that need no token: operations with only these never wait for one, also in fragments and with aliases. */
const PUBLIC_FIELDS = /^(login|register|refreshToken|logout|serverTime|__\w+)$/

const isPublic = (operation: Operation): boolean => rootFieldsOf(operation).every((name) => PUBLIC_FIELDS.test(name))

/** The schema has no `@defer` or `@stream`, so results are plain JSON with any HTTP status. */
const ACCEPT = 'application/graphql-response+json, application/json;q=0.9'

/**
 * GraphiQL updates the operation name with a delay after a change of tab or text; without this, a quick run would ask for
 * the previous operation.
 */
function withoutStaleName({ operationName, ...params }: FetcherParams): FetcherParams {
  return operationName && hasOperation(params.query, operationName) ? { ...params, operationName } : params
}

/** A result that says why there is none. GraphiQL would show a thrown error with its stack. */
const failure = (message: string) => ({ errors: [{ message }] })

function failureWords(error: unknown): string {
  if (error instanceof SessionEndedError) return `The session of this operation has ended. ${endWords(error.reason)}`
  if (error instanceof RefreshFailedError) return error.message
  if (isUnreachable(error)) return 'The server cannot be reached. Check that it is running, then try again.'
  return error instanceof Error ? error.message : String(error)
}

/** Browsers have different words for it. Any other `TypeError` is about a header that cannot be sent. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof TypeError && /^(Failed to fetch|Load failed|NetworkError\b.*)$/.test(error.message)
