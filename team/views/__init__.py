"""The pages of `team`; allauth has those for sign-in."""
