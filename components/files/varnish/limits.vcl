# Limits requests of anonymous readers for histories, differences, old revisions and searches, so that these do not slow down pages:
# a rate for each client, and a few requests at a time for all of them together.
import vsthrottle;

sub costly {
	if (vsthrottle.is_denied(client.identity, 100, 10s)) {
		return (synth(429, "Too many requests at once: please wait a few seconds"));
	}
	set req.backend_hint = wiki_costly;
}
