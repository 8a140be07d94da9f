"""The API of LegitSMS: a client, and a sandbox to try it on."""
