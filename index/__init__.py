"""The kernel of Chipwire: store, knowledge, retrieval and digests. Imports none of the other packages."""
