# Strangers get histories, differences, old revisions and searches out of the way of those who read: each client at a pace, and all of
# them together a few at a time.
import vsthrottle;

sub costly {
	if (vsthrottle.is_denied(client.identity, 100, 10s)) {
		return (synth(429, "Too many requests at once: please wait a few seconds"));
	}
	set req.backend_hint = wiki_costly;
}
