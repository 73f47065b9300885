import { type Example, variables } from './example.ts'

const DEVICE_NAME = 'API playground'

const RESULT = `{
    accessToken
    accessTokenExpiresIn
    user {
      id
      username
      email
      role
    }
  }`

/** Ways in and out, and the clock. They need no session. */
export const accountExamples = (email: string): Example[] => [
  {
    query: `# Signs in, as the bar above does. This page
# notices it, and all tabs then run as this user.
#
# COOKIE keeps the refresh token in a cookie that
# scripts cannot read. With BODY, select
# refreshToken as well: your program has to keep
# it.
mutation login($input: LoginInput!) {
  login(input: $input) ${RESULT}
}
`,
    variables: variables({ input: { email, password: '', deviceName: DEVICE_NAME, tokenTransport: 'COOKIE' } }),
  },
  {
    query: `# Creates an account and signs in. Choose a
# password of at least 8 characters in the
# variables.
mutation register($input: RegisterInput!) {
  register(input: $input) ${RESULT}
}
`,
    variables: variables({
      input: {
        username: 'ada',
        email: 'ada@example.com',
        password: '',
        deviceName: DEVICE_NAME,
        tokenTransport: 'COOKIE',
      },
    }),
  },
  {
    query: `# Exchanges the refresh token for the next one and
# a new access token. It is in the cookie, so
# there is nothing to paste. This page does the
# same before a token expires.
#
# A program that keeps the token itself passes it
# as argument refreshToken, and selects the next
# one.
mutation refreshToken {
  refreshToken {
    accessToken
    accessTokenExpiresIn
    refreshTokenExpiresIn
    session {
      id
      expiresAt
    }
  }
}
`,
  },
  {
    query: `# Ends the session, here and in the account
# centre. Its tokens are refused from then on.
mutation logout {
  logout
}
`,
  },
  {
    query: `# Returns the server's clock. It needs no session,
# so it shows whether the API can be reached.
query serverTime {
  serverTime
}
`,
  },
]
