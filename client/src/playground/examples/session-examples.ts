import { THIS_SESSION } from '../operations/this-session.ts'
import { type Example, variables } from './example.ts'

/** What a signed-in user can do with their account. */
export const sessionExamples: Example[] = [
  {
    query: `# Returns the signed-in user. Sign in with the bar
# above, then run this with the button or
# Ctrl+Enter.
#
# No header is needed: this page adds the access
# token and renews it. An Authorization header
# that you write yourself takes its place.
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
  },
  {
    query: `# Lists the devices where you are signed in. This
# one comes first.
query sessions {
  sessions {
    id
    current
    appId
    deviceName
    userAgent
    ipAddress
    createdAt
    lastSeenAt
    expiresAt
  }
}
`,
  },
  {
    query: `# Renames a device. "${THIS_SESSION}" stands for
# the id of the session of this page. Other ids
# are in the result of sessions.
mutation renameSession($id: ID!, $deviceName: String!) {
  renameSession(id: $id, deviceName: $deviceName) {
    id
    deviceName
  }
}
`,
    variables: variables({ id: THIS_SESSION, deviceName: 'My playground' }),
  },
  {
    query: `# The security log, newest first, in pages of 5.
# For the next page, set the variable after to the
# endCursor of this one.
query securityEvents($first: Int, $after: String) {
  securityEvents(first: $first, after: $after) {
    edges {
      node {
        at
        type
        reason
        ipAddress
        session {
          deviceName
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
    variables: variables({ first: 5, after: null }),
  },
  {
    query: `# Waits for new entries of the security log. To
# cause one, sign in elsewhere, as in a private
# window.
#
# It goes on when the access token expires: the
# page reconnects with the next one.
subscription securityEvent {
  securityEvent {
    at
    type
    reason
    ipAddress
    session {
      deviceName
    }
  }
}
`,
  },
  {
    query: `# Sets a new password, and signs out all other
# devices.
mutation changePassword($currentPassword: String!, $newPassword: String!) {
  changePassword(currentPassword: $currentPassword, newPassword: $newPassword)
}
`,
    variables: variables({ currentPassword: '', newPassword: '' }),
  },
  {
    query: `# Signs out all other devices, and returns how
# many.
mutation revokeOtherSessions {
  revokeOtherSessions
}
`,
  },
]

/** What admins can do. */
export const adminExamples: Example[] = [
  {
    query: `# Lists all users. Only admins may run it: sign in
# as admin@example.com. The server printed its
# password at the first start.
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
]
