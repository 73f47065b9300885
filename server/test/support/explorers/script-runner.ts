import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'

const folder = join(import.meta.dirname, '../../../../docs/explorers')

/** A request as a script describes it, whatever the tool calls its parts. */
export interface ScriptRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What the scripts of a tool may use, and how the tool applies their results. */
export interface ToolRun {
  /** The global variables, beside the ones of the language and the clock. */
  readonly globals: Readonly<Record<string, unknown>>
  /** The script as the tool wraps it: an expression whose value is a promise. */
  wrap(script: string): string
  /** Called when the script has ended without an error. @returns the value of the header `Authorization` */
  finish(): string | undefined
}

/** A tool with its environment, which outlives its scripts. */
export interface Tool {
  readonly name: string
  readonly environment: Record<string, unknown>
  /** Starts one run. Each script has its own copy of the environment. */
  start(send: (request: ScriptRequest) => Promise<{ status: number; text: string }>): ToolRun
}

/**
 * Runs the script of a tool in a context that has nothing but what the tool offers.
 * @returns runs it before an operation, and returns the header `Authorization` of that operation
 */
export function createScriptRunner(tool: Tool, nowMs: () => number) {
  const script = readFileSync(join(folder, `${tool.name}.js`), 'utf8')
  /** The mutations that the script has sent, in order. */
  const sent: string[] = []

  async function send({ url, method, headers, body }: ScriptRequest) {
    sent.push(/\b(login|refreshToken)\(/.exec(body)?.[1] ?? body)
    const response = await fetch(url, { method, headers, body })
    return { status: response.status, text: await response.text() }
  }

  async function run(): Promise<string | undefined> {
    const { globals, wrap, finish } = tool.start(send)
    const context = createContext({ ...globals })
    runInContext('globalThis.setNow = (now) => { Date.now = now }', context)
    context.setNow(nowMs)
    await runInContext(wrap(script), context)
    return finish()
  }
  return { run, sent, environment: tool.environment }
}

/** What passes between a script and its tool: plain JSON. */
export const copy = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value)))

/** The variables of an environment in a template, as tools write them. */
export const fill = (template: string, environment: Readonly<Record<string, unknown>>) =>
  template.replace(/\{\{(\w+)\}\}/g, (all, name) => String(environment[name] ?? all))
