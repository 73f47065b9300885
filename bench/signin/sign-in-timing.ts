import { createTestClient, operations } from '../../server/test/support/test-client.ts'
import { medianOf, milliseconds, ratio } from '../measure/format.ts'
import { timeOf } from '../measure/operations-per-second.ts'
import type { RunOptions } from '../report/group.ts'
import type { Table } from '../report/section.ts'

/** Whether the time of an answer tells that an account exists. @see PROTOCOL.md S1 */
export async function signInTiming(url: string, email: string, { quick }: RunOptions): Promise<Table> {
  const { send } = createTestClient(url)
  const signIn = (address: string) =>
    timeOf(() => send(operations.login, { input: { email: address, password: 'a wrong password' } }))
  const [wrong, unknown]: [number[], number[]] = [[], []]
  for (let index = 0; index < (quick ? 5 : 40); index += 1) {
    wrong.push(await signIn(email))
    unknown.push(await signIn(`nobody-${index}@example.com`))
  }
  return {
    columns: ['', 'median', 'ratio'],
    rows: [
      ['wrong password', milliseconds(medianOf(wrong)), ''],
      ['unknown email', milliseconds(medianOf(unknown)), ratio(medianOf(unknown) / medianOf(wrong))],
    ],
  }
}
