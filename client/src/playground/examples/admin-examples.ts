import { type Example, variables } from './example.ts'

/** What admins can do. */
export const adminExamples: Example[] = [
  {
    query: `# Lists all users. Only admins may run it: sign in
# as admin@example.com. The server printed its
# password at the first start, and this sets a new
# one: npm run admin -- reset-password <email>
query users($first: Int, $after: String, $search: String) {
  users(first: $first, after: $after, search: $search) {
    edges {
      node {
        id
        username
        email
        role
        createdAt
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
    variables: variables({ first: 20, after: null, search: null }),
  },
  {
    query: `# Changes the role of a user, from their next
# request on. Only admins may run it. Copy the id
# from the result of users.
mutation setUserRole($userId: ID!, $role: Role!) {
  setUserRole(userId: $userId, role: $role) {
    id
    username
    role
  }
}
`,
    variables: variables({ userId: '', role: 'USER' }),
  },
  {
    query: `# Ends all sessions of a user, and returns how
# many. This cannot be undone. Only admins may run
# it.
mutation revokeUserSessions($userId: ID!) {
  revokeUserSessions(userId: $userId)
}
`,
    variables: variables({ userId: '' }),
  },
]
