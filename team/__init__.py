"""Members, their roles and limits, the policy, sign-in and the audit trail."""
