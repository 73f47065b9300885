import { THIS_SESSION } from '../operations/fill-in-session.ts'
import { type Example, variables } from './example.ts'

/** What a signed-in user can do with their account. */
export const sessionExamples: Example[] = [
  {
    query: `# Returns the signed-in user. Sign in with the bar
# above, then run this with the button or
# Ctrl+Enter.
#
# No header is needed: this page adds the access
# token and refreshes it. An Authorization header
# that you write yourself takes its place.
#
# In an editor, Ctrl+M lets the Tab key leave it.
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
# devices. This cannot be undone.
mutation changePassword($currentPassword: String!, $newPassword: String!) {
  changePassword(currentPassword: $currentPassword, newPassword: $newPassword)
}
`,
    variables: variables({ currentPassword: '', newPassword: '' }),
  },
  {
    query: `# Signs out one device. This cannot be undone.
# Copy its id from the result of sessions.
#
# "${THIS_SESSION}" signs this page out.
mutation revokeSession($id: ID!) {
  revokeSession(id: $id)
}
`,
    variables: variables({ id: '' }),
  },
  {
    query: `# Signs out all other devices, and returns how
# many. This cannot be undone.
mutation revokeOtherSessions {
  revokeOtherSessions
}
`,
  },
]
