/** An operation that waits in a tab; the tab bears the operation's name. */
interface Example {
  query: string
  variables?: string
  headers?: string
}

const json = (value: object) => JSON.stringify(value, null, 2)

const ANSWER = `{
    accessToken
    accessTokenExpiresIn
    refreshToken
    refreshTokenExpiresIn
    user {
      id
      username
      email
      role
    }
  }`

const deviceName = 'API playground'

/** The way through the API that a newcomer would go: make an account, sign in, ask who one is, go on after expiry, watch. */
export const examples: [Example & { variables: string }, ...Example[]] = [
  {
    query: `# Makes an account and signs it in.
# Choose a password in the variables below.
mutation register($input: RegisterInput!) {
  register(input: $input) ${ANSWER}
}
`,
    variables: json({ input: { username: 'ada', email: 'ada@example.com', password: '', deviceName } }),
  },
  {
    query: `# Signs in. The demo account's password was printed
# once, when the server started for the first time.
mutation login($input: LoginInput!) {
  login(input: $input) ${ANSWER}
}
`,
    variables: json({ input: { email: 'demo@example.com', password: '', deviceName } }),
  },
  {
    query: `# Says who is signed in.
# Put the accessToken of login into the headers.
query me {
  me {
    id
    username
    email
    role
    createdAt
  }
}
`,
    headers: json({ Authorization: 'Bearer <paste the accessToken of login>' }),
  },
  {
    query: `# Gives the next refresh token and a new access token.
# Put the refreshToken of login into the variables.
mutation refreshToken($refreshToken: String) {
  refreshToken(refreshToken: $refreshToken) ${ANSWER}
}
`,
    variables: json({ refreshToken: '<paste the refreshToken of login>' }),
  },
  {
    query: `# Tells what happens to the account while it runs:
# sign in in another tab, say. Ends with the access token.
subscription securityEvent {
  securityEvent {
    at
    type
    ipAddress
    session {
      deviceName
    }
  }
}
`,
    headers: json({ Authorization: 'Bearer <paste the accessToken of login>' }),
  },
]
