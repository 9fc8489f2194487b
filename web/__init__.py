"""The web pages: server-rendered, no build step, work without JavaScript."""
