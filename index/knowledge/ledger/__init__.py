"""The ledger over the claims: what is said by whom how often, what contradicts, what was promised and came, who was right.

Everything here is pure: from stored claims to answers.
"""
