import { copy, fill, type Tool } from './script-runner.ts'

type Environment = Record<string, unknown>
type Send = Parameters<Tool['start']>[0]

/** The header that users of Altair and Apollo Explorer type in. */
const HEADER = 'Bearer {{accessToken}}'

/** Apollo Explorer: a worker without globals. The environment is stored when the script has ended without an error. */
export function apolloExplorer(environment: Environment): Tool {
  return {
    name: 'apollo-explorer',
    environment,
    start(send) {
      const working = copy(environment)
      const explorer = Object.freeze({
        environment: {
          get: (key: string) => Object.freeze(working[key]),
          set(key: string, value: unknown) {
            working[key] = copy(value)
          },
        },
        async fetch(url: string, options: { method: string; headers: Record<string, string>; body: string }) {
          const { status, text } = await send({ url, ...options })
          return { status, body: text, json: () => JSON.parse(text) }
        },
      })
      return {
        globals: { explorer, console: {} },
        wrap: (script) => `(async () => { "use strict"; ${script};\n})()`,
        finish() {
          Object.assign(environment, working)
          return fill(HEADER, environment)
        },
      }
    },
  }
}

/** The Laboratory of GraphQL Hive: a web worker with `fetch`. The environment is stored like that of Apollo Explorer. */
export function hive(environment: Environment, answerPrompt: () => string | null = () => null): Tool {
  return {
    name: 'hive',
    environment,
    start(send) {
      const working = copy(environment)
      const headers = new Headers()
      const lab = Object.freeze({
        environment: {
          get: (key: string) => working[key],
          set(key: string, value: unknown) {
            working[key] = value
          },
          delete: (key: string) => delete working[key],
        },
        request: { headers },
        prompt: async () => answerPrompt(),
      })
      return {
        globals: { lab, fetch: workerFetch(send), console: {} },
        wrap: (script) => `(async function () { with (lab) {${script}} })()`,
        finish() {
          Object.assign(environment, copy(working))
          return headers.get('authorization') ?? undefined
        },
      }
    },
  }
}

const workerFetch =
  (send: Send) => async (url: string, options: { method: string; headers: Record<string, string>; body: string }) => {
    const { status, text } = await send({ url, ...options })
    return new Response(text, { status })
  }

/**
 * Altair: `request` is that of Angular's HttpClient, which sends and returns objects and rejects any status but 2xx. Values
 * that a script sets are for the request only; the storage remains.
 */
export function altair(environment: Environment): Tool {
  const storage = new Map<string, unknown>()
  return {
    name: 'altair',
    environment,
    start(send) {
      const data = { environment: copy(environment) }
      const helpers = {
        getEnvironment: (key: string) => data.environment[key],
        setEnvironment(key: string, value: unknown) {
          data.environment[key] = value
        },
        async request(method: string, url: string, { body, headers = {} }: { body: unknown; headers?: object }) {
          const json = { 'content-type': 'application/json' }
          const { status, text } = await send({
            url,
            method,
            headers: { ...json, ...headers },
            body: JSON.stringify(body),
          })
          if (status >= 300) throw new Error(`Http failure response for ${url}: ${status}`)
          return JSON.parse(text)
        },
      }
      return {
        globals: {
          altair: {
            ...{ data, helpers },
            storage: {
              get: async (key: string) => copy(storage.get(key) ?? null),
              set: async (key: string, value: unknown) => storage.set(key, copy(value)),
            },
          },
        },
        wrap: (script) => `(async () => {\n${script};\nreturn altair.data;\n})()`,
        finish: () => fill(HEADER, data.environment),
      }
    },
  }
}

interface PostmanRequest {
  readonly url: string
  readonly method: string
  readonly header: Record<string, string>
  readonly body: { readonly mode: 'raw'; readonly raw: string }
}

/** Insomnia and Postman describe requests alike. */
async function sendPostmanRequest(send: Send, { url, method, header, body }: PostmanRequest) {
  // Insomnia's sandbox waits for ever when it does not know the mode.
  if (body.mode !== 'raw') throw new Error(`Unknown mode ${body.mode}`)
  const { status, text } = await send({ url, method, headers: header, body: body.raw })
  return { code: status, text: () => text, json: () => JSON.parse(text) }
}

/** Insomnia: `sendRequest` calls back. The environment is stored when the script has ended without an error. */
export function insomnia(environment: Environment): Tool {
  return {
    name: 'insomnia',
    environment,
    start(send) {
      const working = new Map(Object.entries(copy(environment)))
      const headers = new Map<string, string>()
      const globals = {
        insomnia: {
          environment: {
            get: (key: string) => working.get(key),
            set: (key: string, value: unknown) => void working.set(key, value),
          },
          request: { upsertHeader: ({ key, value }: { key: string; value: string }) => void headers.set(key, value) },
          sendRequest(request: PostmanRequest, callback: (error?: unknown, response?: object) => void) {
            sendPostmanRequest(send, request).then(
              (response) => callback(undefined, response),
              (error) => callback(error),
            )
          },
        },
      }
      return {
        globals,
        wrap: (script) => `(async () => {\n${script}\n})()`,
        finish() {
          Object.assign(environment, copy(Object.fromEntries(working)))
          return headers.get('Authorization')
        },
      }
    },
  }
}

/** Postman: `sendRequest` returns a promise. Variables of an environment come back as text after a restart. */
export function postman(environment: Environment): Tool {
  return {
    name: 'postman',
    environment,
    start(send) {
      const headers = new Map<string, string>()
      const globals = {
        pm: {
          environment: {
            get: (key: string) => environment[key],
            set(key: string, value: unknown) {
              environment[key] = String(value)
            },
          },
          request: {
            headers: { upsert: ({ key, value }: { key: string; value: string }) => void headers.set(key, value) },
          },
          sendRequest: (request: PostmanRequest) => sendPostmanRequest(send, request),
        },
      }
      return {
        globals,
        wrap: (script) => `(async () => {\n${script}\n})()`,
        finish: () => headers.get('Authorization'),
      }
    },
  }
}
