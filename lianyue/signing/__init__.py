"""Company signatures: a provider that makes them, and a verifier that needs no private key."""
