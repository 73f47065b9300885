import type { Session } from '../../index.ts'
import { sessionOfToken } from './session-of-token.ts'

/** A placeholder for the session's id in the variables of an operation, so that examples run without a copied id. */
export const THIS_SESSION = '<this session>'

/** Fills in the id of the session that the operation is sent with. Variables that do not ask for it stay as they are. */
export async function fillInSession<T>(variables: T, session: Session, byHand: string | undefined): Promise<T> {
  const text = JSON.stringify(variables ?? null)
  const placeholder = JSON.stringify(THIS_SESSION)
  if (!text.includes(placeholder)) return variables
  const token = byHand ?? (await session.getAccessToken())
  const id = sessionOfToken(token)
  return id === null ? variables : JSON.parse(text.replaceAll(placeholder, JSON.stringify(id)))
}
