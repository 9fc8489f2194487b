"""The composition root: command line, HTTP API, and the app that serves them together with the web pages."""
