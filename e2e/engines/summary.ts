import type { FullConfig, Reporter, Suite, TestCase } from '@playwright/test/reporter'

/** Says which engines are missing and what the engines did with their caches; the last line is `N passed, N failed`. */
export default class Summary implements Reporter {
  #suite: Suite | undefined
  readonly #missing: readonly string[]

  constructor({ missing }: { missing: readonly string[] }) {
    this.#missing = missing
  }

  printsToStdio = (): boolean => true

  onBegin(_config: FullConfig, suite: Suite): void {
    this.#suite = suite
    for (const engine of this.#missing)
      print(`${engine} is not installed: its tests are skipped (CONTRIBUTING.md says how to install it).`)
  }

  onEnd(): void {
    const tests = this.#suite?.allTests() ?? []
    for (const test of tests) {
      for (const note of test.results.at(-1)?.annotations ?? []) {
        print(`${test.parent.project()?.name}: ${note.type} ${note.description} in "${test.title}"`)
      }
    }
    const count = (...outcomes: ReturnType<TestCase['outcome']>[]) =>
      tests.filter((test) => outcomes.includes(test.outcome())).length
    print(`${count('expected', 'flaky')} passed, ${count('unexpected')} failed`)
  }
}

const print = (line: string) => process.stdout.write(`${line}\n`)
