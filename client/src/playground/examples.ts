/** An operation in a tab of the editor. The tab is named after the operation. */
interface Example {
  query: string
  variables?: string
  headers?: string
}

const json = (value: object) => JSON.stringify(value, null, 2)

const GRANT_FIELDS = `{
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

/** A tour of the API: create an account, sign in, read the user, refresh the tokens, and subscribe to events. */
export const examples: [Example & { variables: string }, ...Example[]] = [
  {
    query: `# Creates an account and signs in.
# Choose a password in the variables below.
mutation register($input: RegisterInput!) {
  register(input: $input) ${GRANT_FIELDS}
}
`,
    variables: json({ input: { username: 'ada', email: 'ada@example.com', password: '', deviceName } }),
  },
  {
    query: `# Signs in. The password of the demo account was
# printed once, on the first start of the server.
mutation login($input: LoginInput!) {
  login(input: $input) ${GRANT_FIELDS}
}
`,
    variables: json({ input: { email: 'demo@example.com', password: '', deviceName } }),
  },
  {
    query: `# Returns the signed-in user.
# Paste the accessToken of login into the headers.
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
    query: `# Returns the next refresh token and a new access token.
# Paste the refreshToken of login into the variables.
mutation refreshToken($refreshToken: String) {
  refreshToken(refreshToken: $refreshToken) ${GRANT_FIELDS}
}
`,
    variables: json({ refreshToken: '<paste the refreshToken of login>' }),
  },
  {
    query: `# Reports security events of the account as they happen,
# for example a sign-in in another tab. Ends when the
# access token expires.
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
