"""The pages and fragments of the catalogue. They never send a request to LegitSMS."""
